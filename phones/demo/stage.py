"""Chooses the hotline for the play: the one running in this home, or a private one if the play would disturb it."""

import fcntl
import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console

from models.clock import SystemClock
from models.instance.home import Home
from models.language import Language
from models.people.people import on_duty
from models.site.lines import Line
from models.tables import Staff
from phones.demo.wording import say
from phones.instance import LiveHotline
from phones.written import online


class CannotPlay(Exception):
    """The demonstration can't be given; the text says why and what to do, in the watcher's language."""


@dataclass(frozen=True)
class DemoStage:
    """A ready hotline, its service line, and the two agents in the order in which they are rung."""

    hotline: LiveHotline
    line: Line
    agents: tuple[Staff, Staff]
    private: bool


@contextmanager
def opened(home: Home, language: Language, console: Console, *, private: bool = False) -> Iterator[DemoStage]:
    """The running hotline if it can be used, else (or when wanted) a private one in home/demo, emptied first and kept.

    Raises CannotPlay; RuntimeError with the output of a private hotline that does not get ready.
    """
    own = home.path / "demo"
    why_not = ("演示数据另放一处", "what is shown has a place of its own") if private else _not_serving(home)
    if why_not is None:
        with LiveHotline.attached(home, own / "phones") as hotline:
            if (why_not := _not_usable(hotline)) is None:
                text = f"在正在运行的热线上演示（{home.path}）", f"on the hotline that runs in {home.path}"
                console.print(say(*text, language), style="bold", soft_wrap=True)
                yield _stage(hotline, private=False)
                return
    if _locked(Home(own)):
        pid = (own / "run" / "serve.lock").read_text(encoding="ascii").strip()
        zh = f"另一场演示正在进行（{own}）：请等它结束后再试，或用 kill {pid} 停止它的热线"
        en = f"another demonstration is running in {own}: wait for its end, or stop its hotline with  kill {pid}"
        raise CannotPlay(say(zh, en, language))
    console.print(say(*why_not, language), soft_wrap=True)
    console.print(say(f"启动专用热线：{own}", f"starting a private hotline in {own}", language), soft_wrap=True)
    shutil.rmtree(own, ignore_errors=True)
    began = time.monotonic()
    with LiveHotline.running(own) as hotline:
        took = time.monotonic() - began
        console.print(say(f"已就绪（{took:.1f} 秒）", f"ready ({took:.1f} s)", language), style="bold")
        try:
            yield _stage(hotline, private=True)
        finally:
            console.print(say("正在停止专用热线……", "stopping the private hotline ...", language))


def _stage(hotline: LiveHotline, *, private: bool) -> DemoStage:
    line = _line(hotline)
    assert line is not None
    first, second, *_ = hotline.store.read(on_duty, line.group, at=SystemClock().now())
    return DemoStage(hotline, line, (first, second), private)


def _line(hotline: LiveHotline) -> Line | None:
    """The first service hotline that can be called from outside."""
    return next((line for line in hotline.site.lines if line.flow == "hotline" and line.did), None)


def _not_serving(home: Home) -> tuple[str, str] | None:
    """Why nothing can be called in this home."""
    if not _locked(home):
        return f"{home.path} 中没有正在运行的热线", f"no hotline runs in {home.path}"
    try:
        ready = json.loads((home.run / "status.json").read_text(encoding="utf-8"))["ready"]
    except FileNotFoundError:
        ready = False
    return None if ready else (f"{home.path} 中的热线尚未就绪", f"the hotline in {home.path} is not ready yet")


def _locked(home: Home) -> bool:
    """Whether `hotline serve` holds the home's lock, which ends with the process."""
    try:
        with (home.run / "serve.lock").open("r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _not_usable(hotline: LiveHotline) -> tuple[str, str] | None:
    """Why the play would disturb people on the running hotline, or would not work there."""
    line = _line(hotline)
    if line is None:
        return "正在运行的热线没有外线号码", "the running hotline has no public number"
    if not _is_ours(carrier := hotline.carrier):
        zh = f"正在运行的热线接的是真实中继（{carrier}），本机不能扮演业主从外线拨入"
        return zh, f"the running hotline has a real trunk ({carrier}): nobody here can call from outside"
    group = hotline.site.group(line.group)
    staff = hotline.store.read(on_duty, group.name, *group.neighbours, at=SystemClock().now())
    numbers = {person.number for person in staff} | ({group.supervisor} if group.supervisor else set())
    if real := sorted(numbers & online(hotline)):
        zh = f"话机 {'、'.join(real)} 已在正在运行的热线上注册，演示会打扰他们"
        return zh, f"{', '.join(real)}: registered on the running hotline, and the play would ring there"
    if sum(person.group == group.name for person in staff) < 2:
        return f"{group.zh}在岗不足两人", f"fewer than two of {group.en} are on duty on the running hotline"
    if hotline.policy.answer.mode != "menu-first":
        return "正在运行的热线先接人工、不播菜单", "on the running hotline a person comes before the menu"
    if {file.stem for file in hotline.home.own_sounds.glob("*/*")} - {"greeting", "prices"}:
        zh = "正在运行的热线使用自录提示音，演示话机听不懂"
        return zh, "the running hotline speaks recordings of its own, which these phones do not know"
    return None


def _is_ours(address: str) -> bool:
    """Whether a phone on this machine can have this address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
