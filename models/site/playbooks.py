"""[[playbook]] of the site file: the steps in an emergency, in the site's own words (R08-10, R01-5)."""

from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict

Emergency = Literal["urgent-repair", "lift", "power", "water", "fault"]
Steps = Annotated[str, Field(min_length=1, max_length=2000)]

KINDS = 'kinds of emergencies in brackets, such as ["lift"]: urgent-repair, lift, power, water, fault'
KINDS_ZH = '方括号内的紧急类别，如 ["lift"]：urgent-repair、lift、power、water、fault'
STEPS = "the steps to take, in quotes, 1 to 2000 characters|带引号的处置步骤，1 至 2000 个字符"


class Playbook(Strict):
    """Steps shown with a ticket of one of these kinds; a kind may have several."""

    kinds: Annotated[list[Emergency], Field(min_length=1)] = Field(description=f"{KINDS}|{KINDS_ZH}")
    zh: Steps = Field(description=STEPS)
    en: Steps = Field(description=STEPS)
