"""`hotline import owners` imports the whole list, or nothing and names every wrong cell; `bans lift` ends a ban."""

from collections import Counter
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from hotline.terminal.refusals import NotDone
from models.clock import SystemClock
from models.errors import ConfigError
from models.people import bans, people
from models.people.owners_file import read_owners
from models.people.people import Imported


def import_owners(acting: Acting, file: Path) -> None:
    """Prints how many owners were added, updated, unchanged. Raises ConfigError, StoreUnavailable."""
    read = read_owners(file)
    if read.problems:
        raise ConfigError(problem for line in sorted(read.problems) for problem in read.problems[line])

    def write(session: Session) -> list[Imported]:
        return people.import_owners(session, read.rows, who=acting.who, at=SystemClock().now())

    done = Counter(one.outcome for one in acting.this.open_store().write(write))
    acting.print(
        f"新增 {done['added']},更新 {done['updated']},未变 {done['unchanged']}",
        f"{done['added']} added, {done['updated']} updated, {done['unchanged']} unchanged",
    )


def lift_ban(acting: Acting, address: str) -> None:
    """Ends the ban within two seconds. Raises NotDone without a ban, StoreUnavailable."""
    if not acting.this.open_store().write(bans.lift, address, by=acting.who, at=SystemClock().now()):
        raise NotDone(acting.words(f"{address} 未被封禁", f"{address} is not banned"))
    acting.print(f"{address} 已解除封禁", f"{address} is no longer banned")
