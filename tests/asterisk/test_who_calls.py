"""Who a caller is: the carrier only by its address, a telephone only by its password, a withheld number nobody's."""

from urllib.parse import quote

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.clock import SystemClock
from models.instance.secrets import Secrets
from models.people import people
from models.people.owners_file import OwnerRow
from models.tables import Call
from models.text.numbers import normal
from phones.instance import CARRIER, LiveHotline
from phones.raw import RawPhone, registered
from phones.written import call_of

pytestmark = pytest.mark.asterisk

STRANGER = "127.0.0.3"
CLAIMED = "13900139017"
_MENU_S = 15.0


def calls_so_far(hotline: LiveHotline) -> int:
    return hotline.store.read(lambda s: s.scalar(select(func.count()).select_from(Call)) or 0)


def newest(hotline: LiveHotline, after: int) -> Call:
    """The call that came after the first `after` ones."""

    def found(session: Session) -> Call | None:
        return session.scalar(select(Call).order_by(Call.id).offset(after).limit(1))

    return hotline.until(lambda: hotline.store.read(found), "row of the call")


def outside(hotline: LiveHotline, address: str = CARRIER) -> RawPhone:
    return RawPhone("13900139018", (hotline.site.sip.address, hotline.ports.sip), address)


@pytest.mark.parametrize("name", ["carrier", "7001", "1101", "unknown", ""])
@pytest.mark.parametrize("dialled", ["8000", "7001", "110"])
def test_a_stranger_is_refused_whatever_he_calls_himself(hotline: LiveHotline, name: str, dialled: str) -> None:
    """No row, and nobody believes the number that he asserts."""
    before, desk = calls_so_far(hotline), hotline.phone("7001")
    with outside(hotline, STRANGER) as stranger:
        asserted = f"P-Asserted-Identity: <sip:{CLAIMED}@{STRANGER}>"
        assert stranger.invite(dialled, name=name, headers=[asserted]).status == 401
    assert (calls_so_far(hotline), desk.calls) == (before, [])


ASSERTED = f"P-Asserted-Identity: <sip:+86{CLAIMED}@ims.example;user=phone>"


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("anonymous", [ASSERTED, "Privacy: id"]),
        ("anonymous", [ASSERTED, "Privacy: header;id"]),
        ("anonymous", [f"Remote-Party-ID: <sip:{CLAIMED}@ims.example>;party=calling;privacy=full;screen=yes"]),
        (CLAIMED, ["Privacy: id"]),
        (CLAIMED, ["Privacy: user"]),
        (CLAIMED, ["privacy: Header"]),
        (CLAIMED, ["Privacy: id; critical"]),
        (CLAIMED, ["Privacy: critical ;user;id"]),
        (CLAIMED, [ASSERTED, "Privacy: id;critical"]),
    ],
)
def test_a_withheld_number_is_written_shown_and_spoken_nowhere(
    hotline: LiveHotline, name: str, headers: list[str]
) -> None:
    before = calls_so_far(hotline)
    with registered(hotline, "7001") as agent, outside(hotline) as caller:
        assert caller.invite("8000", name=name, headers=headers).status == 200
        assert newest(hotline, before).caller_number is None
        for seconds in range(1, 30):
            # 0 is a person, as soon as the menu plays.
            caller.wait(lambda until=seconds * 50: caller.sounds > until, "the menu", _MENU_S)
            caller.press("0")
            if agent.rung:
                break
        assert CLAIMED not in str(agent.wait_rung())
    assert newest(hotline, before).caller_number is None


@pytest.mark.parametrize("privacy", ["none", "session", "critical", "identity", "${CALLERID(num)}", ")]?x:y"])
def test_a_number_is_withheld_only_by_the_words_for_it(hotline: LiveHotline, privacy: str) -> None:
    """RFC 3323: `session` hides where the sound comes from, `none` hides nothing."""
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        assert caller.invite("8000", name=CLAIMED, headers=[f"Privacy: {privacy}"]).status == 200
        assert newest(hotline, before).caller_number == CLAIMED


def test_an_owner_is_known_by_his_landline_with_a_bare_country_code(hotline: LiveHotline) -> None:
    listed = OwnerRow(2, "陈明", "5", "302", ("020-87654321",))
    hotline.store.write(people.import_owners, [listed], who="test", at=SystemClock().now())
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        assert caller.invite("8000", name="862087654321").status == 200
        newest(hotline, before)
    call = call_of(hotline, "02087654321").call
    assert call.owner_id is not None


@pytest.mark.parametrize("name", ["00000000", "0", "anonymous", "Unavailable"])
def test_a_number_that_is_nobodys_is_not_kept(hotline: LiveHotline, name: str) -> None:
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        assert caller.invite("8000", name=name).status == 200
        assert newest(hotline, before).caller_number is None


@pytest.mark.parametrize(
    "name",
    [
        "1103",
        "7050",
        "+861103",
        "00861103",
        "+8601103",
        "tel:1103",
        "1-1-0-3",
        "\uff11\uff11\uff10\uff13",
        "1103;isub=1",
    ],
)
def test_a_caller_from_outside_who_shows_the_number_of_a_telephone_of_ours_is_nobody(
    hotline: LiveHotline, name: str
) -> None:
    """R21-6: a call back would ring the guest."""
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        asserted = f"P-Asserted-Identity: <sip:{quote(name, safe='+;=')}@ims.example>"
        assert caller.invite("8000", name="anonymous", headers=[asserted]).status == 200
        assert newest(hotline, before).caller_number is None


@pytest.mark.parametrize("name", ["87001", "21103", "0207001234", "110377", "86543210", "+8602087651103"])
def test_a_number_that_only_holds_one_of_ours_is_kept(hotline: LiveHotline, name: str) -> None:
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        assert caller.invite("8000", name=name).status == 200
        assert newest(hotline, before).caller_number == normal(name)


def test_a_room_telephone_keeps_its_number(hotline: LiveHotline) -> None:
    before = calls_so_far(hotline)
    with registered(hotline, "1103") as room:
        password = Secrets.load_or_create(hotline.home, hotline.site).sip["1103"]
        assert room.invite("8000", password=password).status == 200
        assert newest(hotline, before).caller_number == "1103"


def test_a_number_that_is_not_withheld_is_the_one_that_the_network_asserts(hotline: LiveHotline) -> None:
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        assert caller.invite("8000", headers=[f"P-Asserted-Identity: <sip:+86{CLAIMED}@ims.example>"]).status == 200
        assert newest(hotline, before).caller_number == CLAIMED


@pytest.mark.parametrize("user", ["8000;phone-context=+86", "8000;cic=+1234", "8000;npdi;rn=+8610"])
def test_a_line_answers_when_the_dialled_number_has_parameters(hotline: LiveHotline, user: str) -> None:
    """An IMS puts them into the user part of the request-URI (RFC 3966, RFC 4694)."""
    before = calls_so_far(hotline)
    with outside(hotline) as caller:
        answer = caller.invite("8000", uri=f"sip:{user}@{hotline.site.sip.address}:{hotline.ports.sip};user=phone")
        assert answer.status == 200
        caller.wait(lambda: caller.sounds > 50, "sound", _MENU_S)
        assert newest(hotline, before).line == "8000"


@pytest.mark.parametrize(
    "image",
    [
        "m=image {port} udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\n",
        "m=image 0 udptl t38\r\n",
        "m=video {port} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
    ],
)
def test_a_stream_beside_the_voice_is_refused_and_the_voice_works(hotline: LiveHotline, image: str) -> None:
    with outside(hotline) as caller:
        answer = caller.invite("8000", more_media=image.format(port=hotline.ports.spare[5]))
        assert answer.status == 200
        assert "m=image 0 " in answer.body or "m=video 0 " in answer.body
        caller.wait(lambda: caller.sounds > 50, "sound", _MENU_S)
        assert caller.press("0").status == 200
