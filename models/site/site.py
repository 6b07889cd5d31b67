"""The whole site file, loaded and checked: name, addresses, lines, groups, staff and rooms of the site."""

import zoneinfo
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from pydantic import Field

from models.errors import ConfigError
from models.language import Language
from models.settings import Strict, read_toml, validated
from models.site.calendar import SiteCalendar
from models.site.checks import contradictions
from models.site.identity import Identity
from models.site.lines import Emergency, Line
from models.site.mail import Mail, ReportsSettings
from models.site.network import Agi, AriHttp, Carrier, Console, Database, OwnPrograms, Rtp, Sip, all_but
from models.site.people import StaffGroup, StaffMember
from models.site.playbooks import Playbook
from models.site.prices import Prices
from models.site.rooms import Rooms
from models.site.trunks import NumberForm, Trunk
from models.time.days import Days


class Site(Strict):
    """The checked site file: every number, group and person it names exists, and no two ports collide."""

    site: Identity = Field(description="a [site] section|[site] 一节")
    sip: Sip = Field(description="a [sip] section|[sip] 一节")
    rtp: Rtp = Field(description="an [rtp] section|[rtp] 一节")
    http: AriHttp = Field(description="an [http] section|[http] 一节")
    agi: Agi = Field(default=Agi(port=4573), description="an [agi] section|[agi] 一节")
    console: Console = Field(default=Console(port=8090), description="a [console] section|[console] 一节")
    webhooks: OwnPrograms = Field(default=OwnPrograms(), description="a [webhooks] section|[webhooks] 一节")
    carrier: Carrier | None = Field(default=None, description="a [carrier] section|[carrier] 一节")
    written_trunks: list[Trunk] = Field(alias="trunk", default=[], description="[[trunk]] sections|[[trunk]] 各节")
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
    def area_code(self) -> str | None:
        """Of landlines that are written without one."""
        return self.site.area_code

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
        """Raises KeyError for a number that is not a line."""
        return next((line for line in self.lines if line.number == number), None) or _no("line", number)

    def group(self, name: str) -> StaffGroup:
        """Raises KeyError for an unknown name."""
        return next((group for group in self.groups if group.name == name), None) or _no("group", name)

    def person(self, number: str) -> StaffMember:
        """Raises KeyError for a number that no staff member has."""
        return next((person for person in self.staff if person.number == number), None) or _no("staff", number)

    def lead_group(self, name: str) -> str:
        """The group of this group's supervisor, who gets the tasks it leaves undone; without a supervisor, itself."""
        found = next((group for group in self.groups if group.name == name), None)
        return self.person(found.supervisor).group if found and found.supervisor else name

    @property
    def console_url(self) -> str:
        """Where people open the console, without a slash at the end."""
        return f"{'https' if self.console.over_tls else 'http'}://{self.console.address}:{self.console.port}"

    @property
    def desk_group(self) -> str:
        """The group at the front desk: that of the switchboard, or of the first line."""
        return next((line.group for line in self.lines if line.flow == "switchboard"), self.lines[0].group)

    def playbook(self, kind: str, language: Language) -> list[str]:
        """The steps in an emergency of this kind (R08-10)."""
        return [one.zh if language == "zh" else one.en for one in self.playbooks if kind in one.kinds]

    @cached_property
    def trunks(self) -> list[Trunk]:
        """The ways to the public network, in the order in which they are tried; [carrier] is a single one."""
        if self.carrier is None:
            return self.written_trunks
        return [Trunk(name="carrier", addresses=self.carrier.addresses, port=self.carrier.port)]

    @property
    def only_way(self) -> Trunk | None:
        """The trunk, where there is nothing to choose: one trunk, with one address and no maximum of calls."""
        ways = [trunk for trunk in self.trunks for _ in trunk.destinations("")]
        return ways[0] if len(ways) == 1 and ways[0].max_calls is None else None

    @property
    def encrypts(self) -> bool:
        """Whether a telephone or a trunk may use TLS."""
        return {self.sip.tls, *(trunk.tls for trunk in self.trunks)} != {"off"}

    @property
    def number_forms(self) -> list[NumberForm]:
        """The forms in which the trunks want numbers dialled, each once."""
        return list(dict.fromkeys(trunk.dials for trunk in self.trunks))

    @property
    def must_encrypt(self) -> bool:
        """Whether who comes without TLS, and from no trunk's address, is a stranger. Not where a gateway may come so:
        who that is shows only when it has proved its password."""
        return self.sip.tls == "required" and all(trunk.tls == "required" for trunk in self.trunks if trunk.is_gateway)

    @property
    def gateways(self) -> list[str]:
        """The names, and accounts, of the gateways that register with us."""
        return [trunk.name for trunk in self.trunks if trunk.is_gateway]

    @property
    def main_number(self) -> str:
        """The public number that the people we call see; empty when no line has one."""
        return next((did for line in self.lines for did in line.did), "")

    @property
    def strange_networks(self) -> list[str]:
        """Where neither a telephone nor a trunk may be; a caller from there is a stranger, whatever his name."""
        return all_but([*self.sip.networks, *self.trunk_addresses])

    @property
    def trunk_addresses(self) -> list[str]:
        """Where the public network is."""
        return [address for trunk in self.trunks for address in trunk.sources]

    @property
    def phones(self) -> list[str]:
        """Every number that has a SIP account: staff, then rooms."""
        return [person.number for person in self.staff] + self.rooms.phones


def _no(what: str, which: str) -> NoReturn:
    raise KeyError(f"no {what} {which} in the site file")
