"""Real Asterisk and real telephones: one hotline per worker and kind, phones that end with their test."""

import shutil
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.clock import SystemClock
from models.people import people
from models.people.owners_file import OwnerRow
from models.site.network import Encryption
from phones.instance import LiveHotline
from phones.microphone import Samples, Speech, Tone, tones
from phones.ports import claimed
from phones.written import wait_nothing_left
from recordings.prompts import PACK
from recordings.voice import sound
from tests.asterisk.carrier import PASSWORD, PlayedCarrier, trunks

# A ring of 1.5 s instead of 5, and a talk is long after a minute: stories should not take minutes.
# No canary among calls that are counted, and no escalation in the middle of another story.
# Nobody is banned: stories share an instance, and some of them guess passwords.
# No caller is asked to rate a talk, no agent to write it up, and no telephone rings for a caller of an earlier story:
# stories of their own.
ALONE = {"follow_up.after_talk": False, "call.ask_agent": False}
QUIET = ALONE | {
    "guessing.tries": 1_000_000,
    "guessing.account_tries": 1_000_000,
    "canary.every_minutes": 1440,
    "escalation.emergency.after_minutes": [1440, 0, 0, 0],
}
PRICES = {"prices.zh": "家政保洁每小时40元", "prices.en": "House cleaning, 40 yuan an hour"}
PRICES_SAY = "gm-holidays"
"""The prices sound like this prompt, which is in no menu."""
QUICK_RINGS = QUIET | {"answer.ring_tone_s": 0.3, "answer.ring_pause_s": 1.2, "call.warn_minutes": 1}

MOBILE = "13800138204"
"""Of 7004, whose telephone is not registered there."""
TRUNKS = {
    "trunks.every_s": 5,
    "trunks.down_after_s": 10,
    "follow_up.windows": ["08:00-21:00"],
    "follow_up.delay_minutes": 0,
}


@pytest.fixture(scope="session")
def as_delivered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    with LiveHotline.running(tmp_path_factory.mktemp("as-delivered"), policy=QUIET) as instance:
        yield instance


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHotline]:
    home = tmp_path_factory.mktemp("quick")
    offers_the_prices(home)
    with LiveHotline.running(home, site=PRICES, policy=QUICK_RINGS) as instance:
        yield instance


@pytest.fixture(scope="session")
def several_trunks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveHotline, PlayedCarrier]]:
    """A hotline with three trunks (by address, with registration, a gateway), and who is at their other end."""
    with running_with_trunks(tmp_path_factory.mktemp("several-trunks")) as both:
        yield both


@contextmanager
def running_with_trunks(
    folder: Path, encryption: Encryption = "off", change: Callable[[str], str] = str
) -> Iterator[tuple[LiveHotline, PlayedCarrier]]:
    """As `several_trunks`; `change` is what else is different in the site file."""
    with claimed() as ports:
        instance = LiveHotline(folder, ports)
        # Nobody is called at night, so it is day there.
        day = {"site.time_zone": f"Etc/GMT{SystemClock().now().hour - 13:+}"}
        instance.configure(day, QUICK_RINGS | TRUNKS)
        text = instance.home.site_file.read_text(encoding="utf-8").replace("# area_code", "area_code")
        text = text.replace('number = "7004"\n', f'number = "7004"\nmobile = "{MOBILE}"\n')
        before, _, behind = text.partition("[carrier]")
        port = ports.spare[0]
        text = before + behind.partition("\n\n")[2] + trunks(port, encryption)
        carrier = PlayedCarrier(instance, port, ports.rtp[0] + 300, encryption)
        if encryption == "required":
            text = text.replace("[sip] ", f'[sip]\ntrunk_authority = "{carrier.authority}"\n#')
        instance.home.site_file.write_text(change(text), encoding="utf-8")
        instance.home.secrets_file.write_text(f'[trunk]\nims = "{PASSWORD}"\n', encoding="utf-8")
        instance.home.secrets_file.chmod(0o600)
        try:
            instance.start()
            with carrier:
                carrier.knows_the_hotline()
                yield instance, carrier
        finally:
            instance.close_phones()
            instance.stop()


def offers_the_prices(home: Path) -> None:
    """In Chinese a voice speaks the text; in English the site has a recording."""
    names, own = home / "names" / "zh", home / "own-sounds" / "en"
    for folder in (names, own, home / "voice"):
        folder.mkdir(parents=True)
    write_wav(names / f"{PRICES['prices.zh']}.wav", sound.from_alaw((PACK / "zh" / f"{PRICES_SAY}.alaw").read_bytes()))
    shutil.copy(PACK / "en" / f"{PRICES_SAY}.alaw", own / "prices.alaw")
    choice = f'engine = "files"\nfolder = "{names.parent}"\n'
    (home / "voice" / "voice.toml").write_text(choice, encoding="utf-8")


@pytest.fixture
def at_the_end() -> Iterator[Callable[[LiveHotline], LiveHotline]]:
    """Watches over an instance: its phones are closed when the test ends, and no call leaves anything behind."""
    watched: list[LiveHotline] = []

    def watch(instance: LiveHotline) -> LiveHotline:
        watched.append(instance)
        return instance

    yield watch
    for instance in watched:
        instance.close_phones()
        wait_nothing_left(instance)


@pytest.fixture
def hotline(quick: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """The hotline with short rings."""
    return at_the_end(quick)


@pytest.fixture
def true_rings(as_delivered: LiveHotline, at_the_end: Callable[[LiveHotline], LiveHotline]) -> LiveHotline:
    """The hotline as delivered, with the national cadence of 5 s a ring."""
    return at_the_end(as_delivered)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home of an instance that a test starts itself."""
    return tmp_path / "home"


@pytest.fixture
def owner(hotline: LiveHotline) -> str:
    """The number of an owner who is in the directory: 王建国, building 3, unit 1201."""
    number = "13900139000"
    listed = OwnerRow(2, "王建国", "3", "1201", (number,))
    hotline.store.write(people.import_owners, [listed], who="test", at=SystemClock().now())
    return number


@pytest.fixture
def words(tmp_path: Path) -> Speech:
    """The sound of a caller who speaks: three seconds of tone, then silence."""
    path = tmp_path / "words.wav"
    write_wav(path, Tone(tones(1)[0].hertz, 3).samples())
    return Speech(path)


def write_wav(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
