"""Each kind of trunk is rendered for Asterisk, a wrong one is refused, and a number has the form that it wants."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ConfigError
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets, check
from models.site import Site
from models.text.trunk_form import to_dial, written_forms
from tests.unit.test_render import answering, contexts, edit, endpoints, files

pytestmark = pytest.mark.unit

SEVERAL = """
[[trunk]]
name = "telecom"
addresses = ["192.0.2.1", "192.0.2.2"]
codecs = ["alaw"]

[[trunk]]
name = "ims"
kind = "registration"
server = "ims.example.com"
proxy = "192.0.2.9"
user = "02088886666"
caller = "02088886666"
dials = "+86"

[[trunk]]
name = "box"
kind = "gateway"
line = "8001"
"""


EXAMPLE = (PROJECT_ROOT / "site.example.toml").read_text(encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.create_missing()
    return home


def with_several_trunks(home: Home) -> None:
    home.site_file.write_text(
        re.sub(r"\[carrier\].*?\n\n", "", EXAMPLE, count=1, flags=re.DOTALL) + SEVERAL, encoding="utf-8"
    )
    home.secrets_file.write_text('[trunk]\nims = "geheim;1"\n', encoding="utf-8")
    home.secrets_file.chmod(0o600)


# -- Asterisk ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("gateway", "strange"), [("off", False), ("optional", False), ("required", True)])
def test_who_does_not_encrypt_is_a_stranger_unless_a_gateway_need_not(home: Home, gateway: str, strange: bool) -> None:
    with_several_trunks(home)
    text = home.site_file.read_text(encoding="utf-8").replace('tls = "off" ', 'tls = "required" ')
    home.site_file.write_text(f'{text}tls = "{gateway}"\n', encoding="utf-8")
    assert Site.load(home.site_file).sip.tls == "required"
    assert ("match_header = Via: " in files(home)["pjsip.conf"]) is strange


def test_each_emergency_way_waits_for_the_one_before_it_and_shows_its_own_number(home: Home) -> None:
    """Four seconds: `next_after_s` of the policy."""
    with_several_trunks(home)
    dialplan = contexts(files(home))
    call, ways = dialplan["emergency-call"], "\n".join(dialplan["way"])
    assert any(f"Dial({'&'.join(f'Local/{n}@way/n' for n in (1, 2, 3, 4))},,ir)" in line for line in call)
    assert [line.split("Set(")[1] for line in call if "DIALLED" in line] == [
        f"__DIALLED_{n}=${{EMERGENCY}})" for n in (1, 2)
    ]
    assert re.findall(r"Dial\(([^,]+),,ib\(way\^begun\^1\((\d)\)\)\)", ways) == [
        ("PJSIP/telecom/sip:${DIALLED_1}@192.0.2.1:5060", "1"),
        ("PJSIP/telecom/sip:${DIALLED_1}@192.0.2.2:5060", "2"),
        ("PJSIP/ims/sip:${DIALLED_2}@ims.example.com", "3"),
        ("PJSIP/${DIALLED_1}@box", "4"),
    ]
    assert re.findall(r"BEFORE=\$\{SHARED\(way-(\d)-\$\{ROUND\},\$\{OURS\}\)\}\)", ways) == ["1", "2", "3"]
    assert ways.count("GotoIf($[${SILENT} < 20]?wait)") == 3
    assert ways.count("Wait(0.2)") == 3
    assert re.findall(r"CALLERID\(all\)=(\d+)", ways) == ["8000", "8000", "02088886666", "8000"]


def test_each_kind_of_trunk_is_known_by_what_it_can_prove(home: Home) -> None:
    """A carrier by its address, a gateway by its login; the carrier's Contact is obeyed within a call."""
    with_several_trunks(home)
    rendered = files(home)
    pjsip = (home.asterisk / "etc" / "pjsip.conf").read_text(encoding="utf-8")
    known = endpoints(rendered["pjsip.conf"])
    trunks = {name: known[name] for name in ("telecom", "ims", "box")}
    assert {name: one["identify_by"] for name, one in trunks.items()} == {
        "telecom": "ip",
        "ims": "ip",
        "box": "username,auth_username",
    }
    assert {name: one["context"] for name, one in trunks.items()} == {
        "telecom": "from-carrier",
        "ims": "from-carrier",
        "box": "from-trunk-box",
    }
    assert {name: one["rewrite_contact"] for name, one in trunks.items()} == {
        "telecom": "no",
        "ims": "no",
        "box": "yes",
    }
    assert (trunks["telecom"]["allow"], trunks["ims"]["from_user"]) == ("alaw", "02088886666")
    of_trunks = pjsip[: pjsip.index("[anonymous]")]
    assert re.findall(r"(?m)^match = (.+)$", of_trunks) == ["192.0.2.1", "192.0.2.2", "192.0.2.9"]
    assert "password = geheim\\;1\n" in pjsip
    assert "server_uri = sip:ims.example.com\nclient_uri = sip:02088886666@ims.example.com\n" in pjsip
    assert pjsip.count("outbound_proxy = sip:192.0.2.9:5060\\;lr\n") == 3
    dialplan = contexts(rendered)
    assert [answering(dialplan, "from-trunk-box", number) for number in ("8000", "s", "7001", "110")] == [
        "from-trunk-box"
    ] * 4
    assert [line for line in dialplan["from-trunk-box"] if line.startswith("same")][
        -1
    ] == "same => n,Goto(lines,8001,1)"
    steps = "\n".join(dialplan["from-trunk-box"])
    assert set(re.findall(r"Goto\((\w+),", steps)) == {"lines"}
    assert "Dial(" not in steps


def test_a_public_number_is_ours_in_every_form_in_which_a_carrier_sends_it(home: Home) -> None:
    edit(home.site_file, 'did = ["8000"]', 'did = ["02088886666"]')
    edit(home.site_file, 'did = ["8001"]', 'did = ["01088886666"]')
    dialplan = contexts(files(home))
    for form in ("02088886666", "2088886666", "862088886666", "+862088886666", "00862088886666"):
        assert answering(dialplan, "from-carrier", form) == "from-carrier"
    # It would be both lines' number.
    assert answering(dialplan, "from-carrier", "88886666") is None


def test_behind_a_router_everybody_outside_is_told_its_address(home: Home) -> None:
    edit(home.site_file, "[sip] ", '[sip]\nexternal_address = "203.0.113.7" #')
    pjsip = files(home)["pjsip.conf"]
    for key in ("external_signaling_address", "external_media_address"):
        assert pjsip.count(f"{key} = 203.0.113.7") == 2
    assert pjsip.count("local_net = 192.168.0.0/16") == 2


def test_an_encrypted_trunk_is_dialled_watched_and_registered_with_over_tls_alone(home: Home) -> None:
    """Also where no telephone uses TLS; the authority of carriers' certificates is the site's choice."""
    with_several_trunks(home)
    edit(home.site_file, 'codecs = ["alaw"]', 'codecs = ["alaw"]\ntls = "required"\nport = 5061')
    edit(home.site_file, 'dials = "+86"', 'dials = "+86"\ntls = "optional"\nport = 5071')
    rendered = files(home)
    pjsip, known = (home.asterisk / "etc" / "pjsip.conf").read_text(encoding="utf-8"), endpoints(rendered["pjsip.conf"])
    encryption = {
        name: (known[name].get("media_encryption"), known[name].get("media_encryption_optimistic"))
        for name in ("telecom", "ims", "box", "7001")
    }
    assert encryption == {
        "telecom": ("sdes", "no"),
        "ims": ("sdes", "yes"),
        "box": (None, None),
        "7001": (None, None),
    }
    assert "contact = sip:192.0.2.2:5061\\;transport=tls\n" in pjsip
    assert "server_uri = sip:ims.example.com\\;transport=tls\n" in pjsip
    assert pjsip.count("outbound_proxy = sip:192.0.2.9:5071\\;transport=tls\\;lr\n") == 3
    assert (
        "Dial(PJSIP/telecom/sip:${DIALLED_1}@192.0.2.1:5061\\;transport=tls,,ib" in rendered["extensions-trunks.conf"]
    )
    assert "bind = 127.0.0.1:5061\n" in pjsip
    assert "verify_server" not in pjsip
    edit(home.site_file, "tls_port = 5061", 'tls_port = 5061\ntrunk_authority = "/etc/ssl/carriers.pem"')
    assert "tls-trunk-authorities.pem\nverify_server = yes\n" in files(home)["pjsip.conf"]


# -- the site file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "key", "wrong", "right"),
    [
        ('name = "ims"', 'name = "telecom"', "trunk[telecom].name", "used twice", "of its own"),
        ('name = "ims"', 'name = "phone"', "trunk[phone].name", 'is "phone"', "taken"),
        ('name = "ims"', 'name = "IMS"', "trunk[IMS].name", 'is "IMS"', "lower-case"),
        ('kind = "gateway"', 'kind = "fxo"', "trunk[box].kind", 'is "fxo"', "gateway"),
        ('user = "02088886666"\n', "", "trunk[ims].user", "is missing for kind registration", "letters, digits"),
        (
            'addresses = ["192.0.2.1", "192.0.2.2"]',
            "",
            "trunk[telecom].addresses",
            "is missing for kind address",
            "IPv4",
        ),
        ('proxy = "192.0.2.9"\n', "", "trunk[ims].server", "which Asterisk does not look up", "proxy's IPv4 address"),
        ('line = "8001"', 'line = "8009"', "trunk[box].line", "is no line", "8000, 8001"),
        ('line = "8001"', 'user = "x"', "trunk[box].user", "does not go with kind gateway", "kind registration"),
        ('codecs = ["alaw"]', 'codecs = ["g729"]', "trunk[telecom].codecs[no. 1]", 'is "g729"', "g722"),
        ('codecs = ["alaw"]', 'dials = "0"', "trunk[telecom].dials", 'is "0"', "national"),
        ('codecs = ["alaw"]', 'tls = "required"', "trunk[telecom].port", "is missing for a trunk with tls", "5061"),
        ('codecs = ["alaw"]', 'tls = "yes"', "trunk[telecom].tls", 'is "yes"', "required"),
        ('codecs = ["alaw"]', "max_calls = 0", "trunk[telecom].max_calls", "is 0", "whole number"),
        ('"192.0.2.1"', '"127.0.0.1"', "trunk[telecom].addresses", "this machine itself", "carrier's"),
        ("[[trunk]]", "[carrier]\naddresses = []\nport = 5060\n[[trunk]]", "carrier", "beside [[trunk]]", "not both"),
    ],
)
def test_a_wrong_trunk_is_refused_with_its_key_and_remedy(
    home: Home, old: str, new: str, key: str, wrong: str, right: str
) -> None:
    with_several_trunks(home)
    text = home.site_file.read_text(encoding="utf-8")
    at = text.index(SEVERAL)
    assert old in text[at:]
    home.site_file.write_text(text[:at] + text[at:].replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        Site.load(home.site_file)
    (problem,) = [one for one in raised.value.problems if one.key == key]
    assert wrong in problem.wrong
    assert right in problem.right
    assert problem.wrong_zh
    assert problem.right_zh


def test_the_password_of_a_carrier_is_asked_for_and_kept(home: Home) -> None:
    with_several_trunks(home)
    site = Site.load(home.site_file)
    made = Secrets.load_or_create(home, site)
    assert (made.trunks, made.created[-1], len(made.sip["box"])) == ({"ims": "geheim;1"}, "box", 20)
    assert Secrets.load_or_create(home, site) == Secrets(
        made.ari_password, made.agi_password, made.sip, {}, trunks=made.trunks
    )
    check(home, site)
    home.secrets_file.unlink()
    with pytest.raises(ConfigError) as raised:
        check(home, site)
    (problem,) = raised.value.problems
    assert (problem.key, problem.wrong) == ("trunk.ims", "is missing")
    assert '[trunk] ims = "..."' in problem.right
    assert '[trunk] ims = "..."' in problem.right_zh


# -- numbers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "plain", "bare", "national", "plus"),
    [
        ("13800138000", "13800138000", "13800138000", "13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000", "13800138000", "13800138000", "+8613800138000"),
        ("87654321", "87654321", "87654321", "02087654321", "+862087654321"),
        ("020-87654321", "02087654321", "87654321", "02087654321", "+862087654321"),
        ("01087654321", "01087654321", "01087654321", "01087654321", "+861087654321"),
        ("4008001234", "4008001234", "4008001234", "4008001234", "+864008001234"),
        ("+442079460000", "+442079460000", "+442079460000", "+442079460000", "+442079460000"),
    ],
)
def test_a_number_is_dialled_in_the_form_that_the_trunk_wants(
    number: str, plain: str, bare: str, national: str, plus: str
) -> None:
    forms = {"plain": plain, "bare": bare, "national": national, "+86": plus}
    assert {form: to_dial(number, form, "020") for form in forms} == forms
    assert to_dial(number, "86", "020") == plus.removeprefix("+") or number.startswith("+44")


@given(st.from_regex(r"1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})[2-8][0-9]{7}", fullmatch=True))
def test_whatever_form_a_carrier_writes_the_number_is_one_of_its_forms(number: str) -> None:
    forms = written_forms(number, None)
    assert {to_dial(number, form, None) for form in ("plain", "bare", "national", "86", "+86")} <= set(forms)
    for form in ("86", "+86", "national"):
        assert set(written_forms(to_dial(number, form, None), None)) == set(forms)
