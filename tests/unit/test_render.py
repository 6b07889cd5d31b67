"""Asterisk's configuration is complete, closed to strangers, and gives help whatever else is broken."""

import configparser
import re
import stat
from pathlib import Path

import pytest

from dialplan.render import AsteriskPaths, render, told_phones
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.policy import Policy
from models.site import Site

pytestmark = pytest.mark.unit

EMERGENCY = ("110", "119", "120", "122")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_missing()
    return home


@pytest.fixture
def rendered(home: Home) -> dict[str, str]:
    return files(home)


def files(home: Home, view: AsteriskPaths | None = None) -> dict[str, str]:
    """Renders, and returns the text of each file without comments."""
    site = Site.load(home.site_file)
    render(home, site, Policy.load(home.policy_file), Secrets.load_or_create(home, site), view)
    return {
        file.name: re.sub(r"(?m)^\s*;.*\n|\s;.*$", "", file.read_text(encoding="utf-8"))
        for file in (home.asterisk / "etc").iterdir()
    }


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def sections(text: str) -> list[tuple[str, dict[str, str]]]:
    """(name, settings) of each section; "type" distinguishes sections of the same name."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in text.splitlines():
        if name := re.match(r"\[([^\]]+)\](?:\((.*)\))?", line):
            inherited: dict[str, str] = {}
            for parent in filter(None, (name[2] or "").replace("!", "").split(",")):
                inherited |= next(values for known, values in reversed(found) if known == parent)
            found.append((name[1], inherited))
        elif "=" in line:
            key, _, value = line.partition("=")
            found[-1][1][key.strip()] = value.strip()
    return found


def endpoints(pjsip: str) -> dict[str, dict[str, str]]:
    templates = set(re.findall(r"(?m)^\[([^\]]+)\]\(!", pjsip))
    return {
        name: values for name, values in sections(pjsip) if values.get("type") == "endpoint" and name not in templates
    }


def contexts(rendered: dict[str, str]) -> dict[str, list[str]]:
    """The dialplan's contexts with their lines, in order."""
    found: dict[str, list[str]] = {}
    for name, text in rendered.items():
        if not name.startswith("extensions"):
            continue
        here: list[str] = []
        for line in filter(None, (line.strip() for line in text.splitlines())):
            if line.startswith("["):
                here = found.setdefault(line.strip("[]"), [])
            elif not line.startswith("#"):
                here.append(line)
    return found


def searched(dialplan: dict[str, list[str]], context: str) -> list[str]:
    """The contexts in which Asterisk looks for a dialled number, in order."""
    order = [context]
    for line in dialplan[context]:
        if line.startswith("include"):
            order += searched(dialplan, line.partition("=>")[2].strip())
    return order


def answering(dialplan: dict[str, list[str]], context: str, number: str) -> str | None:
    """The context that handles a dialled number: within each context an exact entry comes before the pattern."""
    for place in searched(dialplan, context):
        dialled = [re.match(r"exten => ([^,]+),1,", line) for line in dialplan[place]]
        if any(entry and matches(entry[1], number) for entry in dialled):
            return place
    return None


def matches(entry: str, number: str) -> bool:
    """Whether an extension, or a pattern of Asterisk (X any digit, ! anything that follows), is this number."""
    if not entry.startswith("_"):
        return entry == number
    return re.fullmatch(re.sub(r"^\*", r"\\*", entry[1:]).replace("X", "[0-9]").replace("!", ".*"), number) is not None


def test_every_file_is_filled_in_and_no_template_syntax_is_left(rendered: dict[str, str]) -> None:
    made = {
        path.name.removesuffix(".j2")
        for folder in ("asterisk-conf", "dialplan")
        for path in (PROJECT_ROOT / folder).glob("*.j2")
    }
    assert rendered.keys() == made
    assert {
        name for name, text in rendered.items() if re.search(r"\{\{|\}\}|\{%|%\}|\{#|None|Undefined", text)
    } == set()


def test_rendering_again_changes_nothing_and_a_changed_site_changes_only_the_files_concerned(home: Home) -> None:
    files(home)
    site, policy = Site.load(home.site_file), Policy.load(home.policy_file)
    secrets = Secrets.load_or_create(home, site)
    assert render(home, site, policy, secrets) == []
    (home.asterisk / "etc" / "chan_sip.conf").write_text("[general]\n", encoding="utf-8")
    edit(home.site_file, "port = 8088", "port = 8092")
    changed = render(home, Site.load(home.site_file), policy, secrets)
    assert {path.name for path in changed} == {"http.conf", "chan_sip.conf"}
    assert not (home.asterisk / "etc" / "chan_sip.conf").exists()


def test_nobody_else_on_the_machine_reads_a_password(home: Home) -> None:
    rendered = files(home)
    secrets = Secrets.load_or_create(home, Site.load(home.site_file))
    words = {secrets.ari_password, *secrets.sip.values()}
    holding = {name for name, text in rendered.items() if any(word in text for word in words)}
    assert holding == {"ari.conf", "pjsip.conf"}
    for name in rendered:
        assert stat.S_IMODE((home.asterisk / "etc" / name).stat().st_mode) & 0o027 == 0


def test_a_stranger_needs_a_password_that_nobody_has_and_reaches_no_context(rendered: dict[str, str]) -> None:
    pjsip = rendered["pjsip.conf"]
    assert "endpoint_identifier_order = ip,header,username,auth_username,anonymous" in pjsip
    known = endpoints(pjsip)
    stranger = known.pop("anonymous")
    assert stranger["context"] not in contexts(rendered)
    for account in stranger["auth"].split(","):
        auth = next(values for name, values in sections(pjsip) if name == account)
        assert (auth["type"], len(auth["password"])) == ("auth", 64)
    for name, values in known.items():
        assert name == "carrier" or values["auth"] == name


def test_the_carrier_is_known_by_its_address_only_and_a_telephone_by_its_name_and_password(
    rendered: dict[str, str],
) -> None:
    """Otherwise anybody who calls himself "carrier" is the carrier."""
    by = {name: values["identify_by"] for name, values in endpoints(rendered["pjsip.conf"]).items()}
    assert (by.pop("carrier"), by.pop("anonymous")) == ("ip", "ip,header,username")
    assert set(by.values()) == {"username"}


def test_no_telephone_that_forwards_its_calls_is_followed(rendered: dict[str, str]) -> None:
    """What ARI dials is never followed, Dial has the option i; Originate, without it, rings through Dial."""
    dialplan = contexts(rendered)
    for values in endpoints(rendered["pjsip.conf"]).values():
        assert values["set_var"] == "FORWARD_CONTEXT=redirected"
    assert dialplan["redirected"] == []
    lines = [line for context in dialplan.values() for line in context]
    dials = [found[1] for line in lines for found in [re.search(r"\bDial\((.*)\)$", line)] if found]
    assert len(dials) == 14
    assert [dial for dial in dials if "i" not in dial.split(",")[2]] == []
    originated = [found for line in lines for found in re.findall(r"\bOriginate\((\w+)/", line)]
    assert set(originated) == {"Local"}


def test_every_phone_has_its_own_password_and_the_carrier_is_identified_by_address(home: Home) -> None:
    edit(home.site_file, 'addresses = ["127.0.0.2"]', 'addresses = ["192.0.2.1", "192.0.2.2"]')
    pjsip = files(home)["pjsip.conf"]
    site = Site.load(home.site_file)
    assert endpoints(pjsip).keys() == {"carrier", "anonymous", *site.phones}
    auths = {name: values for name, values in sections(pjsip) if values.get("type") == "auth" and "username" in values}
    assert auths.keys() == {"stranger-1", "stranger-2", *site.phones}
    assert len({values["password"] for values in auths.values()}) == len(site.phones) + 1
    carriers = pjsip[pjsip.index("endpoint = carrier") :]
    assert re.findall(r"match = (.+)\n", carriers)[:2] == ["192.0.2.1", "192.0.2.2"]
    assert not {"192.0.2.1/32", "192.0.2.2/32", "127.0.0.0/8"} & set(re.findall(r"match = (.+)\n", pjsip))


def test_keys_and_audio_work_in_every_call(rendered: dict[str, str]) -> None:
    """Keys by RFC 4733 and by SIP INFO, the codecs of the issue, over UDP and TCP."""
    transports = [values["protocol"] for _, values in sections(rendered["pjsip.conf"]) if "protocol" in values]
    assert transports == ["udp", "tcp"]
    for values in endpoints(rendered["pjsip.conf"]).values():
        assert (values["disallow"], values["allow"]) == ("all", "alaw,ulaw,g722,opus")
        assert (values["dtmf_mode"], values["direct_media"]) == ("auto_info", "no")
        assert values["media_address"] == "127.0.0.1"  # a host name would be looked up for every call
    assert {"res_pjsip_dtmf_info.so", "codec_opus_open_source.so"} <= loaded(rendered)


def loaded(rendered: dict[str, str]) -> set[str]:
    return set(re.findall(r"(?m)^load = (\S+)$", rendered["modules.conf"]))


def test_only_the_modules_in_use_are_loaded_and_other_ways_in_are_closed(rendered: dict[str, str]) -> None:
    assert "autoload = no" in rendered["modules.conf"]
    shut = ("cdr", "cel", "app_queue", "app_voicemail", "app_system", "pbx_spool", "chan_sip", "chan_iax2")
    assert [module for module in loaded(rendered) if module.startswith(shut)] == []
    for name in ("cdr.conf", "cel.conf"):
        assert "enable = no" in rendered[name]
    assert "enabled = no" in rendered["manager.conf"]


def test_ari_listens_on_this_machine_only(rendered: dict[str, str]) -> None:
    http = configparser.ConfigParser()
    http.read_string(rendered["http.conf"])
    assert (http["general"]["bindaddr"], http["general"]["bindport"]) == ("127.0.0.1", "8088")
    assert (http["general"]["enable_static"], http["general"]["enable_status"]) == ("no", "no")
    assert not any(key.startswith("tls") for key in http["general"])
    assert "allowed_origins" not in rendered["ari.conf"]


@pytest.mark.parametrize("context", ["from-staff", "from-room"])
@pytest.mark.parametrize("number", EMERGENCY)
def test_an_emergency_number_is_matched_before_any_rule_and_needs_no_program(
    rendered: dict[str, str], context: str, number: str
) -> None:
    dialplan = contexts(rendered)
    assert searched(dialplan, context)[1] == "emergency"
    assert answering(dialplan, context, number) == "emergency"
    way = "\n".join(line for name, lines in dialplan.items() if name.startswith(("emergency", "way")) for line in lines)
    assert "Stasis" not in way
    assert "AGI" not in way
    assert "PJSIP/carrier/sip:${DIALLED_1}@127.0.0.2:5060" in way


@pytest.mark.parametrize("context", ["from-staff", "from-room"])
@pytest.mark.parametrize("number", EMERGENCY)
@pytest.mark.parametrize("dialled", ["9{}", "0{}", "00{}", "90{}", "{}#", "9{}#", "010{}", "020{}", "0755{}"])
def test_what_people_dial_before_or_behind_an_emergency_number_does_not_matter(
    rendered: dict[str, str], context: str, number: str, dialled: str
) -> None:
    dialplan, dialled = contexts(rendered), dialled.format(number)
    assert answering(dialplan, context, dialled) == "emergency"
    entry = next(line for line in dialplan["emergency"] if matches(line.split()[2].split(",")[0], dialled))
    assert entry.endswith(f"Set(__EMERGENCY={number})")


def test_an_emergency_call_notifies_the_front_desk_and_shows_the_carrier_our_number(home: Home) -> None:
    dialplan = contexts(files(home))
    notified = told_phones(Site.load(home.site_file))
    assert notified == ["7001", "7002", "7003", "7004"]
    rung = [
        number for number in notified if f"Local/{number}@emergency-desk/n" in "\n".join(dialplan["emergency-call"])
    ]
    assert rung == notified
    assert [line for line in dialplan["emergency-desk"] if ",1," in line] == [
        f"exten => {number},1,Dial(PJSIP/{number},60,i)" for number in notified
    ]
    assert "same => n(dial),Set(CALLERID(all)=8000)" in dialplan["way"]


def test_one_person_may_be_notified_of_emergencies_instead_of_a_group(home: Home) -> None:
    edit(home.site_file, 'told = "agents"', 'told = "7030"')
    assert set(re.findall(r"Local/(\d+)@emergency-desk", "\n".join(contexts(files(home))["emergency-call"]))) == {
        "7030"
    }


def test_an_outside_call_reaches_our_lines_and_nothing_else(rendered: dict[str, str]) -> None:
    dialplan = contexts(rendered)
    assert searched(dialplan, "from-carrier") == ["from-carrier"]
    hidden = "Gosub(withheld,s,1)"
    assert dialplan["from-carrier"] == [
        line
        for number in ("8000", "8001", "8002", "8003")
        for line in (f"exten => {number},1,{hidden}", f"same => n,Goto(lines,{number},1)")
    ]


@pytest.mark.parametrize(
    ("context", "number", "place"),
    [
        ("from-staff", "8000", "lines"),
        ("from-staff", "7002", "colleagues"),
        ("from-staff", "1101", "rooms"),
        ("from-staff", "*8", "codes"),
        ("from-staff", "*20", "codes"),
        ("from-staff", "*21", "codes"),
        ("from-staff", "*90", "codes"),
        ("from-room", "*90", "unknown"),
        ("from-room", "*55", "room-codes"),
        ("from-staff", "*55", "unknown"),
        ("from-carrier", "*55", None),
        ("from-carrier", "*90", None),
        ("from-staff", "*30", "codes"),
        ("from-staff", "*31", "codes"),
        ("from-staff", "*321001", "codes"),
        ("from-room", "*31", "unknown"),
        ("from-room", "*321001", "unknown"),
        ("from-staff", "*33", "codes"),
        ("from-room", "*33", "unknown"),
        ("from-room", "*8", "unknown"),
        ("from-carrier", "*20", None),
        ("from-staff", "7999", "unknown"),
        ("from-staff", "*", "unknown"),
        ("from-room", "8000", "lines"),
        ("from-room", "0", "from-room"),
        ("from-room", "1102", "not-from-rooms"),
        ("from-room", "7001", "not-from-rooms"),
        ("from-room", "1999", "unknown"),
        ("from-carrier", "7001", None),
        ("from-carrier", "110", None),
    ],
)
def test_each_dialled_number_reaches_the_right_destination(
    rendered: dict[str, str], context: str, number: str, place: str | None
) -> None:
    assert answering(contexts(rendered), context, number) == place


def test_the_only_patterns_that_are_no_emergency_number_lead_to_a_ticket_or_an_announcement(
    rendered: dict[str, str],
) -> None:
    dialplan = contexts(rendered)
    patterns = {name for name, lines in dialplan.items() if any(line.startswith("exten => _") for line in lines)}
    # Nothing leads to "ways" but a call of ours that the gate has let out.
    assert patterns == {"emergency", "codes", "unknown", "ways"}
    codes = [line for line in dialplan["codes"] if line.startswith("exten => _")]
    assert codes == [f"exten => _*32{'X' * digits},1,Set(CODE=${{EXTEN}})" for digits in range(4, 9)]
    assert not any("ways" in searched(dialplan, f"from-{caller}") for caller in ("staff", "room", "carrier"))
    assert [line.partition("n,")[2] or line.rpartition(",1,")[2] for line in dialplan["unknown"]] == [
        "Playback(hotline/number-unknown)",
        "Hangup(1)",
    ]


def goes_on_to(context: str) -> list[str]:
    """Unless a reload is going on, at once."""
    return [
        'same => n,GotoIf($["${STASISSTATUS}" != "FAILED"]?left)',
        f"same => n,GotoIf($[${{EPOCH}} >= 0${{REPLACED_UNTIL}}]?{context},s,1)",
    ]


def test_a_line_whose_application_is_gone_goes_to_the_fallback(rendered: dict[str, str]) -> None:
    """R13-1, R17-1: the line is never dead."""
    dialplan = contexts(rendered)
    for context in ("line", "interrupted"):
        lines = dialplan[context]
        stasis = next(place for place, line in enumerate(lines) if "Stasis(${NODE}" in line)
        assert lines[stasis + 1 : stasis + 3] == goes_on_to("fallback")
    assert "NODE = hotline" in dialplan["globals"]


def test_a_staff_code_without_the_application_is_answered_with_an_announcement(rendered: dict[str, str]) -> None:
    lines = contexts(rendered)["code"]
    stasis = next(place for place, line in enumerate(lines) if "Stasis(${NODE},feature,${CODE},${CHANNEL(" in line)
    assert lines[stasis + 1 : stasis + 3] == goes_on_to("unavailable")
    assert "pickupexten = none" in rendered["features.conf"], "Asterisk's own *8 would come before ours"


def test_every_call_has_a_maximum_length(home: Home) -> None:
    edit(home.policy_file, "longest_minutes  = { value = 120", "longest_minutes  = { value = 7")
    dialplan = contexts(files(home))
    assert sum("TIMEOUT(absolute)=420" in line for lines in dialplan.values() for line in lines) == 6


def test_each_instance_has_its_own_ports_and_name_and_folder(home: Home) -> None:
    changes = {
        "port = 5060": "port = 41060",
        "port = 8088": "port = 41088",
        "first = 20000": "first = 41200",
        "last = 20999": "last = 41299",
        'node = "hotline"': 'node = "second"',
    }
    for old, new in changes.items():
        edit(home.site_file, old, new)
    rendered = files(home, AsteriskPaths("/mnt"))
    assert re.findall(r"bind = (.+)", rendered["pjsip.conf"]) == ["127.0.0.1:41060"] * 2
    assert "bindport = 41088" in rendered["http.conf"]
    assert "rtpstart = 41200\nrtpend = 41299" in rendered["rtp.conf"]
    assert "NODE = second" in rendered["extensions.conf"]
    assert set(re.findall(r"(?m)^ast\w+dir = (/\w+)", rendered["asterisk.conf"])) == {"/mnt"}
