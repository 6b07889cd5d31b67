"""[transfer] and [monitoring] of the policy: to whom a caller may be transferred, and who may listen in."""

from typing import Annotated, Literal

from pydantic import Field

from models.policy.figures import whole
from models.settings import Strict

Role = Literal["agent", "supervisor", "technician", "monitoring", "attendant", "manager", "general-manager"]
_Roles = Annotated[
    list[Role],
    Field(description='roles, such as ["agent", "technician"], or []|岗位，如 ["agent", "technician"]，或 []'),
]


class Targets(Strict):
    """[transfer.targets]: the roles to which each role may transfer a caller (R07-4)."""

    agent: _Roles
    supervisor: _Roles
    technician: _Roles
    monitoring: _Roles
    attendant: _Roles
    manager: _Roles
    general_manager: _Roles = Field(alias="general-manager")

    def __getitem__(self, role: str) -> list[str]:
        """Raises KeyError for an unknown role."""
        roles: dict[str, list[str]] = self.model_dump(by_alias=True)
        return roles[role]


class Transfers(Strict):
    """[transfer]: a caller is put through only to a colleague who has consented (R05-4, R07-4)."""

    rings: int = whole(1, 20, "rings", "响铃次数")
    speak_every_s: int = whole(5, 120, "seconds", "秒数")
    reason_longest_s: int = whole(5, 180, "seconds", "秒数")
    reason_required: list[Literal["hotline", "supervision", "general-manager", "switchboard"]] = Field(
        description='flows of lines, such as ["general-manager"], or []|线路的 flow，如 ["general-manager"]，或 []'
    )
    targets: Targets = Field(description="a [transfer.targets] section|[transfer.targets] 一节")


class MonitoringPolicy(Strict):
    """[monitoring]: which roles may listen to the talks of which roles, with a PIN (R04-1)."""

    roles: _Roles
    of_roles: _Roles
    pin_tries: int = whole(1, 10, "times", "次数")
    pin_lock_minutes: int = whole(1, 1440, "minutes", "分钟数")
