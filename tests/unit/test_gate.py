"""Nothing rings the public network past the gate: the table decides, and the code has no other way to the trunk."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialplan.render import render
from ivr.way_out import NotLetOut, way_out
from models.calls import gate
from models.instance.home import PROJECT_ROOT, Home
from models.instance.secrets import Secrets
from models.policy import Policy
from models.policy.gate import Reach
from models.site import Site
from models.text.number_class import NumberClass

pytestmark = pytest.mark.unit

SITE = Site.load(PROJECT_ROOT / "site.example.toml")
POLICY = Policy.load(PROJECT_ROOT / "policy.toml", SITE)
ONE_OF_EACH = {
    NumberClass.EMERGENCY: "110",
    NumberClass.OWN: "8000",
    NumberClass.LOCAL: "87654321",
    NumberClass.MOBILE: "13800138000",
    NumberClass.NATIONAL: "01087654321",
    NumberClass.INTERNATIONAL: "+442079460000",
    NumberClass.PREMIUM: "16812345",
    NumberClass.SERVICE: "95588",
    NumberClass.UNKNOWN: "12345678",
}
MAY_LEAVE = {NumberClass.LOCAL, NumberClass.MOBILE, NumberClass.NATIONAL}


@pytest.mark.parametrize("purpose", Reach)
@pytest.mark.parametrize("kind", NumberClass)
def test_as_delivered_each_purpose_reaches_local_mobile_and_national_numbers(purpose: Reach, kind: NumberClass) -> None:
    """R20-5: nothing reaches a premium number; the hotline by itself calls nobody abroad (R20-1)."""
    decision = gate.decide(ONE_OF_EACH[kind], purpose, SITE, POLICY)
    assert (decision.number_class, decision.allowed) == (kind, kind in MAY_LEAVE)
    assert decision.rule
    assert decision.zh
    assert decision.en


@pytest.mark.parametrize("kind", sorted(set(NumberClass) - MAY_LEAVE))
def test_no_policy_can_open_the_gate_to_the_other_classes(kind: NumberClass, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    text = (PROJECT_ROOT / "policy.toml").read_text(encoding="utf-8")
    file.write_text(text.replace('value = ["local", "mobile", "national"]', f'value = ["{kind}"]'), encoding="utf-8")
    with pytest.raises(Exception, match=r"gate\.call_back"):
        Policy.load(file, SITE)


@pytest.mark.parametrize(("number", "extension"), [("1101", "1101"), ("7001", "7001"), ("1199", None), ("8002", None)])
def test_our_own_telephones_ring_inside(number: str, extension: str | None) -> None:
    for purpose in (Reach.CALL_BACK, Reach.FOLLOW_UP):
        decision = gate.decide(number, purpose, SITE, POLICY)
        assert (decision.extension, decision.allowed) == (extension, extension is not None)
    assert not gate.decide(number, Reach.STAFF_MOBILE, SITE, POLICY).allowed


@given(st.text(max_size=30) | st.text("0123456789+#*-@:/ ", max_size=24), st.sampled_from(Reach))
def test_what_reaches_the_trunk_is_a_plain_number_of_an_allowed_class(number: str, purpose: Reach) -> None:
    if not gate.decide(number, purpose, SITE, POLICY).allowed:
        with pytest.raises(NotLetOut):
            way_out(SITE, POLICY, number, purpose, "8000")
        return
    endpoint = way_out(SITE, POLICY, number, purpose, "8000")[0]
    if endpoint.removeprefix("PJSIP/") in SITE.phones:
        return
    dialled = re.fullmatch(r"PJSIP/carrier/sip:(\+?[0-9]{7,15})@127\.0\.0\.2:5060", endpoint)
    assert dialled is not None, endpoint
    assert gate.class_of(dialled[1], SITE, POLICY) in MAY_LEAVE


@pytest.mark.parametrize("number", ["138/0013-8000", "\u202d13800138000\u202c", "０１３８００１３８０００"])
def test_only_digits_are_dialled(number: str) -> None:
    assert re.fullmatch(r"PJSIP/carrier/sip:0?13800138000@.*", way_out(SITE, POLICY, number, Reach.CALL_BACK, "")[0])


# -- the code ----------------------------------------------------------------------------------------------------------

CHANNEL_IS_MADE_IN = {
    ("ivr/ringing.py", "_start", "prepare"),
    ("ivr/ringing.py", "_takes", "dial"),
    ("ivr/flows/call_back.py", "ring_the_other", "prepare"),
    ("ivr/flows/call_back.py", "customer_answers", "dial"),
    ("ivr/dialling.py", "goes_out", "call_out"),
    ("ivr/canary.py", "_call", "dial_ourselves"),
}
"""(file, function, verb): the places where a telephone is rung; each rings what `endpoint` or `way_out` gave it."""
ENDPOINT_IS_WRITTEN_IN = {
    ("ivr/way_out.py", "way_out", "PJSIP/"),
    ("ivr/ringing.py", "endpoint", "PJSIP/"),
    ("ivr/dialling.py", "ring_room", "PJSIP/"),
    ("dialplan/fallback/caller.py", "free", "DEVICE_STATE(PJSIP/"),
    ("dialplan/fallback/caller.py", "ring", "PJSIP/"),
}
"""(file, function, beginning): where the name of an endpoint is put together."""
VERBS = {"prepare", "dial", "call_out", "dial_ourselves"}


def functions(package: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sorted((PROJECT_ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path.relative_to(PROJECT_ROOT).as_posix(), node


def rings(package: str) -> Iterator[tuple[str, str, str]]:
    for file, function in functions(package):
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VERBS:
                yield file, function.name, node.func.attr


def endpoints(package: str) -> Iterator[tuple[str, str, str]]:
    for file, function in functions(package):
        for node in ast.walk(function):
            for part in node.values if isinstance(node, ast.JoinedStr) else ():
                if isinstance(part, ast.Constant) and re.search(r"PJSIP/|SIP/|IAX2/|sip:|carrier", str(part.value)):
                    yield file, function.name, str(part.value)


def test_a_telephone_is_rung_only_in_the_known_places() -> None:
    assert {ring for package in ("ivr", "dialplan", "scheduler", "console") for ring in rings(package)} == (
        CHANNEL_IS_MADE_IN
    )


def test_the_trunk_is_named_only_behind_the_gate() -> None:
    assert {one for package in ("ivr", "dialplan", "scheduler", "console") for one in endpoints(package)} == (
        ENDPOINT_IS_WRITTEN_IN
    )
    for package in ("ivr", "scheduler", "console"):
        for path in (PROJECT_ROOT / package).rglob("*.py"):
            names = [n.attr for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Attribute)]
            assert not {"carrier", "destinations", "hosts", "addresses"} & {*names} or path.name == "way_out.py", path


def test_every_call_that_leaves_is_counted() -> None:
    """Who rings over the trunk asks `let_out`, which writes the call before it names the trunk."""
    callers = {
        (file, function.name, node.func.id)
        for file, function in functions("ivr")
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("way_out", "let_out")
    }
    assert callers == {
        ("ivr/way_out.py", "let_out", "way_out"),
        ("ivr/dialling.py", "call_out", "let_out"),
        ("ivr/ringing.py", "endpoint", "let_out"),
        ("ivr/flows/call_back.py", "dial", "let_out"),
        ("ivr/flows/from_screen.py", "whom", "let_out"),
    }
    (out,) = [function for file, function in functions("ivr") if function.name == "let_out"]
    lines = ast.unparse(out).splitlines()
    writes = next(i for i, line in enumerate(lines) if "trunk_calls.let_out" in line)
    refuses = next(i for i, line in enumerate(lines) if "raise NotLetOut" in line)
    names = next(i for i, line in enumerate(lines) if "way_out(" in line and "def" not in line)
    assert writes < refuses < names


def test_the_gate_decides_before_the_trunk_is_named() -> None:
    (way,) = [
        function for file, function in functions("ivr") if file == "ivr/way_out.py" and function.name == "way_out"
    ]
    lines = ast.unparse(way).splitlines()
    decides = next(i for i, line in enumerate(lines) if "gate.decide(" in line)
    refuses = next(i for i, line in enumerate(lines) if "raise NotLetOut" in line)
    names = next(i for i, line in enumerate(lines) if ".destinations(" in line)
    assert decides < refuses < names


# -- the dialplan ------------------------------------------------------------------------------------------------------


def test_only_emergency_extensions_of_the_dialplan_dial_the_trunk(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create_missing()
    site = Site.load(home.site_file)
    render(home, site, POLICY, Secrets.load_or_create(home, site), None)
    found: dict[str, set[str]] = {}
    for file in sorted((home.asterisk / "etc").iterdir()):
        context = ""
        for line in file.read_text(encoding="utf-8").splitlines() if file.name.startswith("extensions") else ():
            if named := re.match(r"\[([^\]]+)\]", line):
                context = named[1]
            if re.match(r"\s*;", line):
                continue
            for dialled in re.findall(r"(?:PJSIP|SIP|IAX2|DAHDI|Local)/[^,)&@]*", line):
                found.setdefault(context, set()).add(dialled)
    outside = {context: numbers for context, numbers in found.items() if any("carrier" in one for one in numbers)}
    assert outside == {"way": {"PJSIP/carrier/sip:${DIALLED_1}"}}
    # Only an emergency call, and a call of ours that has passed the gate, comes there.
    ways = {context for context, numbers in found.items() if any(one.startswith("Local/1") for one in numbers)}
    assert ways == {"emergency-call", "ways"}
    inside = {
        one for context, numbers in found.items() for one in numbers if not context.startswith(("emergency", "way"))
    }
    telephones = {f"PJSIP/{number}" for number in site.phones}
    assert inside - telephones <= {"PJSIP/${ARG1}", "Local/s"}
