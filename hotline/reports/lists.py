"""`hotline report`: a report on the terminal or in a file, and which reports were sent automatically."""

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.listing import print_json, print_table
from hotline.terminal.opening import Opened
from hotline.terminal.refusals import CannotWrite
from models.clock import SystemClock
from models.instance import exported
from models.language import Language
from models.reports import comma, files, wording
from models.reports.figures import RowsAbout
from models.reports.period import Period
from models.reports.report import Counted, Report, make
from models.reports.runs import recent
from models.states.reports import ReportState
from models.text.wording import moment, say, word

RUNS = ("period", "state", "tries", "planned_at", "retry_at", "ended_at", "error")
SHOWN_RUNS = 50


def show(this: Opened, period: Period, form: str, out: Path | None) -> None:
    """Counts it, and prints it or writes the file; `form` is table, csv, xlsx or json. Raises StoreUnavailable."""
    store, now, language = this.open_store(), SystemClock().now(), this.language

    def read(session: Session) -> Report:
        return make(session, period, policy=this.policy, at=now)

    report = store.read(read)
    site = (this.site.name_zh, this.site.name_en)
    if out is not None and form in ("csv", "xlsx"):
        try:
            exported.save(out.absolute(), files.content(report, form, site, language))
        except OSError as error:
            raise CannotWrite(out, error, language) from error
        print(say(f"已写入 {out}", f"wrote {out}", language))
    elif form == "csv":
        print(comma.text(report, language), end="")
    elif form == "json":
        print_json(as_fields(report))
    else:
        _print(report, site, language)


def as_fields(report: Report) -> dict[str, Any]:
    """Stable field names; shares in per cent, lengths in seconds."""
    return {
        "period": report.period.name,
        "from": report.period.begins,
        "to": report.period.ends,
        "made_at": report.made_at,
        "policy": report.policy_version,
        "figures": [
            {
                "section": counted.section.key,
                "subject": subject,
                "figure": figure.key,
                "value": wording.plain(counted.value(subject, figure), figure.unit),
                "before": wording.plain(counted.value_before(subject, figure), figure.unit),
                "unit": figure.unit.value,
                "rule": figure.rules,
            }
            for counted, subject, figure in report.lines()
        ],
    }


def list_sent(this: Opened) -> None:
    """Prints the newest reports that are sent automatically. Raises StoreUnavailable."""
    rows = this.open_store().read(recent, limit=SHOWN_RUNS)
    zone = this.site.time_zone
    print_table(
        [
            {
                "period": run.period,
                "state": word(f"report-{run.state}", this.language),
                "tries": str(run.tries),
                "planned_at": moment(run.planned_at, zone),
                "retry_at": moment(run.retry_at, zone) if run.state is ReportState.DUE else "",
                "ended_at": moment(run.ended_at, zone),
                "error": run.error or "",
            }
            for run in rows
        ],
        RUNS,
        this.language,
        red=[place for place, run in enumerate(rows) if run.error],
    )


def _print(report: Report, site: tuple[str, str], language: Language) -> None:
    print(wording.title(report, site, language))
    print(wording.made(report, language))
    for counted in report.sections:
        print(f"\n{wording.section_title(counted, language)}")
        if counted.section.about is RowsAbout.ALL:
            _print_figures(counted, language)
        else:
            _print_list(report, counted, language)


def _print_figures(counted: Counted, language: Language) -> None:
    heads = (
        wording.about(counted, language),
        *say("本期 上期 变化 含义 依据", "now before change means rule", language).split(),
    )
    rows = [
        (
            wording.label(figure, language),
            wording.number(counted.value("", figure), figure.unit),
            wording.number(counted.value_before("", figure), figure.unit),
            wording.change(counted.change("", figure), figure.unit),
            wording.means(figure, language),
            figure.rules,
        )
        for figure in counted.section.figures
    ]
    print_table([dict(zip(heads, row, strict=True)) for row in rows], heads, language)


def _print_list(report: Report, counted: Counted, language: Language) -> None:
    """A number with its change since the last period in brackets, then what the columns mean."""
    figures = counted.section.figures
    heads = (wording.about(counted, language), *(wording.label(figure, language) for figure in figures))
    rows = []
    for subject in counted.subjects():
        cells = [wording.subject(report, counted, subject, language)]
        for figure in figures:
            changed = wording.change(counted.change(subject, figure), figure.unit)
            value = wording.number(counted.value(subject, figure), figure.unit)
            cells.append(f"{value} ({changed})" if changed else value)
        rows.append(dict(zip(heads, cells, strict=True)))
    print_table(rows, heads, language)
    for figure in figures:
        print(f"  {wording.label(figure, language)} ({figure.rules}): {wording.means(figure, language)}")
