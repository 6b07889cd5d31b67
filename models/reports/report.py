"""A report: every section counted for a period and for the one before it, with what its numbers mean."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.policy import Policy
from models.reports.figures import Figure, Number, Rows, Section, zero
from models.reports.material import Material
from models.reports.period import Period
from models.reports.sections import SECTIONS
from models.tables import Group, Staff


@dataclass(frozen=True)
class Counted:
    """One section of one report."""

    section: Section
    now: Rows
    before: Rows

    def subjects(self) -> list[str]:
        """Whoever is in this period or the one before."""
        return sorted({*self.now, *self.before})

    def value(self, subject: str, figure: Figure) -> Number:
        return self.now.get(subject, zero(self.section.figures)).get(figure.key)

    def value_before(self, subject: str, figure: Figure) -> Number:
        return self.before.get(subject, zero(self.section.figures)).get(figure.key)

    def change(self, subject: str, figure: Figure) -> Number:
        """This period's minus the last one's; of shares in points. None where one of them can't be told."""
        now, before = self.value(subject, figure), self.value_before(subject, figure)
        return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Names:
    """What people and departments are called: staff by number, groups by name in Chinese and English."""

    staff: Mapping[str, str]
    groups: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Report:
    """`made_at` is when it was counted, by the policy of this version."""

    period: Period
    made_at: datetime
    policy_version: str
    sections: list[Counted]
    names: Names

    def section(self, key: str) -> Counted:
        """Raises KeyError for no section."""
        for counted in self.sections:
            if counted.section.key == key:
                return counted
        raise KeyError(key)

    def lines(self) -> Iterator[tuple[Counted, str, Figure]]:
        """Every number of it: section, subject, figure."""
        for counted in self.sections:
            for subject in counted.subjects():
                for figure in counted.section.figures:
                    yield counted, subject, figure


def make(session: Session, period: Period, *, policy: Policy, at: datetime) -> Report:
    """Counts the period, and the one before it in the same way.

    It reads the rows of these two periods, and the lists of staff and groups; nothing of the history before. No
    customer's name or number is in it (R05-9).
    """
    now, before = (Material(session, one, policy, at) for one in (period, period.before))
    return Report(
        period=period,
        made_at=at,
        policy_version=policy.version,
        sections=[Counted(section, section.count(now), section.count(before)) for section in SECTIONS],
        names=Names(
            dict(session.execute(select(Staff.number, Staff.name)).all()),
            {group.name: (group.zh, group.en) for group in session.scalars(select(Group))},
        ),
    )
