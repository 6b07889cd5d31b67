"""GET /live: one stream of server-sent events for a browser, with every board that any of its tabs watches."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response, StreamingResponse

from console.live.boards import Audience, Board
from console.live.hub import Hub, Watched
from console.live.registry import BOARDS
from console.live.streams import PATH, Stream
from console.pages.visitor import Visitor, may, still_signed_in
from models.language import language_of
from models.people.rights import Right

MOST_BOARDS, LONGEST_WATCHED = 24, 6000
_CLOSED = Board("closed", Right.CALLS, "live/closed.html", lambda *_: {})
"""In the place of a board that is not there, or not for this visitor: it must not cost the other tabs their stream."""

router = APIRouter()


@router.get(PATH)
async def live(
    request: Request,
    visitor: Annotated[Visitor, may(Right.CALLS, by_itself=True)],
    who: Annotated[str, Query(max_length=40)],
    watch: Annotated[str, Query(max_length=LONGEST_WATCHED)],
) -> Response:
    """`watch`: boards with commas between, `calls,rooms?12`. `who`: for whom the page was made (`Visitor.key`).

    The language is that of the page. 409 when the browser is somebody else's now, 503 when there are as many streams
    as may be.
    """
    hub: Hub = request.app.state.live
    visitor = replace(visitor, language=language_of(who[-2:]))
    if who != visitor.key:
        return Response(
            visitor.words("此页面属于另一次登录，请刷新", "this page is of another sign-in: reload it"), 409
        )
    if hub.streams >= visitor.instance.policy.console.streams:
        return Response(visitor.words("连接过多，请稍后再试", "too many streams: try again soon"), 503)
    stream = Stream(visitor.signed_in.sign_in, lambda session, at: still_signed_in(session, request, visitor, at))
    return StreamingResponse(
        _events(hub, stream, list(_watched(visitor, watch))),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _events(hub: Hub, stream: Stream, watched: list[Watched]) -> AsyncIterator[bytes]:
    with hub.watching(stream, watched):
        async for one in stream:
            yield one


def _watched(visitor: Visitor, asked: str) -> Iterator[Watched]:
    for key in sorted(set(asked.split(",")))[:MOST_BOARDS]:
        name, _, argument = key.partition("?")
        board = BOARDS.get(name)
        if board is None or board.right not in visitor.rights:
            yield key, _CLOSED, Audience(visitor.language)
        else:
            yield key, board, board.audience(visitor, argument)
