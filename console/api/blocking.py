"""Another program sees, fills and empties the block list, with the same refusals as `hotline block`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.orm import Session

from console.api.bearers import Asker, who_may
from console.api.forms import NewBlock
from console.api.problems import Refused, documented
from console.api.shown import Blocked
from models.calls import block_list
from models.calls.block_list import BlockedNumber
from models.states.people import May

router = APIRouter(prefix="/blocked", tags=["block list"])

Blocker = Annotated[Asker, who_may(May.BLOCK)]
Entry = Annotated[int, Path(ge=1, le=999_999_999, description="`entry` of the list", examples=[3])]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("", summary="Blocked numbers 屏蔽名单", responses=documented())
def blocked_numbers(asker: Blocker, limit: Limit = 100) -> list[Blocked]:
    """The longest blocked first, also those whose time is over."""
    asker.log("blocked numbers")
    read = asker.instance.store.read
    return read(lambda session: [_shown(asker, row) for row in block_list.newest(session, limit=limit)])


@router.post("", status_code=201, summary="Block a caller 屏蔽来电", responses=documented(409, 413))
def block(asker: Blocker, form: NewBlock) -> Blocked:
    """Never an emergency number, one of ours, or a mobile of the staff. One that is blocked already gets the new date
    and reason; without the right `personal` it gets a further entry, so that the answer does not say that it was."""
    asker.log("blocked numbers")
    instance = asker.instance

    def write(session: Session) -> Blocked:
        row = block_list.block(
            session,
            form.number,
            until=form.until,
            why=form.why,
            by=asker.who,
            at=asker.at,
            site=instance.site,
            policy=instance.policy,
            apart=not asker.shown.reveal,
        )
        return _shown(asker, row)

    return instance.store.write(write)


@router.delete("/{entry}", summary="Let a caller in again 解除屏蔽", responses=documented(404, 409))
def lift(asker: Blocker, entry: Entry) -> Blocked:
    """By its entry, so that nobody learns a masked number by trying; the entry stays in the list, and a further one of
    the same number goes on."""
    asker.log("blocked numbers")

    def write(session: Session) -> Blocked:
        row = block_list.lift_entry(session, entry, by=asker.who, at=asker.at)
        if row is None:
            raise Refused(404, "no-such-entry", f"there is no entry {entry}", f"屏蔽名单没有第 {entry} 条")
        return _shown(asker, row)

    return asker.instance.store.write(write)


def _shown(asker: Asker, row: BlockedNumber) -> Blocked:
    return Blocked(
        entry=row.id,
        number=asker.shown.number(row.number) or "",
        until=row.until,
        why=row.why,
        blocked_by=row.blocked_by,
        blocked_at=row.blocked_at,
        lifted_by=row.lifted_by,
        lifted_at=row.lifted_at,
    )
