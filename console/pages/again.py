"""A page of ours as the answer to a form: with what was typed in it, or with whole names and numbers."""

from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from fastapi import Request, Response
from starlette.datastructures import UploadFile
from starlette.types import Message

from console.live.streams import PATH as STREAM

PAGE = "page"
"""The hidden field of every form: the page that it stands on. Another, `form`, has its name on that page."""
_OF_A_BODY = (b"content-length", b"content-type", b"transfer-encoding")


def split(address: str) -> SplitResult:
    """Its parts; none of what is no address."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


async def typed_in(request: Request) -> dict[str, str]:
    """The fields of the form by name, without its files; several of one name with commas between."""
    form = await request.form()
    fields = {name: [value for value in form.getlist(name) if not isinstance(value, UploadFile)] for name in form}
    return {name: ", ".join(values) for name, values in fields.items() if values}


def is_ours(path: str) -> bool:
    """Whether it is the address of a page here; a stream has no end, and is none."""
    target = split(path)
    elsewhere = target.scheme or target.netloc or not target.path.startswith("/") or path.startswith("/\\")
    return not elsewhere and path.isprintable() and not target.path.startswith((STREAM, "/static/"))


async def shown_again(request: Request, path: str, status: int, *, cookie: str | None = None, **state: Any) -> Response:
    """Another page of ours as the answer to this request, with `state` for its visitor; `cookie` instead of those that
    the browser has sent."""
    target = split(path if is_ours(path) else "/")
    scope = {name: request.scope[name] for name in ("type", "http_version", "scheme", "server", "client")}
    # Those of the form: this request has no body.
    headers = [(name, value) for name, value in request.scope["headers"] if name not in _OF_A_BODY]
    if cookie is not None:
        headers = [(name, value) for name, value in headers if name != b"cookie"] + [(b"cookie", cookie.encode())]
    scope |= {
        "method": "GET",
        "headers": headers,
        "root_path": "",
        "path": target.path,
        "raw_path": quote(target.path).encode(),
        "query_string": target.query.encode(),
        "state": state,
    }
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await request.app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in messages)
    answered = messages[0]["status"]
    response = Response(body, status if answered == 200 else answered)
    response.raw_headers = [(name, value) for name, value in messages[0]["headers"] if name != b"content-length"]
    response.headers["content-length"] = str(len(body))
    return response
