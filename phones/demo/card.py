"""The card at the end of the play: the ticket, who was rung, and a recording that plays."""

import subprocess
from pathlib import Path

import numpy as np
from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from models.instance.home import PROJECT_ROOT
from models.language import Language
from models.tables import Recording
from phones.demo.play import PlayResult
from phones.demo.stage import CannotPlay, DemoStage
from phones.demo.wording import OUTCOMES, rings, say, sentence
from phones.microphone import RATE, Samples
from phones.written import stored_recording
from recordings import speech

_UNFOLDED = 400  # columns: in a file the card is as wide as its longest line


def show(stage: DemoStage, outcome: PlayResult, language: Language, console: Console) -> None:
    """Waits for the recording, checks that both voices are in it, and prints the card. Raises CannotPlay."""
    recording = stored_recording(stage.hotline, outcome.call)
    if recording.path is None:
        detail = f"({recording.state}) {recording.note or ''}".rstrip()
        raise CannotPlay(say(f"通话没有留下录音{detail}", f"the talk has left no recording {detail}", language))
    file = stage.hotline.home.path / recording.path
    heard = decoded(file, language)
    if not (outcome.owner_said.is_in(heard) and outcome.agent_said.is_in(heard)):
        zh = f"{file} 中没有听到双方的声音，请查看 {stage.hotline.home.logs}/scheduler.log"
        en = f"{file} does not contain both voices: see {stage.hotline.home.logs}/scheduler.log"
        raise CannotPlay(say(zh, en, language))

    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column(overflow="fold")
    for name, text in [*_ticket(stage, outcome, language), *_sound(recording, heard, language)]:
        facts.add_row(name, Text(text))
    number = outcome.ticket.ticket.number
    title = say(f"工单 {number}", f"ticket {number}", language)
    width = None if console.is_terminal else _UNFOLDED
    console.print(Panel(facts, title=title, box=ROUNDED, expand=False), width=width)
    # Outside the card, so that each stays in one piece and can be copied.
    show_ticket = f".venv/bin/hotline --home {stage.hotline.home.path} tickets show {number}"
    for zh, en, text in (
        ("录音", "recording", str(file)),
        ("播放", "play it", f"ffplay -nodisp -autoexit {file}"),
        ("工单详情", "more of it", f"cd {PROJECT_ROOT} && {show_ticket}"),
    ):
        console.print(f"[bold]{say(zh, en, language)}[/]  {text}", soft_wrap=True, highlight=False)


def decoded(file: Path, language: Language) -> Samples:
    """The sound of the file. Raises CannotPlay when it does not play from beginning to end."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(file), "-f", "s16le", "-ac", "1", "-ar", str(RATE), "-"]
    done = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip()
        raise CannotPlay(say(f"录音无法播放：{said}", f"the recording does not play: {said}", language))
    return np.frombuffer(done.stdout, "<i2") / 32768.0


def _ticket(stage: DemoStage, outcome: PlayResult, language: Language) -> list[tuple[str, str]]:
    ticket = outcome.ticket.ticket
    names = {person.number: f"{person.number} {person.name}" for person in stage.hotline.site.staff}
    due = ticket.next_due_at
    rows = [
        (say("类别", "kind", language), sentence(speech.kind(ticket.kind), language)),
        (say("地点", "where", language), sentence(speech.room(ticket.building or "", ticket.room or ""), language)),
        (say("状态", "state", language), sentence(speech.ticket_state(ticket.state), language)),
        (say("时限", "due", language), f"{due.astimezone(stage.hotline.site.time_zone):%m-%d %H:%M}" if due else "-"),
        (say("首问人", "first asked", language), names.get(ticket.first_receiver or "", "-")),
    ]
    stages = {
        "group": say("首次呼叫", "first ring", language),
        "widened": say("扩大范围", "wider circle", language),
        "supervisor": say("主管", "supervisor", language),
    }
    for ring in outcome.call.rings:
        outcome_words = say(*OUTCOMES[ring.outcome], language) if ring.outcome else "-"
        text = f"{names.get(ring.staff_number or '', ring.phone)}: {rings(ring.rings, language)}, {outcome_words}"
        rows.append((stages[ring.stage], text))
    return rows


def _sound(recording: Recording, heard: Samples, language: Language) -> list[tuple[str, str]]:
    length = f"{len(heard) / RATE:.1f}"
    zh = f"{length} 秒，{recording.format}，已试听：双方的声音都在"
    en = f"{length} s, {recording.format}; checked: both voices are in it"
    return [(say("录音", "recording", language), say(zh, en, language))]
