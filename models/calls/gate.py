"""One gate: every call that leaves is decided here, by the class of its number and its purpose (R20-1, R20-5)."""

from dataclasses import dataclass

from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.text.number_class import NumberClass, number_class
from models.text.numbers import as_dialled

_HOUSE = "house"
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

    @property
    def reason(self) -> str:
        """As it is stored on a task or ticket, such as "refused-premium"; `hotline.terminal.wording` has its words."""
        return f"refused-{self.number_class}"


REFUSALS: dict[NumberClass, tuple[str, str]] = {
    NumberClass.EMERGENCY: ("紧急号码,系统不自动拨打", "an emergency number, which the hotline never calls by itself"),
    NumberClass.OWN: ("本站号码,不经外线拨打", "one of our own numbers, which is not called over the trunk"),
    NumberClass.LOCAL: ("市话,政策不允许此用途", "a local number, which [gate] of policy.toml does not allow here"),
    NumberClass.MOBILE: ("手机,政策不允许此用途", "a mobile number, which [gate] of policy.toml does not allow here"),
    NumberClass.NATIONAL: (
        "国内长途,政策不允许此用途",
        "a national number, which [gate] of policy.toml does not allow here",
    ),
    NumberClass.INTERNATIONAL: ("国际或港澳台号码,系统不自动拨打", "a number abroad, which is never called by itself"),
    NumberClass.PREMIUM: ("声讯号码,禁止拨打", "a premium-rate number, which is never called"),
    NumberClass.SERVICE: (
        "服务短号或运营商接入码,系统不自动拨打",
        "a service number or a carrier's access code, which is never called",
    ),
    NumberClass.UNKNOWN: ("无法识别的号码,不予拨打", "a number of no known kind, which is never called"),
}


def decide(number: str | None, purpose: Reach, site: Site, policy: Policy) -> Decision:
    """Decides one call; it never raises, and what is not allowed is refused."""
    kind = class_of(number, site, policy)
    own = as_dialled(number)
    if kind is NumberClass.OWN and purpose is not Reach.STAFF_MOBILE and own in site.phones:
        return Decision(True, kind, _HOUSE, "内线分机", "one of our own telephones", extension=own)
    if kind.value in policy.gate.reaches(purpose):
        return Decision(True, kind, policy.source(f"gate.{purpose}"), "可以拨打", "may be called")
    return Decision(False, kind, _RULES.get(kind, _HOUSE), *REFUSALS[kind])


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
