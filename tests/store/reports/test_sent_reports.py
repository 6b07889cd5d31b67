"""The scheduler sends each report once, tries again while the mail server refuses it, and never sends it twice."""

import csv
import io
import ssl
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models.database.store import Store
from models.instance.home import Home
from models.instance.secrets import Secrets
from models.reports import runs
from models.reports.runs import ReportRun
from models.site import Site
from models.site.mail import Mail, ReportsSettings
from models.states.reports import PeriodKind, ReportState
from models.tables import Call
from scheduler import mail
from scheduler.scans.reports import LEASE, reports
from scheduler.scope import Scope
from tests.store.conftest import HeldClock
from tests.store.database import test_killed_scans
from tests.store.reports.mailbox import PASSWORD, Mailbox, Server, authenticate, certificate, serve

pytestmark = pytest.mark.store

kills = test_killed_scans.kills
FEBRUARY_IS_OVER = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)
"""07:30 on the first of March in Shanghai."""
MANAGER, OFFICE = "manager@example.com", "office@example.com"


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    key, cert = certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context, cert


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Server]:
    """A server without TLS, as on the same machine."""
    server = serve(mailbox)
    yield server
    server.stop()


@pytest.fixture
def office(scope: Scope, clock: HeldClock, begin_call: Callable[..., Call]) -> Scope:
    """A scope of March; one call came in February."""
    begin_call(at=datetime(2026, 2, 10, 3, tzinfo=UTC))
    clock.moment = FEBRUARY_IS_OVER
    return scope


def with_mail(scope: Scope, *to: str, **how: Any) -> Scope:
    server = {"host": "localhost", "sender": "hotline@example.com", "security": "none", **how}
    parts = {"reports": ReportsSettings(to=list(to)), "mail": Mail(**server)}
    return replace(scope, site=scope.site.model_copy(update=parts))


def kept(scope: Scope) -> list[ReportRun]:
    return sorted(scope.store.read(runs.recent, limit=100), key=lambda run: run.id)


def states(scope: Scope) -> list[tuple[str, ReportState]]:
    return [(run.period, run.state) for run in kept(scope)]


def test_the_report_of_an_ended_month_is_filed_at_its_time(office: Scope, clock: HeldClock) -> None:
    """R01-1, R03-5, R06-5: xlsx and csv; mail is off as delivered."""
    clock.forward(seconds=-1)
    assert reports(office) == 0
    clock.forward(seconds=1)
    assert reports(office) == 1
    assert reports(office) == 0
    assert states(office) == [("2026-02", ReportState.FILED)]
    files = sorted(office.home.reports.iterdir())
    assert [file.name for file in files] == ["hotline-2026-02.csv", "hotline-2026-02.xlsx"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    rows = list(csv.DictReader(io.StringIO(files[0].read_text(encoding="utf-8-sig"))))
    (incoming,) = [row for row in rows if row["代号"] == "calls.calls"]
    assert (incoming["期间"], incoming["数值"], incoming["上期"]) == ("2026-02", "1", "0")


def test_the_report_of_a_quarter_is_filed_with_that_of_its_last_month(office: Scope, clock: HeldClock) -> None:
    clock.moment = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
    assert reports(office) == 2
    assert states(office) == [("2026-03", ReportState.FILED), ("2026Q1", ReportState.FILED)]


def test_a_period_before_the_first_call_has_no_report(scope: Scope, clock: HeldClock) -> None:
    clock.moment = FEBRUARY_IS_OVER
    assert reports(scope) == 0
    assert kept(scope) == []


def test_the_mail_has_the_figures_and_both_files(office: Scope, mailbox: Mailbox, server: Server) -> None:
    scope = with_mail(office, MANAGER, OFFICE, port=server.port)
    assert reports(scope) == 1
    assert states(scope) == [("2026-02", ReportState.SENT)]
    (letter,) = mailbox.letters
    assert mailbox.envelopes[0].rcpt_tos == [MANAGER, OFFICE]
    assert (letter["From"], letter["To"]) == ("hotline@example.com", f"{MANAGER}, {OFFICE}")
    assert letter["Subject"] == "阳光花园 月报 2026-02"
    assert letter["Message-ID"] == "<report-month-2026-02.hotline@example.com>"
    text = letter.get_body()
    assert text is not None
    assert "来电数：1 (+1)" in text.get_content()
    attached = {part.get_filename(): part.get_payload(decode=True) for part in letter.iter_attachments()}
    assert set(attached) == {"hotline-2026-02.csv", "hotline-2026-02.xlsx"}
    workbook = openpyxl.load_workbook(io.BytesIO(attached["hotline-2026-02.xlsx"]))  # type: ignore[arg-type]
    assert workbook.sheetnames[0] == "概览"


def test_mail_is_sent_over_starttls_with_a_password_from_the_secrets(
    office: Scope, mailbox: Mailbox, tls: tuple[ssl.SSLContext, Path]
) -> None:
    context, cert = tls
    Secrets.load_or_create(office.home, office.site)
    with office.home.secrets_file.open("a", encoding="utf-8") as file:
        file.write('\n[mail]\npassword = "' + PASSWORD.replace("\\", "\\\\").replace('"', '\\"') + '"\n')
    server = serve(mailbox, tls_context=context, require_starttls=True, authenticator=authenticate, auth_required=True)
    how = {"port": server.port, "security": "starttls", "user": "hotline", "ca_file": str(cert)}
    assert reports(with_mail(office, MANAGER, **how)) == 1
    server.stop()
    assert (len(mailbox.letters), mailbox.encrypted) == (1, [True])


def test_mail_is_sent_over_tls_from_the_first_byte(
    office: Scope, mailbox: Mailbox, tls: tuple[ssl.SSLContext, Path]
) -> None:
    context, cert = tls
    server = serve(mailbox, ssl_context=context)
    assert reports(with_mail(office, MANAGER, port=server.port, security="tls", ca_file=str(cert))) == 1
    server.stop()
    assert (len(mailbox.letters), mailbox.encrypted) == (1, [True])


@pytest.mark.parametrize("how", [{}, {"host": "127.0.0.2"}])
def test_a_server_with_a_wrong_certificate_gets_no_password_and_no_report(
    office: Scope, mailbox: Mailbox, tls: tuple[ssl.SSLContext, Path], how: dict[str, str]
) -> None:
    """Neither with an unknown authority nor under another host name."""
    context, cert = tls
    server = serve(mailbox, tls_context=context)
    known = {"ca_file": str(cert)} if how else {}
    settings = {"port": server.port, "security": "starttls", "user": "hotline", **known, **how}
    assert reports(with_mail(office, MANAGER, **settings)) == 0
    server.stop()
    assert mailbox.letters == []
    assert kept(office)[0].state is ReportState.DUE


def test_an_unreachable_or_refusing_server_is_tried_again_until_it_takes_the_mail(
    office: Scope, clock: HeldClock, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert reports(with_mail(office, MANAGER, port=1)) == 0
    (run,) = kept(office)
    assert (run.state, run.tries) == (ReportState.DUE, 1)
    assert run.error is not None
    assert "localhost:1: " in run.error
    assert reports(with_mail(office, MANAGER, port=1)) == 0, "not before the next try is due"
    assert kept(office)[0].tries == 1
    server = serve(mailbox)
    mailbox.answers = ["451 come again", "554 no"]
    scope = with_mail(office, MANAGER, port=server.port)
    for _ in range(2):
        clock.forward(minutes=15)
        assert reports(scope) == 0
    clock.forward(minutes=15)
    assert reports(scope) == 1
    clock.forward(days=3)
    assert reports(scope) == 0
    server.stop()
    assert len(mailbox.letters) == 1
    (run,) = kept(office)
    assert (run.state, run.tries, run.error) == (ReportState.SENT, 4, None)
    assert [record.split(": ", 1)[1] for record in caplog.messages[1:]] == ["451 come again", "554 no"]


def test_a_refused_address_is_recorded_and_the_others_get_the_mail(
    office: Scope, mailbox: Mailbox, server: Server
) -> None:
    mailbox.refuses = {OFFICE}
    assert reports(with_mail(office, MANAGER, OFFICE, port=server.port)) == 1
    assert mailbox.envelopes[0].rcpt_tos == [MANAGER]
    (run,) = kept(office)
    assert (run.state, run.error) == (ReportState.SENT, f"{OFFICE}: 550 nobody here has this name")


def test_a_mail_with_no_accepted_address_is_not_sent(office: Scope, mailbox: Mailbox, server: Server) -> None:
    mailbox.refuses = {MANAGER}
    assert reports(with_mail(office, MANAGER, port=server.port)) == 0
    assert (mailbox.letters, kept(office)[0].state) == ([], ReportState.DUE)


def test_a_mail_is_given_up_after_as_many_tries_as_the_policy_says(office: Scope, clock: HeldClock) -> None:
    policy = office.policy.model_copy(update={"reports": office.policy.reports.model_copy(update={"tries": 2})})
    scope = with_mail(replace(office, policy=policy), MANAGER, port=1)
    for _ in range(3):
        assert reports(scope) == 0
        clock.forward(minutes=15)
    (run,) = kept(scope)
    assert (run.state, run.tries) == (ReportState.FAILED, 2)
    assert (office.home.reports / "hotline-2026-02.xlsx").exists()


def test_a_connection_cut_after_sending_does_not_send_a_second_mail(
    office: Scope, clock: HeldClock, mailbox: Mailbox, server: Server
) -> None:
    """The mail has arrived, the server's answer has not: the state is uncertain, and staff decide."""
    mailbox.answers = ["cut"]
    scope = with_mail(office, MANAGER, port=server.port)
    for _ in range(3):
        reports(scope)
        clock.forward(hours=1)
    assert (len(mailbox.letters), states(scope)) == (1, [("2026-02", ReportState.UNCERTAIN)])


class Died(BaseException):
    """The process is gone: nothing after this line runs."""


@pytest.mark.parametrize(
    ("dies_before", "end", "arrived"),
    [
        ("_connect", ReportState.SENT, 1),
        ("_envelope", ReportState.SENT, 1),
        # From here on the program cannot know.
        ("_content", ReportState.UNCERTAIN, 0),
    ],
)
def test_after_a_scheduler_died_a_mail_is_sent_later_or_marked_uncertain(
    office: Scope,
    clock: HeldClock,
    mailbox: Mailbox,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    dies_before: str,
    end: ReportState,
    arrived: int,
) -> None:
    def die(*_: object) -> None:
        raise Died

    scope = with_mail(office, MANAGER, port=server.port)
    with monkeypatch.context() as patch:
        patch.setattr(mail, dies_before, die)
        with pytest.raises(Died):
            reports(scope)
    assert reports(scope) == 0, "the first scheduler may still be alive"
    clock.forward(seconds=LEASE.total_seconds())
    reports(scope)
    assert (len(mailbox.letters), states(scope)) == (arrived, [("2026-02", end)])


def test_a_scheduler_whose_lease_ended_does_not_send_the_mail_too(
    office: Scope, clock: HeldClock, mailbox: Mailbox, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It slept beyond its lease before sending; another scheduler has sent the mail meanwhile."""
    scope, envelope = with_mail(office, MANAGER, port=server.port), mail._envelope
    slept = []

    def sleeps(*parts: Any) -> list[str]:
        if not slept:
            slept.append(True)
            clock.forward(seconds=LEASE.total_seconds())
            assert reports(scope) == 1
        return envelope(*parts)

    monkeypatch.setattr(mail, "_envelope", sleeps)
    assert reports(scope) == 0
    assert (len(mailbox.letters), states(scope)) == (1, [("2026-02", ReportState.SENT)])


def test_several_schedulers_at_once_send_a_mail_once(office: Scope, mailbox: Mailbox, server: Server, url: str) -> None:
    scopes = [replace(with_mail(office, MANAGER, port=server.port), store=Store(url)) for _ in range(4)]
    with ThreadPoolExecutor(len(scopes)) as threads:
        made = list(threads.map(reports, scopes))
    for scope in scopes:
        scope.store.close()
    assert (sum(made), len(mailbox.letters), states(office)) == (1, 1, [("2026-02", ReportState.SENT)])


def test_a_report_that_cannot_be_made_is_tried_again_with_its_error(office: Scope, clock: HeldClock) -> None:
    office.home.reports.write_text("a file where the folder should be")
    assert reports(office) == 0
    (run,) = kept(office)
    assert (run.state, "exists" in (run.error or "")) == (ReportState.DUE, True)
    office.home.reports.unlink()
    clock.forward(minutes=15)
    assert reports(office) == 1


def test_daily_reports_are_made_where_the_policy_says_so(office: Scope, clock: HeldClock) -> None:
    wanted = office.policy.reports.model_copy(update={"periods": ["day"]})
    scope = replace(office, policy=office.policy.model_copy(update={"reports": wanted}))
    for _ in range(3):
        reports(scope)
        clock.forward(days=1)
    assert [(run.kind, run.period) for run in kept(scope)] == [
        (PeriodKind.DAY, "2026-02-28"),
        (PeriodKind.DAY, "2026-03-01"),
        (PeriodKind.DAY, "2026-03-02"),
    ]


def test_a_site_that_mails_reports_must_name_its_server_and_sender(tmp_path: Path) -> None:
    from models.errors import ConfigError
    from models.instance.home import PROJECT_ROOT

    text = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")
    file = tmp_path / "site.toml"
    file.write_text(text.replace("to = []", f'to = ["{MANAGER}"]'), encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        Site.load(file)
    assert [problem.key for problem in error.value.problems] == ["mail.host", "mail.sender"]


def test_the_mail_servers_password_stays_when_a_telephone_is_added(tmp_path: Path, site: Site) -> None:
    home = Home(tmp_path)
    Secrets.load_or_create(home, site)
    lines = home.secrets_file.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith('"7001"')]
    home.secrets_file.write_text("\n".join([*kept, "[mail]", "password = 'a \"b\" \\c'"]), encoding="utf-8")
    for _ in range(2):
        assert Secrets.load_or_create(home, site).mail == 'a "b" \\c'
    assert '"7001"' in home.secrets_file.read_text(encoding="utf-8")


def test_calls_of_the_next_day_do_not_change_the_months_report(office: Scope, begin_call: Callable[..., Call]) -> None:
    begin_call("late", at=FEBRUARY_IS_OVER)
    assert reports(office) == 1
    text = (office.home.reports / "hotline-2026-02.csv").read_text(encoding="utf-8-sig")
    (line,) = [line for line in csv.reader(io.StringIO(text)) if line[-1] == "calls.calls"]
    assert line[5] == "1"


def test_the_row_of_a_report_is_written_before_its_file(office: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr("models.reports.files.write", die)
        with pytest.raises(Died):
            reports(office)
    assert states(office) == [("2026-02", ReportState.CLAIMED)]
    office.clock.forward(seconds=LEASE.total_seconds())  # type: ignore[attr-defined]
    assert reports(office) == 1


def test_a_scan_killed_while_filing_a_report_files_it_whole_and_once(
    kills: Callable[[str], Iterator[int]], office: Scope
) -> None:
    """Killed at every step, by the kernel: a file with its final name is whole, and in the end it is filed once."""
    last, whole = 0, set[Path]()
    for step in kills("reports"):
        last = step
        for file in set(office.home.reports.glob("[!.]*.xlsx")) - whole:
            whole.add(file)
            assert openpyxl.load_workbook(file).worksheets
    assert last > 8, "it was killed at every step"
    assert states(office) == [("2026-02", ReportState.FILED)]
    assert sorted(file.name for file in office.home.reports.glob("[!.]*")) == [
        "hotline-2026-02.csv",
        "hotline-2026-02.xlsx",
    ]
