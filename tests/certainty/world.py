"""A hotline with rooms, attendants and a desk, whose telephones are all ours, and a policy in which minutes are
seconds."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.clock import SystemClock
from models.instance.home import PROJECT_ROOT
from models.instance.secrets import Secrets
from phones.instance import LiveHotline
from phones.ports import claimed
from tests.certainty import promises
from tests.certainty.promises import WakeupPromise
from tests.store.cluster import Cluster

POLICY = {
    "answer.ring_tone_s": 0.3,
    "answer.ring_pause_s": 1.2,
    "menu.key_wait_s": 2,
    "menu.tries": 1,
    "wake_up.rings": 4,
    "wake_up.again_seconds": 5,
    "wake_up.snooze_minutes": 0.15,
    "wake_up.knock.attendant_minutes": 0.4,
    "wake_up.knock.desk_minutes": 0.7,
    "wake_up.knock.rings": 4,
    "wake_up.knock.again_seconds": 8,
    "wake_up.knock.on_way_minutes": 0.25,
}
_STAFF = ("7001", "7002", "7003", "7004", "7050")
_ATTENDANTS = ("7040", *(str(number) for number in range(7041, 7047)))


@dataclass(frozen=True)
class CertaintyWorld:
    hotline: LiveHotline
    cluster: Cluster | None
    rooms: list[str]

    @classmethod
    @contextmanager
    def running(cls, folder: Path, rooms: int, database: str, seed: int) -> Iterator["CertaintyWorld"]:
        """`database`: sqlite or postgresql. Every room has a guest."""
        numbers = promises.rooms(rooms)
        with ExitStack() as ends:
            site: dict[str, object] = {"rooms.phones": numbers}
            cluster = None
            if database == "postgresql":
                cluster = Cluster()
                ends.callback(cluster.stop)
                cluster.execute("CREATE DATABASE hotline")
                site["database.url"] = cluster.url("hotline")
            hotline = LiveHotline(folder, ends.enter_context(claimed()))
            hotline.configure(site, POLICY)
            with hotline.home.site_file.open("a", encoding="utf-8") as file:
                for number in _ATTENDANTS[1:]:
                    who = f'number = "{number}"\nname = "{number}"\ngroup = "floor"\nrole = "attendant"\non_duty = true'
                    file.write(f"\n[[staff]]\n{who}\n")
            ends.callback(hotline.stop)
            hotline.start()
            hotline.store.write(promises.let, numbers, random.Random(seed), SystemClock().now())
            yield cls(hotline, cluster, numbers)

    def promise(self, table: list[WakeupPromise]) -> None:
        """Orders each of them; returns when the rows are written."""
        for one in table:
            self.hotline.store.write(
                promises.book, one, at=SystemClock().now(), policy=self.hotline.policy, site=self.hotline.site
            )

    @property
    def passwords(self) -> dict[str, str]:
        """Of the telephones that we play."""
        sip = Secrets.load_or_create(self.hotline.home, self.hotline.site).sip
        return {number: sip[number] for number in (*self.rooms, *_STAFF, *_ATTENDANTS)}


PROMPTS = tuple(PROJECT_ROOT / "recordings" / "pack" / language for language in ("zh", "en"))
