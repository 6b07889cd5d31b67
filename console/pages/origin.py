"""A form or a stream is answered only for our own pages: another site cannot make a signed-in browser act."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from console.live.streams import PATH as STREAM

_READING = ("GET", "HEAD", "OPTIONS")
_REFUSED = (
    "This did not come from a page of this console: open its page again. A reverse proxy must keep the header Host.\n"
    "请求不是由本控制台的页面发出：请重新打开页面。反向代理须原样转发 Host 请求头。\n"
)


class OwnOrigin:
    """Every request that changes something names our own origin (RFC 6454), and no stream goes to another one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_ours(scope):
            return await PlainTextResponse(_REFUSED, 403)(scope, receive, send)
        await self.app(scope, receive, send)


def _is_ours(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    origin, host = headers.get("origin"), headers.get("host", "")
    if scope["method"] in _READING:
        if not scope["path"].startswith(STREAM):
            return True
        if origin is None:
            # Browsers name no origin when a page reads from its own; then this header says it (Fetch Metadata).
            return headers.get("sec-fetch-site", "same-origin") == "same-origin"
    return origin is not None and _host(origin) == host.lower() != ""


def _host(origin: str) -> str:
    """With its port; empty for what is no address."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
