"""What can go wrong with a running hotline, for as long as a block lasts."""

import contextlib
import itertools
import os
import signal
import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator

from phones.instance import LiveHotline, changed


@contextlib.contextmanager
def kept_dead(hotline: LiveHotline, name: str) -> Iterator[None]:
    """The child dies at once at every restart, like a program broken by a bad update."""
    over = threading.Event()

    def strike() -> None:
        while not over.wait(0.02):
            pid = hotline.state().get("children", {}).get(name, {}).get("pid")
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    restarts = hotline.child(name)["restarts"]
    striker = threading.Thread(target=strike, name=f"{name} dies")
    striker.start()
    try:
        hotline.until(lambda: hotline.child(name)["restarts"] > restarts, f"death of {name}")
        yield
    finally:
        over.set()
        striker.join()
        hotline.until(lambda: hotline.child(name)["state"] == "up", f"recovery of {name}", 60)


@contextlib.contextmanager
def standing_still(hotline: LiveHotline, name: str) -> Iterator[None]:
    """The child runs but does nothing: its port accepts connections and never answers."""
    pid = hotline.child(name)["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def store_locked(hotline: LiveHotline) -> Iterator[None]:
    """Something holds the database's write lock."""
    holder = sqlite3.connect(hotline.home.path / "hotline.db", isolation_level=None)
    try:
        holder.execute("BEGIN IMMEDIATE")
        yield
    finally:
        holder.close()


@contextlib.contextmanager
def store_gone(hotline: LiveHotline) -> Iterator[None]:
    """The database's file has another name."""
    file = hotline.home.path / "hotline.db"
    away = file.with_name("moved.db")
    file.rename(away)
    try:
        yield
    finally:
        away.replace(file)


class Relay:
    """Sits between the application and Asterisk's HTTP port, and can cut, reset or silence the traffic."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._silent = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, reset: bool = False) -> None:
        """Closes every connection, cleanly or by a reset."""
        pairs, self._pairs = self._pairs, []
        for end in itertools.chain(*pairs):
            with contextlib.suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    end.close()
                else:
                    end.shutdown(socket.SHUT_RDWR)

    @contextlib.contextmanager
    def half_open(self) -> Iterator[None]:
        """Connections stay open, new ones are accepted, and no data passes."""
        self._silent.set()
        try:
            yield
        finally:
            self.cut(reset=True)
            self._silent.clear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut(reset=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(("127.0.0.1", self._target))
                except OSError:
                    near.close()
                    continue
                self._pairs.append((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with one, contextlib.suppress(OSError):
            while data := one.recv(65536):
                if not self._silent.is_set():
                    other.sendall(data)
            other.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def relayed(hotline: LiveHotline) -> Iterator[Relay]:
    """The application reaches Asterisk through a relay: it restarts with another port in its site file, which
    the running Asterisk does not read."""
    relay, site_file = Relay(hotline.ports.http), hotline.home.site_file
    original = site_file.read_text(encoding="utf-8")
    try:
        site_file.write_text(changed(original, "http.port", relay.port), encoding="utf-8")
        hotline.wait_restarted("ivr", hotline.kill("ivr"))
        yield relay
    finally:
        site_file.write_text(original, encoding="utf-8")
        hotline.wait_restarted("ivr", hotline.kill("ivr"))
        relay.close()
