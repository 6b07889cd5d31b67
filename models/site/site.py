"""The site file says who and where the site is: its address, ports, lines, groups, staff and rooms."""

import datetime
import ipaddress
import zoneinfo
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NoReturn

from pydantic import AfterValidator, Field

from models.errors import ConfigError
from models.language import Language
from models.settings import Strict, read_toml, validated
from models.site.checks import contradictions
from models.site.mail import Mail, ReportsSettings
from models.site.playbooks import Playbook
from models.site.prices import Prices
from models.time.days import Day, DayKind, Days


def _is_zone(name: str) -> str:
    if name not in zoneinfo.available_timezones():
        raise ValueError("unknown time zone")
    return name


def _is_address(text: str) -> str:
    if ipaddress.IPv4Address(text).is_unspecified:
        raise ValueError("no address of a machine")
    return text


Port = Annotated[int, Field(ge=1, le=65535, description="a whole number from 1 to 65535|1 至 65535 的整数")]
# Of this machine or the carrier's: a name that can't be resolved would cost every call 5 to 15 s.
Address = Annotated[str, AfterValidator(_is_address)]
# 0 and 9 at the start are the front desk and the outside line.
Number = Annotated[str, Field(pattern=r"^[1-8][0-9]{2,4}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\"\\;\[\]<>]+$")]

AN_ADDRESS = 'an IPv4 address in quotes, such as "192.168.1.10"|带引号的 IPv4 地址,如 "192.168.1.10"'
A_NUMBER = '3 to 5 digits in quotes, the first 1 to 8, such as "7001"|带引号的 3 至 5 位数字,首位 1 至 8,如 "7001"'
A_GROUP = 'the name of a [[group]], such as "agents"|某个 [[group]] 的 name,如 "agents"'
A_NAME = '1 to 60 characters in quotes, without " \\ ; [ ] < >|带引号的 1 至 60 个字符,不含 " \\ ; [ ] < >'
A_DATE = "a date without quotes, such as 2027-02-06|不带引号的日期,如 2027-02-06"
A_SLUG = 'lower-case letters, digits and "-", such as "agents"|小写字母、数字和 "-",如 "agents"'


class Identity(Strict):
    """[site]: what the site is called, and when and in what language it lives."""

    name_zh: Name = Field(description=A_NAME)
    name_en: Name = Field(description=A_NAME)
    time_zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        description='a time zone\'s name, such as "Asia/Shanghai"|时区名称,如 "Asia/Shanghai"'
    )
    language: Language = Field(description='"zh" or "en"|"zh" 或 "en"')
    node: Slug = Field(description=A_SLUG.replace("agents", "hotline"))


class Sip(Strict):
    """[sip]: where phones and the carrier reach us, over UDP and TCP; also the address voice is sent to."""

    address: Address = Field(description=AN_ADDRESS)
    port: Port


class Rtp(Strict):
    """[rtp]: the UDP ports for voice, both ends included."""

    first: Annotated[int, Field(ge=1024, le=65535)] = Field(
        description="a whole number from 1024 to 65535|1024 至 65535 的整数"
    )
    last: Annotated[int, Field(ge=1024, le=65535)] = Field(
        description="a whole number from 1024 to 65535|1024 至 65535 的整数"
    )


class AriHttp(Strict):
    """[http]: Asterisk's HTTP server with ARI; it listens on loopback only."""

    port: Port


class Agi(Strict):
    """[agi]: where the fallback (`hotline fallback`) listens for Asterisk's calls for help; on loopback only."""

    port: Port


class Console(Strict):
    """[console]: where `hotline console` serves other programs; behind a proxy that speaks TLS, on loopback only."""

    address: Address = Field(default="127.0.0.1", description=AN_ADDRESS)
    port: Port


class Carrier(Strict):
    """[carrier]: the trunk, recognised by its addresses alone."""

    addresses: list[Address] = Field(
        description='IPv4 addresses in brackets, such as ["203.0.113.5"]|方括号内的 IPv4 地址,如 ["203.0.113.5"]'
    )
    port: Port


class Database(Strict):
    """[database]: empty means SQLite in the home."""

    url: Annotated[str, Field(pattern=r"^$|^postgresql(\+psycopg)?://[^\s]+$|^sqlite:////[^\s]+$")] = Field(
        description='"" (SQLite in the home) or "postgresql://user:password@host/name"'
        '|""(使用主目录中的 SQLite)或 "postgresql://用户:密码@主机/库名"'
    )


class Line(Strict):
    """[[line]]: a number people dial, and the conversation it leads to."""

    number: Number = Field(description=A_NUMBER)
    flow: Literal["hotline", "supervision", "general-manager", "switchboard"] = Field(
        description="hotline, supervision, general-manager or switchboard"
        "|hotline、supervision、general-manager、switchboard 之一"
    )
    group: str = Field(description=A_GROUP)
    did: list[Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")]] = Field(
        default=[],
        description='the public numbers in quotes, 3 to 20 digits each, such as ["02188886666"]'
        '|带引号的公网号码,每个 3 至 20 位数字,如 ["02188886666"]',
    )


class StaffGroup(Strict):
    """[[group]]: people who answer for one another; the supervisor answers when neither they nor neighbours do."""

    name: Slug = Field(description=A_SLUG)
    zh: Name = Field(description=A_NAME)
    en: Name = Field(description=A_NAME)
    neighbours: list[str] = Field(
        default=[], description='names of groups, such as ["complaints"]|其他 [[group]] 的 name,如 ["complaints"]'
    )
    supervisor: str | None = Field(
        default=None, description='the number of a [[staff]], such as "7050"|某个 [[staff]] 的 number,如 "7050"'
    )


class StaffMember(Strict):
    """[[staff]]: a person at a telephone; the number is the telephone's and the staff number (工号) in one.

    Group and role are his post (R06-1): an agent of "agents" is at reception and telephone, one of "complaints"
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
        '|带引号的、运营商可拨打的号码,如 "13800138000"',
    )


class Rooms(Strict):
    """[rooms]: a room's number is floor and room in two digits each; `phones` are the ones that register here."""

    floors: Annotated[list[Annotated[int, Field(ge=10, le=69)]], Field(min_length=2, max_length=2)] = Field(
        description="the first and the last floor, 10 to 69, such as [11, 19]|首层与末层,10 至 69,如 [11, 19]"
    )
    per_floor: Annotated[list[Annotated[int, Field(ge=1, le=99)]], Field(min_length=2, max_length=2)] = Field(
        description="the first and the last room of a floor, 1 to 99, such as [1, 99]|每层首间与末间,1 至 99,如 [1, 99]"
    )
    phones: list[Number] = Field(
        description='room numbers in quotes, such as ["1101", "1102"]|带引号的房号,如 ["1101", "1102"]'
    )

    def has(self, number: str) -> bool:
        """Whether this is a room of the site, with a telephone or without."""
        if len(number) != 4 or not number.isdecimal():
            return False
        floor, room = int(number[:2]), int(number[2:])
        return self.floors[0] <= floor <= self.floors[1] and self.per_floor[0] <= room <= self.per_floor[1]


class Emergency(Strict):
    """[emergency]: numbers that can be dialled from every phone, before any rule, and who is told at once."""

    numbers: Annotated[list[Annotated[str, Field(pattern=r"^[0-9]{3,6}$")]], Field(min_length=1)] = Field(
        description='numbers in quotes, such as ["110", "119"]|带引号的号码,如 ["110", "119"]'
    )
    told: str = Field(description="a staff number or the name of a group|工号或某个 [[group]] 的 name")


class SiteDay(Strict):
    """[[calendar.day]]: a day, or several in a row, on which this site differs from the State Council's calendar."""

    date: datetime.date = Field(description=A_DATE)
    last: datetime.date | None = Field(default=None, description=A_DATE)
    kind: Literal["holiday", "make-up", "closed", "open"] = Field(
        description="holiday, make-up, closed or open|holiday、make-up、closed、open 之一"
    )
    reason: Name = Field(description=A_NAME)

    def each(self) -> Iterator[tuple[datetime.date, Day]]:
        """Every date, and what it is."""
        for number in range(((self.last or self.date) - self.date).days + 1):
            yield self.date + datetime.timedelta(days=number), Day(DayKind(self.kind), self.reason)


class SiteCalendar(Strict):
    """[calendar]: the site's own days, and the years whose public holidays are entered here completely."""

    years: list[Annotated[int, Field(ge=2020, le=2100)]] = Field(
        default=[], description="years, such as [2027]|年份,如 [2027]"
    )
    days: list[SiteDay] = Field(alias="day", default=[], description="[[calendar.day]] sections|[[calendar.day]] 各节")


class Site(Strict):
    """The whole site file, checked: every number, group and person it names exists, and no two ports collide."""

    site: Identity = Field(description="a [site] section|[site] 一节")
    sip: Sip = Field(description="a [sip] section|[sip] 一节")
    rtp: Rtp = Field(description="an [rtp] section|[rtp] 一节")
    http: AriHttp = Field(description="an [http] section|[http] 一节")
    agi: Agi = Field(default=Agi(port=4573), description="an [agi] section|[agi] 一节")
    console: Console = Field(default=Console(port=8090), description="a [console] section|[console] 一节")
    carrier: Carrier = Field(description="a [carrier] section|[carrier] 一节")
    database: Database = Field(description="a [database] section|[database] 一节")
    lines: list[Line] = Field(alias="line", min_length=1, description="at least one [[line]]|至少一个 [[line]]")
    groups: list[StaffGroup] = Field(
        alias="group", min_length=1, description="at least one [[group]]|至少一个 [[group]]"
    )
    staff: list[StaffMember] = Field(min_length=1, description="at least one [[staff]]|至少一个 [[staff]]")
    rooms: Rooms = Field(description="a [rooms] section|[rooms] 一节")
    emergency: Emergency = Field(description="an [emergency] section|[emergency] 一节")
    reports: ReportsSettings = Field(default=ReportsSettings(), description="a [reports] section|[reports] 一节")
    mail: Mail = Field(default=Mail(), description="a [mail] section|[mail] 一节")
    playbooks: list[Playbook] = Field(
        alias="playbook", default=[], description="[[playbook]] sections|[[playbook]] 各节"
    )
    prices: Prices = Field(default=Prices(), description="a [prices] section|[prices] 一节")
    calendar: SiteCalendar = Field(default=SiteCalendar(), description="a [calendar] section|[calendar] 一节")

    @classmethod
    def load(cls, path: Path) -> "Site":
        """Reads and checks the file. Raises ConfigError with every problem at once."""
        tables = read_toml(path)
        site, problems = validated(cls, tables, path)
        problems += contradictions(tables, path)
        if site is None or problems:
            raise ConfigError(problems)
        return site

    @property
    def name_zh(self) -> str:
        return self.site.name_zh

    @property
    def name_en(self) -> str:
        return self.site.name_en

    @property
    def language(self) -> Language:
        return self.site.language

    @property
    def node(self) -> str:
        """The name of our application inside Asterisk."""
        return self.site.node

    @cached_property
    def time_zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.site.time_zone)

    @cached_property
    def days(self) -> Days:
        """What kind of day each date is here."""
        exceptions = {date: day for entry in self.calendar.days for date, day in entry.each()}
        return Days(self.time_zone, exceptions, frozenset(self.calendar.years))

    def line(self, number: str) -> Line:
        """Raises KeyError for a number that is no line."""
        return next((line for line in self.lines if line.number == number), None) or _no("line", number)

    def group(self, name: str) -> StaffGroup:
        """Raises KeyError for an unknown name."""
        return next((group for group in self.groups if group.name == name), None) or _no("group", name)

    def person(self, number: str) -> StaffMember:
        """Raises KeyError for a number that is nobody's."""
        return next((person for person in self.staff if person.number == number), None) or _no("staff", number)

    def lead_group(self, name: str) -> str:
        """The group of this group's supervisor, who is told of what it leaves undone; without one, itself."""
        found = next((group for group in self.groups if group.name == name), None)
        return self.person(found.supervisor).group if found and found.supervisor else name

    def playbook(self, kind: str, language: Language) -> list[str]:
        """What is to be done in an emergency of this kind (R08-10)."""
        return [one.zh if language == "zh" else one.en for one in self.playbooks if kind in one.kinds]

    @property
    def main_number(self) -> str:
        """The public number that we show when we call somebody; empty when no line has one."""
        return next((did for line in self.lines for did in line.did), "")

    @property
    def phones(self) -> list[str]:
        """Every number that has a SIP account: staff, then rooms."""
        return [person.number for person in self.staff] + self.rooms.phones


def _no(what: str, which: str) -> NoReturn:
    raise KeyError(f"no {what} {which} in the site file")
