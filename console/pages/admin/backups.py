"""Copies of the database: which there are, and one more now."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Response

from console.pages.admin import errand
from console.pages.rendering import page
from console.pages.visitor import Visitor, may
from models.instance import backups, errands
from models.instance.errands import ErrandKind
from models.people.rights import Right

router = APIRouter(prefix="/admin/backups")
_WITHIN_S = 10.0

Admin = Annotated[Visitor, may(Right.ADMINISTER)]


@router.get("")
def listed(visitor: Admin) -> Response:
    found = [(file.name, file.stat()) for file in backups.copies(visitor.instance.home)]
    copies = [(name, datetime.fromtimestamp(one.st_mtime, UTC), one.st_size / 1e6) for name, one in found]
    latest = visitor.read(errands.latest, ErrandKind.BACKUP)
    return page(visitor, "admin/backups.html", copies=copies, latest=latest, policy=visitor.instance.policy.backup)


@router.post("")
def make(visitor: Admin) -> Response:
    if errand.done(visitor, ErrandKind.BACKUP, within_s=_WITHIN_S) is None:
        return visitor.done("/admin/backups", "正在备份，请稍后刷新", "the copy is being made: look again in a while")
    return visitor.done("/admin/backups", "已备份", "copied")
