"""Many callers at once, played by SIPp; every missing answer or message is counted."""

import csv
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from phones.instance import CARRIER
from tests.bench.keys import FIRST_VOICE_PACKETS, KEY_S, PACKET_SAMPLES, key_packets, voice_packets, write_pcap

_SCENARIO = Path(__file__).with_name("caller.xml")
_MESSAGE_WITHIN_MS = 15_000
_ENDS_WITHIN_S = 60.0


@dataclass(frozen=True)
class Manner:
    """How long a caller takes, in seconds: to the first key (least, most), to the second, to hanging up."""

    first: tuple[float, float]
    second: float
    leave: float

    @property
    def length_s(self) -> float:
        """The average length of a whole call."""
        return sum(self.first) / 2 + self.second + self.leave


@dataclass(frozen=True)
class LoadCalls:
    """The result of one load: counts of calls and messages, and every delay from INVITE to 200 in milliseconds."""

    rate: float
    made: int
    good: int
    failed: int
    retransmissions: int
    answer_ms: list[float]


class Load:
    """One SIPp, started by `start` and ended after `finish`."""

    def __init__(self, folder: Path, target: str, carrier_port: int, media_port: int) -> None:
        program = shutil.which("sipp")
        if program is None:
            raise RuntimeError("SIPp is missing: run bin/setup --test, or apt-get install sip-tester")
        self._program, self._folder, self._target = program, folder, target
        self._ports = carrier_port, media_port
        self._number = 0
        folder.mkdir(parents=True, exist_ok=True)
        write_pcap(folder / "voice.pcap", voice_packets(1, FIRST_VOICE_PACKETS))
        write_pcap(folder / "key1.pcap", key_packets("1", 101, 101 * PACKET_SAMPLES))
        write_pcap(folder / "key2.pcap", key_packets("2", 201, 201 * PACKET_SAMPLES))

    def start(self, number: str, rate: float, calls: int, manner: Manner) -> "Running":
        """Calls `number`, `rate` new calls a second."""
        self._number += 1
        scenario = self._folder / f"load{self._number}.xml"
        text = _SCENARIO.read_text(encoding="ascii")
        for name, value in {
            "folder": str(self._folder),
            "first_least": _ms(manner.first[0]),
            "first_most": _ms(manner.first[1]),
            # SIPp goes on while a capture plays
            "second": _ms(manner.second + KEY_S),
            "leave": _ms(manner.leave + KEY_S),
        }.items():
            text = text.replace(f"@{name}@", value)
        scenario.write_text(text, encoding="ascii")
        carrier, media = self._ports
        command = [
            self._program, self._target, "-sf", str(scenario), "-s", number, "-i", CARRIER, "-p", str(carrier),
            "-mi", CARRIER, "-mp", str(media), "-r", f"{round(rate * 10)}", "-rp", "10000", "-m", str(calls),
            "-l", "10000", "-nostdin", "-recv_timeout", str(_MESSAGE_WITHIN_MS), "-trace_rtt", "-rtt_freq", "1",
            "-trace_stat", "-stf", str(scenario.with_suffix(".csv")), "-fd", "1", "-trace_err",
            "-error_file", str(scenario.with_suffix(".errors")),
        ]  # fmt: skip
        log = scenario.with_suffix(".log").open("wb")
        with log:
            process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        return Running(process, scenario, rate)

    def run(self, number: str, rate: float, calls: int, manner: Manner) -> LoadCalls:
        """As `start`, to the end of the last call."""
        return self.start(number, rate, calls, manner).finish(calls / rate + manner.length_s)


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[bytes]
    scenario: Path
    rate: float

    def enough(self) -> None:
        """No new calls; those in progress end by themselves."""
        self.process.send_signal(signal.SIGUSR1)

    def finish(self, expected_s: float) -> LoadCalls:
        """Waits for the end. Raises RuntimeError with SIPp's message when it did not start or does not end."""
        try:
            code = self.process.wait(expected_s + _ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError(f"SIPp did not end: {self._said()}") from None
        table = self.scenario.with_suffix(".csv")
        # 0: every call was good; 1: at least one was not. All else is a failure of SIPp itself.
        if code not in (0, 1) or not table.exists():
            raise RuntimeError(f"SIPp ended with {code}: {self._said()}")
        with table.open(encoding="ascii", newline="") as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        delays: list[float] = []
        # no such file where no call was answered
        for rtt in self.scenario.parent.glob(f"{self.scenario.stem}_*_rtt.csv"):
            with rtt.open(encoding="ascii", newline="") as file:
                delays += [float(row[1]) for row in csv.reader(file, delimiter=";") if row[1][:1].isdigit()]
        return LoadCalls(
            rate=self.rate,
            made=int(last["TotalCallCreated"]),
            good=int(last["SuccessfulCall(C)"]),
            failed=int(last["FailedCall(C)"]),
            retransmissions=int(last["Retransmissions(C)"]),
            answer_ms=delays,
        )

    def stop(self) -> None:
        """Ends it at once, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _said(self) -> str:
        time.sleep(0.1)
        files = (self.scenario.with_suffix(suffix) for suffix in (".errors", ".log"))
        return "\n".join(file.read_text("utf-8", "replace")[-1500:] for file in files if file.exists())


def _ms(seconds: float) -> str:
    return str(round(seconds * 1000))
