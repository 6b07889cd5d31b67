"""A change of a settings file is proposed by one administrator and approved by another; alone, with a reason."""

import json
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.database.changes import change
from models.errors import MoveRefused
from models.instance import edits, errands
from models.instance.edit_words import key_in_words
from models.instance.edits import Edit
from models.instance.errands import ErrandKind
from models.instance.home import Home
from models.people import access_log, accounts
from models.states.administration import ChangeState
from models.tables import SettingsChange
from models.text import signs

__all__ = ["ChangeState", "SettingsChange"]


class ChangeRefused(MoveRefused):
    """The text says why."""


def propose(session: Session, home: Home, edit: Edit, *, why: str, by: str, at: datetime) -> SettingsChange:
    """Raises EditRefused when the file would be wrong, ChangeRefused without a reason, or while another change of the
    same value waits."""
    why = signs.written(why)
    if not why:
        raise ChangeRefused("say why", "请写明修改原因")
    edits.check(home, edit)
    open_ones = (ChangeState.PROPOSED, ChangeState.APPROVED)
    same = (SettingsChange.file == edit.file, SettingsChange.key == edit.key, SettingsChange.state.in_(open_ones))
    if session.scalar(select(SettingsChange.id).where(*same)) is not None:
        en, zh = key_in_words(edit.key)
        raise ChangeRefused(f"a change of {en} waits already: decide it first", f"{zh}已有待批修改，请先处理")
    row = SettingsChange(
        file=edit.file,
        key=edit.key,
        before=edits.in_json(edits.present(home, edit.file, edit.key)),
        after=edits.in_json(edit.value),
        why=why,
        proposed_by=by,
        proposed_at=at,
    )
    session.add(row)
    access_log.log(session, who=by, what="settings change proposed", subject=f"{edit.file} {edit.key}", at=at)
    return row


def approve(session: Session, change_id: int, *, by: str, note: str, at: datetime) -> SettingsChange:
    """The supervisor writes it now. Raises ChangeRefused for who may not, or when it is decided already."""
    row = _proposed(session, change_id)
    if row.proposed_by == by:
        others = [number for number in accounts.administrators(session) if number != by]
        if others:
            who = ", ".join(others)
            raise ChangeRefused(f"another administrator approves it: {who}", f"须由另一位管理员批准：{who}")
        if not signs.written(note):
            raise ChangeRefused(
                "you are the only administrator: say why nobody else approves it",
                "您是唯一的管理员：请写明为何由本人批准",
            )
    _decide(session, row, ChangeState.APPROVED, by=by, note=note, at=at)
    errands.ask(session, ErrandKind.CHANGE, str(row.id), by=by, at=at)
    return row


def turn_down(session: Session, change_id: int, *, by: str, note: str, at: datetime) -> SettingsChange:
    """Who has proposed it may take it back, too. Raises ChangeRefused."""
    row = _proposed(session, change_id)
    _decide(session, row, ChangeState.TURNED_DOWN, by=by, note=note, at=at)
    return row


def written(session: Session, change_id: int, refused: MoveRefused | None, *, at: datetime) -> None:
    """What became of an approved change."""
    ended = {
        "state": ChangeState.NOT_WRITTEN if refused else ChangeState.WRITTEN,
        "ended_at": at,
        "refusal": f"{refused.en}\n{refused.zh}" if refused else None,
    }
    approved = update(SettingsChange).where(
        SettingsChange.id == change_id, SettingsChange.state == ChangeState.APPROVED
    )
    change(session, approved.values(**ended))


def edit_of(home: Home, row: SettingsChange) -> Edit:
    """Raises ChangeRefused when the value is no longer the one that it was when the change was proposed."""
    if edits.in_json(edits.present(home, row.file, row.key)) != row.before:
        en, zh = key_in_words(row.key)
        raise ChangeRefused(
            f"{en} has been changed in the file meanwhile: propose it again", f"{zh}在文件中已另有改动，请重新提出"
        )
    return Edit(row.file, row.key, None if row.after is None else json.loads(row.after))


def newest(session: Session, *, limit: int) -> list[SettingsChange]:
    return list(session.scalars(select(SettingsChange).order_by(SettingsChange.id.desc()).limit(limit)))


def proposed(session: Session) -> list[SettingsChange]:
    """Those to be decided, the oldest first."""
    mine = select(SettingsChange).where(SettingsChange.state == ChangeState.PROPOSED)
    return list(session.scalars(mine.order_by(SettingsChange.id)))


def find(session: Session, change_id: int) -> SettingsChange:
    """Raises ChangeRefused when there is none."""
    row = session.get(SettingsChange, change_id)
    if row is None:
        raise ChangeRefused("there is no such change", "没有这项修改")
    return row


def _proposed(session: Session, change_id: int) -> SettingsChange:
    row = find(session, change_id)
    if row.state is not ChangeState.PROPOSED:
        raise ChangeRefused("it has been decided already", "这项修改已有决定")
    return row


def _decide(session: Session, row: SettingsChange, state: ChangeState, *, by: str, note: str, at: datetime) -> None:
    decided = {"state": state, "decided_by": by, "decided_at": at, "note": signs.written(note) or None}
    if state is ChangeState.TURNED_DOWN:
        decided["ended_at"] = at
    still = update(SettingsChange).where(SettingsChange.id == row.id, SettingsChange.state == ChangeState.PROPOSED)
    if not change(session, still.values(**decided)):
        raise ChangeRefused("it has been decided already", "这项修改已有决定")
    what = f"settings change {'approved' if state is ChangeState.APPROVED else 'turned down'}"
    access_log.log(session, who=by, what=what, subject=f"{row.file} {row.key}", at=at)
    session.refresh(row)
