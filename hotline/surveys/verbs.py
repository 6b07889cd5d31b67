"""What `hotline survey` changes: campaigns, and numbers that are never called again."""

from hotline.surveys.lists import campaign_and_progress
from hotline.terminal.acting import Acting
from models.clock import SystemClock
from models.states.surveys import CampaignState
from models.surveys import campaigns, opt_outs
from models.surveys.campaigns import CampaignRefused
from models.text.masking import masked
from models.text.numbers import normal, plausible
from models.text.wording import word


def add_opt_out(acting: Acting, number: str) -> None:
    """Raises CampaignRefused unless it is a telephone number; StoreUnavailable."""
    plain = normal(number)
    if plain is None or not plausible(plain):
        raise CampaignRefused(
            f"{number} is no number that can be called: 3 to 15 digits",
            f"{number} 不是可拨打的号码：3 至 15 位数字",
        )
    acting.this.open_store().write(opt_outs.add, plain, who=acting.who, at=SystemClock().now())
    acting.print(f"{masked(plain)} 今后不再回访", f"{masked(plain)} is never called for this again")


def new_campaign(acting: Acting, name: str, at_once: int) -> None:
    """Makes a row for everybody in the directory; the scheduler calls them at the allowed hours.

    Raises CampaignRefused when the directory is empty, StoreUnavailable.
    """
    this = acting.this
    store, policy = this.open_store(), this.policy.follow_up
    made = store.write(
        campaigns.new,
        name=name,
        at_once=at_once,
        language=acting.this.site.language,
        by=acting.who,
        at=SystemClock().now(),
        hours=policy.hours(acting.this.site.time_zone),
    )
    _, progress = store.read(campaigns.progress, made.id)
    hours = " ".join(policy.windows)
    acting.print(
        f"调查 {made.id}：将回访 {progress.left} 人，每天 {hours}，同时 {at_once} 路",
        f"campaign {made.id}: {progress.left} people will be called, at {hours}, {at_once} at a time",
    )


def move_campaign(acting: Acting, number: int, to: CampaignState) -> None:
    """Raises CampaignRefused, StoreUnavailable."""
    store = acting.this.open_store()
    store.read(campaign_and_progress, number)
    store.write(campaigns.move, number, to, at=SystemClock().now())
    acting.print(f"调查 {number}：{word(to, 'zh')}", f"campaign {number}: {word(to, 'en')}")
