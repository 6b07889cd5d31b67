"""One gate: every call that leaves is decided here, by the class of its number and its purpose (R20-1, R20-5)."""

from dataclasses import dataclass, replace

from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.states.gate import Limit
from models.text.number_class import NumberClass, number_class
from models.text.numbers import as_dialled

HOUSE = "house"
"""The rule of what no regulation says."""
_RULES = {NumberClass.PREMIUM: "R20-5", NumberClass.INTERNATIONAL: "R20-1", NumberClass.SERVICE: "R05-8"}


@dataclass(frozen=True)
class Decision:
    """Whether a number may be called for a purpose, and why. `extension`: our own telephone, which rings inside."""

    allowed: bool
    number_class: NumberClass
    rule: str
    zh: str
    en: str
    extension: str | None = None
    limit: Limit | None = None
    """What refuses a number of an allowed class."""

    @property
    def reason(self) -> str:
        """As it is stored on a task or ticket, such as "refused-premium" or "refused-too-often";
        `models.text.wording` has its words."""
        return reason_of(self.limit or self.number_class)

    def refused(self, limit: Limit) -> "Decision":
        """This call, which the class of its number allows, is refused all the same."""
        zh, en = LIMITS[limit]
        return replace(self, allowed=False, limit=limit, zh=zh, en=en)


REFUSALS: dict[NumberClass, tuple[str, str]] = {
    NumberClass.EMERGENCY: ("紧急号码，系统不自动拨打", "an emergency number, which the hotline never calls by itself"),
    NumberClass.OWN: ("本站号码，不经外线拨打", "one of our own numbers, which is not called over the trunk"),
    NumberClass.LOCAL: ("市话，政策不允许此用途", "a local number, which the policy does not allow here"),
    NumberClass.MOBILE: ("手机，政策不允许此用途", "a mobile number, which the policy does not allow here"),
    NumberClass.NATIONAL: (
        "国内长途，政策不允许此用途",
        "a national number, which the policy does not allow here",
    ),
    NumberClass.INTERNATIONAL: ("国际或港澳台号码，系统不自动拨打", "a number abroad, which is never called by itself"),
    NumberClass.PREMIUM: ("声讯号码，禁止拨打", "a premium-rate number, which is never called"),
    NumberClass.SERVICE: (
        "服务短号或运营商接入码，系统不自动拨打",
        "a service number or a carrier's access code, which is never called",
    ),
    NumberClass.UNKNOWN: ("无法识别的号码，不予拨打", "a number of no known kind, which is never called"),
}

LIMITS: dict[Limit, tuple[str, str]] = {
    Limit.NUMBER_A_DAY: ("今日呼叫该号码已达上限", "called as often today as the policy allows"),
    Limit.AN_HOUR: ("本小时呼出已达上限", "as many calls in this hour as the policy allows"),
    Limit.AT_ONCE: ("同时呼出已达上限", "as many calls at a time as the policy allows"),
    Limit.MINUTES_A_DAY: ("今日呼出时长已用完", "the minutes that the policy allows today are used up"),
    Limit.MONEY_A_DAY: ("今日呼出费用已用完", "the money that the policy allows today is used up"),
    Limit.NOT_KNOWN: (
        "未曾通话的外地号码，须由人工拨打",
        "a distant number that never talked to us: a person must call it",
    ),
    Limit.NEW_TODAY: ("未曾通话的号码，今日已呼叫一次", "a number that never talked to us, and was called today"),
    Limit.NEW_AN_HOUR: (
        "本小时呼叫的陌生号码已达上限，须由人工拨打",
        "many numbers that never talked to us were called in this hour: a person must call it",
    ),
}


def reason_of(why: NumberClass | Limit) -> str:
    """As it is stored where the call was to be made, and in lists."""
    return f"refused-{why}"


def decide(number: str | None, purpose: Reach, site: Site, policy: Policy) -> Decision:
    """Decides one call; it never raises, and what is not allowed is refused."""
    kind = class_of(number, site, policy)
    own = as_dialled(number)
    if kind is NumberClass.OWN and purpose is not Reach.STAFF_MOBILE and own in site.phones:
        return Decision(True, kind, HOUSE, "内线分机", "one of our own telephones", extension=own)
    if kind.value in policy.gate.reaches(purpose):
        return Decision(True, kind, policy.source(f"gate.{purpose}"), "可以拨打", "may be called")
    return Decision(False, kind, _RULES.get(kind, HOUSE), *REFUSALS[kind])


def class_of(number: str | None, site: Site, policy: Policy) -> NumberClass:
    """The class of this number at this site."""
    own = {line.number for line in site.lines} | {did for line in site.lines for did in line.did} | set(site.phones)
    if site.rooms.has(as_dialled(number)):
        return NumberClass.OWN
    return number_class(
        number,
        area_code=site.area_code,
        emergency=site.emergency.numbers,
        own=own,
        premium=policy.gate.premium,
    )
