"""A report counts every section for a period and for the one before it."""

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
    """One section of a report."""

    section: Section
    now: Rows
    before: Rows

    def subjects(self) -> list[str]:
        """The subjects of this period and of the one before."""
        return sorted({*self.now, *self.before})

    def value(self, subject: str, figure: Figure) -> Number:
        return self.now.get(subject, zero(self.section.figures)).get(figure.key)

    def value_before(self, subject: str, figure: Figure) -> Number:
        return self.before.get(subject, zero(self.section.figures)).get(figure.key)

    def change(self, subject: str, figure: Figure) -> Number:
        """This period minus the previous one, of shares in points. None when one of them is unknown."""
        now, before = self.value(subject, figure), self.value_before(subject, figure)
        return None if now is None or before is None else now - before


@dataclass(frozen=True)
class Names:
    """Names of staff by number, and of groups in Chinese and English."""

    staff: Mapping[str, str]
    groups: Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Report:
    """`made_at` is the moment of counting, `policy_version` the policy used."""

    period: Period
    made_at: datetime
    policy_version: str
    sections: list[Counted]
    names: Names

    def section(self, key: str) -> Counted:
        """Raises KeyError for no such section."""
        for counted in self.sections:
            if counted.section.key == key:
                return counted
        raise KeyError(key)

    def lines(self) -> Iterator[tuple[Counted, str, Figure]]:
        """Every figure: section, subject, figure."""
        for counted in self.sections:
            for subject in counted.subjects():
                for figure in counted.section.figures:
                    yield counted, subject, figure


def make(session: Session, period: Period, *, policy: Policy, at: datetime) -> Report:
    """Counts the period and the one before it.

    It reads only rows of these two periods and the lists of staff and groups. No customer's name or number is in a
    report (R05-9).
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
