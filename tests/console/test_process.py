"""`hotline console` as the supervisor starts it: it answers, writes its heartbeat, and ends on a signal."""

import http.client
import signal
import subprocess
import sys
import time
from datetime import timedelta

import httpx
import pytest

from models.clock import SystemClock
from models.database.store import Store
from models.instance import heartbeat
from models.instance.home import PROJECT_ROOT, Home
from phones.instance import changed
from phones.ports import claimed
from tests.console.test_live import board, signed_in, watching

pytestmark = pytest.mark.console


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/api/v1/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_the_console_serves_its_port_writes_its_heartbeat_and_ends_at_once_though_somebody_watches(
    home: Home, store: Store
) -> None:
    with claimed() as ports:
        site = home.site_file.read_text(encoding="utf-8")
        home.site_file.write_text(changed(site, "console.port", ports.console), encoding="utf-8")
        command = [sys.executable, "-m", "hotline", "--home", str(home.path), "console"]
        with (home.logs / "console.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=log, stderr=log)
        try:
            end = time.monotonic() + 60
            while not answers(ports.console):
                assert process.poll() is None, (home.logs / "console.log").read_text(encoding="utf-8")
                assert time.monotonic() < end
                time.sleep(0.05)
            beat = heartbeat.last(home, "console")
            assert beat is not None
            assert beat.why == ""
            assert SystemClock().now() - beat.at < timedelta(seconds=30)
            secret = signed_in(store, "7030", SystemClock().now())
            browser = httpx.Client(base_url=f"http://127.0.0.1:{ports.console}", cookies={"hotline": secret})
            with browser, watching(browser, "calls") as heard:
                board(heard)
                process.send_signal(signal.SIGTERM)
                ends = time.monotonic()
                with pytest.raises(httpx.RemoteProtocolError):
                    list(heard)
                assert time.monotonic() - ends < 2
                assert process.wait(30) == 0
            assert "shutdown exceeded" not in (home.logs / "console.log").read_text(encoding="utf-8")
        finally:
            process.kill()
            process.wait()
    assert heartbeat.last(home, "console") is None
