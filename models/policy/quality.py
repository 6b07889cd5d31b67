"""[quality] of the policy: the site's own scoring form, and when training is due."""

from typing import Annotated

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict

_WORDS = "what is expected, in 1 to 200 characters|要求，1 至 200 字"
_FORM = (
    'criteria such as key = { weight = 10, zh = "…", en = "…" }|评分项，如 key = { weight = 10, zh = "…", en = "…" }'
)


class Criterion(Strict):
    """One line of the form: how much it weighs beside the others, and its words."""

    weight: int = whole(1, 100, "points", "分值")
    zh: str = Field(min_length=1, max_length=200, description=_WORDS)
    en: str = Field(min_length=1, max_length=200, description=_WORDS)


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class QualityPolicy(Strict):
    """[quality]: calls are listened to and scored (R04-1), and service improves by it (R04-2)."""

    offered: int = whole(1, 20, "calls", "通数")
    offered_days: int = whole(1, 365, "days", "天数")
    training_below: int = whole(1, 100, "points of 100", "分（满分 100）")
    training_of: int = whole(1, 20, "scored calls", "通数")
    training_days: int = whole(1, 90, "days", "天数")
    form: dict[Key, Criterion] = Field(min_length=1, max_length=40, description=_FORM)
