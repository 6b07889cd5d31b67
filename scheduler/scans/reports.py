"""After the end of a period its report is made, put into its folder and mailed, once (R01-1, R03-5, R06-5).

The row comes first; files are replaced whole; the row notes the hand-over of the mail before it happens. After a crash
the next scan makes the report again, or, if the crash came during the hand-over, notes that it may have arrived.
"""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from sqlalchemy.orm import Session

from models.database.store import StoreUnavailable
from models.instance.secrets import Secrets
from models.reports import files, runs, wording
from models.reports.period import Period
from models.reports.report import Report, make
from models.reports.runs import ReportClaim
from models.states.reports import ReportState
from scheduler import mail
from scheduler.scope import Scope

LEASE = timedelta(minutes=10)
_TYPES = {
    ".xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".csv": ("text", "csv"),
}


def reports(scope: Scope) -> int:
    """Returns how many reports it has made. Raises StoreUnavailable."""
    now = scope.clock.now()
    for kind in scope.policy.reports.kinds:
        period = Period.last_complete(kind, now, scope.site.time_zone)
        if now.astimezone(period.zone) >= datetime.combine(period.after, scope.policy.reports.not_before, period.zone):
            scope.store.write(runs.plan, period, at=now)
    made = 0
    while scope.store.read(runs.any_due, at=now):
        for name in scope.store.write(runs.give_up_broken_off, at=now):
            scope.report(f"report {name}", runs.BROKE_OFF)
        claim = scope.store.write(runs.claim, at=now, until=now + LEASE)
        if claim is None:
            break
        made += _one(scope, claim, now)
    return made


def _one(scope: Scope, claim: ReportClaim, now: datetime) -> bool:
    """One report, from the first figure to the mail server's answer; its failure holds up no other."""
    recipients = scope.site.reports.to
    try:
        report = _made(scope, claim, now)
        folder = Path(scope.site.reports.folder or scope.home.reports)
        site = (scope.site.name_zh, scope.site.name_en)
        paths = files.write(folder, report, scope.policy.reports.formats, site, scope.site.language)
        if not recipients:
            return scope.store.write(runs.move, claim, to=ReportState.FILED, at=now)
        letter = _letter(scope, claim, report, paths)
        password = Secrets.load_or_create(scope.home, scope.site).mail
    except StoreUnavailable:
        raise
    except Exception as error:
        _later(scope, claim, now, str(error) or type(error).__name__)
        return False
    try:
        refused = mail.deliver(
            scope.site.mail,
            password,
            letter,
            recipients,
            handing_over=lambda: scope.store.write(runs.move, claim, to=ReportState.SENDING, at=now),
        )
    except mail.NotTaken as error:
        _later(scope, claim, now, str(error))
        return False
    except mail.MayHaveArrived as error:
        scope.store.write(runs.move, claim, to=ReportState.UNCERTAIN, at=now, error=str(error))
        scope.report(f"report {claim.period}", f"may have been sent: {error}")
        return True
    if refused:
        scope.report(f"report {claim.period}", "; ".join(refused))
    scope.store.write(runs.move, claim, to=ReportState.SENT, at=now, error="; ".join(refused))
    return True


def _made(scope: Scope, claim: ReportClaim, now: datetime) -> Report:
    period = Period.parse(claim.kind, claim.period, scope.site.time_zone)

    def read(session: Session) -> Report:
        return make(session, period, policy=scope.policy, at=now)

    return scope.store.read(read)


def _later(scope: Scope, claim: ReportClaim, now: datetime, error: str) -> None:
    """Plans the next try, or gives up after the policy's number of tries."""
    policy = scope.policy.reports
    scope.report(f"report {claim.period}", error)
    if claim.tries >= policy.tries:
        scope.store.write(runs.move, claim, to=ReportState.FAILED, at=now, error=error)
        return
    after = now + timedelta(minutes=policy.retry_minutes)
    scope.store.write(runs.move, claim, to=ReportState.DUE, at=now, error=error, retry_at=after)


def _letter(scope: Scope, claim: ReportClaim, report: Report, paths: list[Path]) -> EmailMessage:
    """The mail: the most important figures as text, all figures as files; the same report always has the same id."""
    site, language = (scope.site.name_zh, scope.site.name_en), scope.site.language
    letter = EmailMessage()
    letter["Subject"] = wording.title(report, site, language)
    letter["From"] = scope.site.mail.sender
    letter["To"] = ", ".join(scope.site.reports.to)
    letter["Date"] = format_datetime(report.made_at)
    domain = scope.site.mail.sender.rpartition("@")[2]
    letter["Message-ID"] = f"<report-{claim.kind}-{claim.period}.{scope.site.node}@{domain}>"
    # So that no holiday notice comes back.
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(
        "\n".join(
            (
                wording.title(report, site, language),
                wording.made(report, language),
                "",
                *wording.headline(report, language),
            )
        )
    )
    for path in paths:
        main, sub = _TYPES[path.suffix]
        letter.add_attachment(path.read_bytes(), maintype=main, subtype=sub, filename=path.name)
    return letter
