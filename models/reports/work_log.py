"""The day of one of the staff: the figures of the report for this person, and what he or she wrote (R07-3, R11-3)."""

from datetime import date, datetime, tzinfo

from sqlalchemy.orm import Session

from models.errors import MoveRefused
from models.policy import Policy
from models.reports.figures import Row, zero
from models.reports.material import Material
from models.reports.period import Period, PeriodKind
from models.reports.sections.agents import AGENTS
from models.tables import WorkSummary
from models.text.signs import written


def figures(session: Session, staff_number: str, day: date, *, zone: tzinfo, policy: Policy, at: datetime) -> Row:
    """As the report of that day has them, until now."""
    material = Material(session, Period.around(PeriodKind.DAY, day, zone), policy, at)
    return AGENTS.count(material).get(staff_number) or zero(AGENTS.figures)


def summary(session: Session, staff_number: str, day: date) -> WorkSummary | None:
    """What the person has written about this day."""
    return session.get(WorkSummary, (staff_number, day))


def summarise(session: Session, staff_number: str, day: date, text: str, *, at: datetime) -> None:
    """Writes or corrects what the person says about this day. Raises MoveRefused without words."""
    text = written(text)
    if not text:
        raise MoveRefused("say what is to be written", "请写明内容")
    session.merge(WorkSummary(staff_number=staff_number, day=day, text=text, at=at))
