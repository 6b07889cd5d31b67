"""The sections of a report in the order in which they are read."""

from models.reports.figures import Section
from models.reports.sections.agents import AGENTS
from models.reports.sections.calls import CALLS
from models.reports.sections.causes import CAUSES
from models.reports.sections.departments import DEPARTMENTS
from models.reports.sections.line import LINE
from models.reports.sections.owed import OWED
from models.reports.sections.promises import PROMISES
from models.reports.sections.quality import QUALITY, QUALITY_OF_DEPARTMENTS
from models.reports.sections.rates import RATES
from models.reports.sections.satisfaction import SATISFACTION
from models.reports.sections.talks import TALKS
from models.reports.sections.tickets import CLOCKS, TICKETS
from models.reports.sections.transfers import TRANSFERS
from models.reports.sections.waiting import WAITING

SECTIONS: tuple[Section, ...] = (
    CALLS,
    WAITING,
    OWED,
    TICKETS,
    CLOCKS,
    PROMISES,
    RATES,
    SATISFACTION,
    CAUSES,
    AGENTS,
    DEPARTMENTS,
    QUALITY,
    QUALITY_OF_DEPARTMENTS,
    TRANSFERS,
    TALKS,
    LINE,
)
