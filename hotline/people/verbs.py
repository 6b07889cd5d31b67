"""`hotline import owners`: imports the whole list, or nothing and names every wrong cell."""

from collections import Counter
from pathlib import Path

from sqlalchemy.orm import Session

from hotline.terminal.acting import Acting
from models.clock import SystemClock
from models.errors import ConfigError
from models.people import people
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
