"""How a browser comes to trust the console: the authority that was made here is imported once on each device."""

from typing import Annotated

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse

from console.pages.rendering import page
from console.pages.visitor import Visitor, anybody
from models.instance import tls

router = APIRouter(prefix="/trust")


@router.get("")
def explained(visitor: Annotated[Visitor, anybody()]) -> Response:
    ours = _has_authority(visitor)
    shown = tls.fingerprint(tls.authority(visitor.instance.home)) if ours else ""
    return page(visitor, "accounts/trust.html", ours=ours, fingerprint=shown)


@router.get("/hotline-authority.crt")
def authority(visitor: Annotated[Visitor, anybody()]) -> Response:
    if not _has_authority(visitor):
        raise HTTPException(404)
    return FileResponse(tls.authority(visitor.instance.home), media_type="application/x-x509-ca-cert")


def _has_authority(visitor: Visitor) -> bool:
    """Whether browsers see a certificate of the authority that was made here."""
    site = visitor.instance.site
    return site.console.over_tls and not site.sip.certificate and tls.authority(visitor.instance.home).exists()
