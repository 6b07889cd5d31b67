"""`hotline backup` copies the database, `hotline reload` takes changed settings into use, while the service runs."""

import time

from hotline.terminal import signed_in
from hotline.terminal.acting import Acting
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import NotDone
from models.clock import SystemClock
from models.errors import MoveRefused
from models.instance import errands, serving
from models.instance.backups import place
from models.instance.errands import ErrandKind
from models.instance.rights import started_by_root
from models.people.rights import Right
from models.text.wording import say
from scheduler.scans.backup import make

_RELOAD_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.5


def back_up(this: Opened) -> None:
    """Replaces today's copy once the new one is complete. Raises BackupFailed."""
    this.open_store().close()
    target = place(this.home, this.site, SystemClock().now())
    make(this.home, this.site, target)
    size = target.stat().st_size / 1e6
    print(say(f"已备份到 {target}（{size:.1f} MB）", f"copied to {target} ({size:.1f} MB)", this.language))


def take_into_use(acting: Acting) -> None:
    """Asks the supervisor and waits. Raises NotDone for who may not, or when it does not run or answer; MoveRefused
    with what is wrong with the files."""
    this, at = acting.this, SystemClock().now()
    here = signed_in.person(this, at=at)
    if not started_by_root() and (here is None or Right.ADMINISTER not in here.rights):
        raise NotDone(
            acting.words(
                "只有 root 或已登录的管理员可以让设置生效：先用 .venv/bin/hotline login 登录",
                "only root, or an administrator who is signed in (`.venv/bin/hotline login`), takes settings into use",
            )
        )
    if serving.running(this.home) is None:
        raise NotDone(
            acting.words(
                "服务未运行：启动（make run）时即采用新设置",
                "the service does not run: its start (`make run`) takes them",
            )
        )
    store = this.open_store()
    asked = store.write(lambda session: errands.ask(session, ErrandKind.RELOAD, by=acting.who[:20], at=at).id)
    ends = time.monotonic() + _RELOAD_WITHIN_S
    while (found := store.read(errands.find, asked)).ended_at is None:
        if time.monotonic() > ends:
            raise NotDone(
                acting.words("后台未响应，请看 .venv/bin/hotline status", "no answer: see `.venv/bin/hotline status`")
            )
        time.sleep(_LOOK_EVERY_S)
    if found.refusal:
        en, _, zh = found.refusal.partition("\n")
        raise MoveRefused(en, zh or en)
    acting.print("设置已生效", "the settings are in use")
