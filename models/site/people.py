"""[[group]] and [[staff]] of the site file: who answers."""

from typing import Annotated, Literal

from pydantic import Field

from models.settings import Strict
from models.site.fields import A_GROUP, A_NAME, A_NUMBER, A_SLUG, Name, Number, Slug


class StaffGroup(Strict):
    """[[group]]: people who answer for one another; the supervisor answers when neither they nor neighbours do."""

    name: Slug = Field(description=A_SLUG)
    zh: Name = Field(description=A_NAME)
    en: Name = Field(description=A_NAME)
    neighbours: list[str] = Field(
        default=[], description='names of groups, such as ["complaints"]|其他 [[group]] 的 name，如 ["complaints"]'
    )
    kinds: list[Literal["complaint", "enquiry", "suggestion", "message", "general-manager"]] = Field(
        default=[],
        description='kinds of tickets that fall to it until they are dispatched, such as ["complaint", "suggestion"]'
        '|指派之前归本部门的工单类别，如 ["complaint", "suggestion"]',
    )
    supervisor: str | None = Field(
        default=None, description='the number of a [[staff]], such as "7050"|某个 [[staff]] 的 number，如 "7050"'
    )


class StaffMember(Strict):
    """[[staff]]: a person at a telephone; the telephone number is the staff number (工号), too.

    Group and role are the post (R06-1): an agent of "agents" is at reception and telephone, one of "complaints"
    handles complaints.
    """

    number: Number = Field(description=A_NUMBER)
    name: Name = Field(description=A_NAME)
    group: str = Field(description=A_GROUP)
    role: Literal["agent", "supervisor", "technician", "monitoring", "attendant", "manager", "general-manager"] = Field(
        description="agent, supervisor, technician, monitoring, attendant, manager or general-manager"
        "|agent、supervisor、technician、monitoring、attendant、manager、general-manager 之一"
    )
    on_duty: bool = Field(default=True, description="true or false|true 或 false")
    mobile: Annotated[str, Field(pattern=r"^\+?[0-9]{5,20}$")] | None = Field(
        default=None,
        description='a number that the carrier can call, in quotes, such as "13800138000"'
        '|带引号的、运营商可拨打的号码，如 "13800138000"',
    )
