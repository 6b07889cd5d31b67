"""[[trunk]] of the site file: the ways to the public network, in the order in which they are tried."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from models.settings import Strict
from models.site.fields import A_NUMBER, A_SLUG, AN_ADDRESS, Address, Number, Port, Slug
from models.site.network import ENCRYPTION, Encryption

Codec = Literal["alaw", "ulaw", "g722", "opus"]
CODECS: list[Codec] = ["alaw", "ulaw", "g722", "opus"]
NumberForm = Literal["plain", "bare", "national", "86", "+86"]
"""How a trunk wants a number dialled; `models.text.trunk_form` has the rules."""

# What a carrier calls itself and us in SIP addresses; each must be safe in Asterisk's configuration.
Host = Annotated[str, Field(pattern=r"^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,98}[A-Za-z0-9])?$")]
User = Annotated[str, Field(pattern=r"^\+?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$")]
A_HOST = 'an address or a domain in quotes, such as "ims.example.com"|带引号的 IP 地址或域名，如 "ims.example.com"'
A_USER = 'letters, digits and . _ - in quotes, such as "02188886666"|带引号的字母、数字和 . _ -,如 "02188886666"'

ADDRESS, REGISTRATION, GATEWAY = "address", "registration", "gateway"
NEEDED = {ADDRESS: ("addresses",), REGISTRATION: ("server", "user"), GATEWAY: ()}
POSSIBLE = {
    ADDRESS: ("addresses", "port"),
    REGISTRATION: ("addresses", "port", "server", "user", "proxy", "from_user", "from_domain", "line"),
    GATEWAY: ("line",),
}
"""The keys of each kind, beside those that every trunk has."""
TAKEN = ("global", "line-side", "phone", "phone-auth", "phone-aor", "trunk")
"""Names of other sections of pjsip.conf."""


class Trunk(Strict):
    """[[trunk]]: a carrier known by its address, a carrier where we register, or a gateway that registers with us.

    With `tls` our calls go out by SIP over TLS; voice is encrypted by SRTP where both can (`optional`), or always
    (`required`).
    """

    name: Slug = Field(description=A_SLUG.replace("agents", "telecom"))
    kind: Literal["address", "registration", "gateway"] = Field(
        default="address", description="address, registration or gateway|address、registration、gateway 之一"
    )
    addresses: list[Address] = Field(
        default=[],
        description='IPv4 addresses in brackets, such as ["203.0.113.5"]|方括号内的 IPv4 地址，如 ["203.0.113.5"]',
    )
    port: Port = 5060
    server: Host | None = Field(default=None, description=A_HOST)
    user: User | None = Field(default=None, description=A_USER)
    proxy: Address | None = Field(default=None, description=AN_ADDRESS)
    from_user: User | None = Field(default=None, description=A_USER)
    from_domain: Host | None = Field(default=None, description=A_HOST)
    line: Number | None = Field(default=None, description=A_NUMBER.replace("7001", "8000"))
    dials: NumberForm = Field(
        default="plain",
        description='"plain", "bare", "national", "86" or "+86"|"plain"、"bare"、"national"、"86"、"+86" 之一',
    )
    caller: Annotated[str, Field(pattern=r"^\+?[0-9]{3,20}$")] | None = Field(
        default=None,
        description='a number of this trunk in quotes, 3 to 20 digits, such as "02188886666"'
        '|带引号的本中继号码，3 至 20 位数字，如 "02188886666"',
    )
    codecs: Annotated[list[Codec], Field(min_length=1)] = Field(
        default=CODECS, description='of "alaw", "ulaw", "g722", "opus"|"alaw"、"ulaw"、"g722"、"opus" 中的若干个'
    )
    max_calls: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="a whole number from 1|1 或更大的整数"
    )

    tls: Encryption = Field(default="off", description=ENCRYPTION)

    @property
    def registers(self) -> bool:
        """Whether we register with it."""
        return self.kind == REGISTRATION

    @property
    def is_gateway(self) -> bool:
        """Whether it registers with us."""
        return self.kind == GATEWAY

    @property
    def hosts(self) -> list[str]:
        """Where its calls go to, in the order in which they are tried; none for a gateway, which says so itself."""
        return [self.server] if self.server else self.addresses

    @property
    def next_hops(self) -> list[str]:
        """To which addresses our messages to its hosts go: the proxy's, if there is one."""
        return [self.proxy] if self.proxy else self.hosts

    def destinations(self, dialled: str) -> list[str]:
        """How Asterisk dials this number over each of its hosts, in the order in which they are tried."""
        if self.is_gateway:
            return [f"PJSIP/{dialled}@{self.name}"]
        return [f"PJSIP/{self.name}/{self.at(f'{dialled}@{host}')}" for host in self.hosts]

    def at(self, who: str) -> str:
        """The SIP address of somebody there, or of the host itself; where there is a proxy, without a port."""
        return f"sip:{who}{'' if self.proxy else f':{self.port}'}{self._over}"

    @property
    def route(self) -> str:
        """The SIP address of the proxy, by which everything goes."""
        return f"sip:{self.proxy}:{self.port}{self._over};lr"

    @property
    def _over(self) -> str:
        return "" if self.tls == "off" else ";transport=tls"

    @property
    def sources(self) -> list[str]:
        """The addresses by which it is known; none for a gateway, which has a password."""
        own = self.proxy or self.server
        return list(dict.fromkeys([*([own] if own else []), *self.addresses]))


Finding = tuple[tuple[str | int, ...], str, str, str, str]


def contradictions(tables: dict[str, Any]) -> Iterator[Finding]:
    """One way to name the trunks; each with the keys of its kind; names and accounts of their own."""
    trunks = tables.get("trunk")
    if "carrier" in tables and trunks is not None:
        right = "[carrier] or [[trunk]], not both: [carrier] is the same as one [[trunk]] of kind address"
        right_zh = "[carrier] 与 [[trunk]] 二选一：[carrier] 等于一个 kind 为 address 的 [[trunk]]"
        yield ("carrier",), "stands beside [[trunk]]", "与 [[trunk]] 同时出现", right, right_zh
    if "carrier" not in tables and trunks is None:
        yield ("trunk",), "is missing", "缺少这一项", "at least one [[trunk]]", "至少一个 [[trunk]]"
    names: set[str] = set()
    lines = {line.get("number") for line in _dicts(tables.get("line"))}
    for at, trunk in enumerate(trunks if isinstance(trunks, list) else []):
        if isinstance(trunk, dict):
            for key, *words in _mistakes(trunk, names, lines, tables):
                wrong, wrong_zh, right, right_zh = words
                yield ("trunk", at, key), wrong, wrong_zh, right, right_zh


def _mistakes(trunk: dict[str, Any], names: set[str], lines: set[Any], tables: dict[str, Any]) -> Iterator[list[str]]:
    kind, name = trunk.get("kind", ADDRESS), trunk.get("name")
    if isinstance(name, str):
        if name in names:
            yield ["name", f'"{name}" is used twice', f'"{name}" 重复', "a name of its own", "各不相同的名称"]
        if name in TAKEN or name.startswith("transport-"):
            yield [
                "name",
                f'is "{name}"',
                f'现为 "{name}"',
                "another name: this one is taken",
                "换一个名称：该名称另有用途",
            ]
        names.add(name)
    if kind not in POSSIBLE:
        return
    for key in NEEDED[kind]:
        if not trunk.get(key):
            wrong, wrong_zh = f"is missing for kind {kind}", f"kind 为 {kind} 时缺少这一项"
            yield [key, wrong, wrong_zh, *str(Trunk.model_fields[key].description).split("|")]
    for key in {"addresses", *POSSIBLE[REGISTRATION]} & trunk.keys() - {*POSSIBLE[kind]}:
        others = ", ".join(k for k in POSSIBLE if key in POSSIBLE[k])
        yield [key, f"does not go with kind {kind}", f"kind 为 {kind} 时不可用", f"kind {others}", f"kind 为 {others}"]
    if kind != GATEWAY and trunk.get("tls", "off") != "off" and "port" not in trunk:
        yield [
            "port",
            "is missing for a trunk with tls",
            "启用 tls 的中继缺少这一项",
            "the carrier's port for TLS, mostly 5061",
            "运营商的 TLS 端口，多为 5061",
        ]
    server, proxy = trunk.get("server"), trunk.get("proxy")
    if isinstance(server, str) and not server.replace(".", "").isdecimal() and not proxy:
        yield [
            "server",
            f'"{server}" is a name, which Asterisk does not look up',
            f'"{server}" 是域名，Asterisk 不查询域名',
            "an IPv4 address, or the proxy's IPv4 address as proxy",
            "IPv4 地址，或另填 proxy（代理的 IPv4 地址）",
        ]
    if (line := trunk.get("line")) is not None and line not in lines:
        choices = ", ".join(sorted(one for one in lines if isinstance(one, str)))
        yield [
            "line",
            f'"{line}" is no line of this file',
            f'本文件中没有线路 "{line}"',
            f"one of {choices}",
            f"以下之一：{choices}",
        ]
    sip = tables.get("sip")
    own = sip.get("address") if isinstance(sip, dict) else None
    places = [proxy or server, *(trunk.get("addresses") or [])] if isinstance(trunk.get("addresses", []), list) else []
    if own in places and isinstance(sip, dict) and trunk.get("port", 5060) == sip.get("port"):
        key = "addresses" if own in (trunk.get("addresses") or []) else "proxy" if proxy else "server"
        where = f"{own}:{sip['port']}"
        yield [key, f"{where} is this machine itself", f"{where} 是本机自身", "the carrier's address", "运营商的地址"]


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
