"""What `hotline survey` shows: answers, campaigns with their progress, numbers that are never called."""

from typing import Any

from sqlalchemy.orm import Session

from hotline.terminal.acting import log_reveal
from hotline.terminal.listing import ListView, print_json, print_table
from hotline.terminal.opening import Opened
from models.states.surveys import SurveyState
from models.surveys import campaigns, opt_outs, surveys
from models.surveys.campaigns import Campaign, CampaignProgress, CampaignRefused
from models.tables import FIRST_NUMBER, Survey
from models.text.wording import column, moment, say, word
from models.tickets import impartial

SURVEYS = ("id", "purpose", "state", "score", "settled", "caller", "ticket", "staff", "attempts", "due_at", "ended_at")
OPT_OUTS = ("caller", "since", "who")
CAMPAIGNS = ("id", "name", "state", "total", "left", "answered", "opted_out", "not_reached", "average", "started_at")
SHOWN = (*CAMPAIGNS, "attempts", "at_once")


def list_surveys(this: Opened, view: ListView, limit: int, *, reader: str | None) -> None:
    """Prints the newest follow-up calls and their answers; of a complaint about `reader` not who was called (R15-6).

    Raises StoreUnavailable.
    """
    store, zone, language = this.open_store(), this.site.time_zone, this.language
    log_reveal(this, store, view, "surveys")

    def read(session: Session) -> list[dict[str, Any]]:
        closed = impartial.closed_to(session, reader).tickets
        return [
            _survey_fields(one, view) | (dict.fromkeys(("caller", "call")) if one.ticket_id in closed else {})
            for one in surveys.newest(session, limit=limit)
        ]

    rows = store.read(read)
    if view.as_json:
        return print_json(rows)
    settled = {True: say("是", "yes", language), False: say("否", "no", language), None: ""}
    texts = [
        {key: "" if row[key] is None else str(row[key]) for key in SURVEYS}
        | {"purpose": word(row["purpose"], language), "state": word(row["state"], language)}
        | {"settled": settled[row["settled"]]}
        | {key: moment(row[key], zone) for key in ("due_at", "ended_at")}
        for row in rows
    ]
    print_table(texts, SURVEYS, language)


def _survey_fields(one: Survey, view: ListView) -> dict[str, Any]:
    return {
        "id": one.id,
        "purpose": one.purpose.value,
        "state": one.state.value,
        "score": one.score,
        "settled": one.settled,
        "caller": view.number(one.number),
        "ticket": FIRST_NUMBER + one.ticket_id if one.ticket_id else None,
        "campaign": one.campaign_id,
        "staff": one.staff_number,
        "attempts": one.attempts,
        "asked_at": one.asked_at,
        "due_at": one.due_at,
        "called_at": one.called_at,
        "ended_at": one.ended_at,
        "call": one.call_id,
    }


def list_opt_outs(this: Opened, view: ListView, limit: int) -> None:
    """Prints the numbers that are never called, newest first. Raises StoreUnavailable."""
    store, zone = this.open_store(), this.site.time_zone
    log_reveal(this, store, view, "opt-outs")
    found = store.read(opt_outs.newest, limit=limit)
    if view.as_json:
        return print_json([{"caller": view.number(one.number), "since": one.at, "who": one.who} for one in found])
    texts = [
        {"caller": view.number(one.number) or "", "since": moment(one.at, zone), "who": word(one.who, this.language)}
        for one in found
    ]
    print_table(texts, OPT_OUTS, this.language)


def list_campaigns(this: Opened, view: ListView, limit: int) -> None:
    """Prints them with their progress. Raises StoreUnavailable."""

    def read(session: Session) -> list[dict[str, Any]]:
        return [
            _campaign_fields(*campaigns.progress(session, one.id)) for one in campaigns.newest(session, limit=limit)
        ]

    rows = this.open_store().read(read)
    if view.as_json:
        return print_json(rows)
    print_table([_campaign_texts(row, this) for row in rows], CAMPAIGNS, this.language)


def show_campaign(this: Opened, view: ListView, number: int) -> None:
    """Prints one, and how often each score was given. Raises CampaignRefused, StoreUnavailable."""
    row = _campaign_fields(*this.open_store().read(campaign_and_progress, number))
    if view.as_json:
        return print_json(row)
    texts = _campaign_texts(row, this)
    for key in SHOWN:
        print(f"{column(key, this.language)}: {texts[key]}")
    most = max(row["scores"].values(), default=1)
    for score in range(5, 0, -1):
        given = row["scores"].get(str(score), 0)
        print(f"  {score}  {'#' * round(30 * given / most)} {given}")


def _campaign_fields(campaign: Campaign, progress: CampaignProgress) -> dict[str, Any]:
    ended = {state.value.replace("-", "_"): progress.states.get(state, 0) for state in SurveyState}
    average = progress.average
    return {
        "id": campaign.id,
        "name": campaign.name,
        "state": campaign.state.value,
        "at_once": campaign.at_once,
        "total": progress.total,
        "left": progress.left,
        **{key: ended[key] for key in ("answered", "opted_out", "not_reached", "not_needed")},
        "scores": {str(score): given for score, given in progress.scores.items()},
        "average": None if average is None else round(average, 2),
        "attempts": progress.calls,
        "started_at": campaign.created_at,
        "ended_at": campaign.ended_at,
        "by": campaign.created_by,
    }


def _campaign_texts(row: dict[str, Any], this: Opened) -> dict[str, str]:
    texts = {key: "" if row[key] is None else str(row[key]) for key in SHOWN}
    return texts | {
        "state": word(row["state"], this.language),
        "started_at": moment(row["started_at"], this.site.time_zone),
    }


def campaign_and_progress(session: Session, number: int) -> tuple[Campaign, CampaignProgress]:
    """Raises CampaignRefused when there is none of this number."""
    if session.get(Campaign, number) is None:
        raise CampaignRefused(f"there is no campaign {number}", f"没有编号为 {number} 的调查")
    return campaigns.progress(session, number)
