"""Renders Asterisk's whole configuration from site, policy and secrets; nobody edits it by hand."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.instance.tls import Certificate
from models.policy import Policy
from models.site import Site
from models.site.trunks import Trunk
from models.text.trunk_form import written_forms

TEMPLATE_FOLDERS = (PROJECT_ROOT / "asterisk-conf", PROJECT_ROOT / "dialplan")
_TOLD_AGAIN_AFTER_S = 10  # house: longer than an emergency operator takes to answer, short enough to wait through
_AREA_CODES = ("0[1-9]X", "0[1-9]XX")
_POLLS_A_SECOND = 5
_ROUNDS = 20  # house: refused by every trunk, an emergency call is tried again for a minute
_FALLBACK_ANSWERS_S = 3  # house: a caller hears ringing meanwhile; then the dialplan answers by itself
_PORTS_OF_A_LEG = 2  # RTP and RTCP
_LEGS_OF_A_CALL = 3  # the caller, the agent, and another one who is rung
_EMERGENCIES_AT_ONCE = 2  # each with the telephone, the trunks and those who are notified
_WAV_HEADER_BYTES = 44
_WAV_BYTES_PER_SECOND = 16_000  # 8 kHz, 16 bit, one channel


@dataclass(frozen=True)
class AsteriskPaths:
    """How this Asterisk sees the machine.

    `base` is its path to the instance's home/asterisk, `data` the folder of its own documentation (without which its
    modules refuse their configuration), `music` the folder of the hold music.
    """

    base: str = "/hotline"
    data: str = "/usr/share/asterisk"
    music: str = "/usr/share/asterisk/moh"


def render(
    home: Home,
    site: Site,
    policy: Policy,
    secrets: Secrets,
    view: AsteriskPaths | None = None,
    certificate: Certificate | None = None,
) -> list[Path]:
    """Writes home/asterisk/etc and returns the files that changed; `certificate` is ours for TLS.

    Each file is replaced whole, so that an Asterisk starting at that moment never reads half a file. Files without a
    template are removed. The files contain passwords: mode 0640.
    """
    view = view or AsteriskPaths()
    folder = home.asterisk / "etc"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = dict(_rendered(site, policy, secrets, view))
    if certificate:
        wanted |= {"tls-certificate.pem": certificate.certificate, "tls-key.pem": certificate.key}
        if certificate.trunk_authorities:
            wanted["tls-trunk-authorities.pem"] = certificate.trunk_authorities
    changed = [folder / name for name, text in wanted.items() if _write(folder / name, text)]
    for stray in set(folder.iterdir()) - {folder / name for name in wanted}:
        stray.unlink()
        changed.append(stray)
    _link(home.asterisk / "documentation", f"{view.data}/documentation")
    return sorted(changed)


def told_phones(site: Site) -> list[str]:
    """The phones that are notified of an emergency call: `emergency.told` is a staff number or a group's name."""
    told = site.emergency.told
    return [person.number for person in site.staff if told in (person.number, person.group)]


def duty_phones(site: Site) -> list[str]:
    """The phones rung when the hotline itself fails: the monitoring centre's, which is staffed day and night; without
    one, the phones that are notified of emergency calls."""
    return [person.number for person in site.staff if person.role == "monitoring"] or told_phones(site)


def public_numbers(site: Site) -> dict[str, str]:
    """Our line for each form in which a carrier may send a public number. A form that two lines would have is left
    out."""
    written = {did: line.number for line in site.lines for did in line.did}
    forms: dict[str, set[str]] = {}
    for did, line in written.items():
        for form in written_forms(did, site.site.area_code):
            forms.setdefault(form, set()).add(line)
    return {form: next(iter(lines)) for form, lines in forms.items() if len(lines) == 1} | written


def own_numbers(site: Site, trunk: Trunk) -> dict[str, str]:
    """As `public_numbers`; a gateway may also send the number of a line itself."""
    lines = {line.number: line.number for line in site.lines} if trunk.is_gateway else {}
    return lines | public_numbers(site)


def emergency_numbers(site: Site) -> dict[str, str]:
    """The emergency number for everything that people dial for it: 110, 9110, 0110, 00110, 110#, 020110."""
    found = {number: number for number in site.emergency.numbers}
    for number in site.emergency.numbers:
        for before in ("", "9", "0", "00", "90", *_AREA_CODES):
            for behind in ("", "#"):
                pattern = "_" if before in _AREA_CODES else ""
                found.setdefault(f"{pattern}{before}{number}{behind}", number)
    return found


@dataclass(frozen=True)
class WayOut:
    """One way to the public network: how it is dialled (`${DIALLED_1}` is the number in the first form that a trunk
    wants), the caller that it shows, its trunk, and how many calls of ours that takes."""

    dial: str
    caller: str
    trunk: str
    max_calls: int | None


def ways_out(site: Site) -> list[WayOut]:
    """In the order of the site; a trunk with several addresses is several ways."""
    return [
        WayOut(dial, trunk.caller or site.main_number, trunk.name, trunk.max_calls)
        for trunk in site.trunks
        for dial in trunk.destinations(f"${{DIALLED_{site.number_forms.index(trunk.dials) + 1}}}")
    ]


def calls_in(site: Site, policy: Policy) -> int:
    """How many calls may come in at a time. Every leg of a call needs two ports for voice; when Asterisk has none left,
    it answers 488 to every call, 110 included."""
    if policy.limits.calls_in:
        return policy.limits.calls_in
    legs = (site.rtp.last - site.rtp.first + 1) // _PORTS_OF_A_LEG
    emergency = _EMERGENCIES_AT_ONCE * (1 + len(ways_out(site)) + len(told_phones(site)))
    return max(1, (legs - emergency) // _LEGS_OF_A_CALL)


def _rendered(site: Site, policy: Policy, secrets: Secrets, view: AsteriskPaths) -> Iterator[tuple[str, str]]:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE_FOLDERS),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        # Not HTML; models.site and models.instance.secrets refuse whatever Asterisk would misread.
        autoescape=False,
    )
    switchboard = [line for line in site.lines if line.flow == "switchboard"]
    ways = ways_out(site)
    values = {
        "site": site,
        "policy": policy,
        "secrets": secrets,
        "base": view.base,
        "music": view.music,
        "told": told_phones(site),
        "duty": duty_phones(site),
        "front_desk": (switchboard or site.lines)[0].number,
        "main_number": site.main_number,
        "dids": public_numbers(site),
        "own_numbers": lambda trunk: own_numbers(site, trunk),
        "qualify_every_s": policy.trunks.every_s,
        "ways": ways,
        "all_ways": "&".join(f"Local/{number}@way/n" for number in range(1, len(ways) + 1)),
        "emergency_numbers": emergency_numbers(site),
        "told_again_after_s": _TOLD_AGAIN_AFTER_S,
        "poll_s": 1 / _POLLS_A_SECOND,
        "polls": policy.trunks.next_after_s * _POLLS_A_SECOND,
        "rounds": _ROUNDS,
        "fallback_answers_s": _FALLBACK_ANSWERS_S,
        "longest_s": policy.call.longest_minutes * 60,
        "in_total": calls_in(site, policy),
        "per_trunk": policy.limits.per_trunk,
        "per_caller": policy.limits.per_caller,
        "per_telephone": policy.limits.per_telephone,
        "second_bytes": _WAV_BYTES_PER_SECOND,
        "shortest_bytes": round(_WAV_HEADER_BYTES + _WAV_BYTES_PER_SECOND * policy.message.shortest_s),
    }
    for name in environment.list_templates(extensions=["j2"]):
        yield name.removesuffix(".j2"), environment.get_template(name).render(values)


def _write(path: Path, text: str) -> bool:
    """Replaces the file if its text differs; says whether it did."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o640)  # whatever the umask: Asterisk's account reads it by its group
        file.write(text)
    part.replace(path)
    return True


def _link(link: Path, target: str) -> None:
    """The link is read inside Asterisk's root file system; outside, it may point nowhere."""
    if not link.is_symlink() or str(link.readlink()) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target)
