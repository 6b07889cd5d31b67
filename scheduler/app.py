"""APScheduler is only the ticker: due times are in the store, so a missed scan loses nothing."""

import logging
import signal
from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from models.clock import SystemClock
from models.database.store import StoreUnavailable
from models.instance import heartbeat, priority
from models.instance.home import Home
from models.instance.instance import Instance
from models.instance.log import PLAIN
from models.instance.log import begin as start_log
from scheduler.scans import SCANS, Scan
from scheduler.scope import Scope, log


def run(home: Home, *, once: bool = False) -> None:
    """Runs the scans until SIGTERM or Ctrl-C, or each of them once (`once`). Raises ConfigError, StoreUnavailable."""
    instance = Instance.load(home)
    scope = Scope(home, instance.site, instance.policy, instance.open_store(), SystemClock())
    if once:
        for scan in SCANS:
            scan.look(scope)
        scope.store.close()
        return
    start_log(PLAIN)
    # It logs every tick.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Storing recordings may wait; a call in progress may not.
    priority.behind()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scope.stopping.set())
    ticker = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(SCANS))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for scan in SCANS:
        ticker.add_job(_look, "interval", (scan, scope), seconds=scan.every_s, next_run_time=scope.clock.now())
    ticker.start()
    log.info("scans: %s", ", ".join(f"{scan.name} every {scan.every_s} s" for scan in SCANS))
    scope.stopping.wait()
    ticker.shutdown(wait=True)
    heartbeat.forget(home, "scheduler")
    scope.store.close()


def _look(scan: Scan, scope: Scope) -> None:
    """A scan that fails is logged and runs again; the other scans go on."""
    try:
        done = scan.look(scope)
    except StoreUnavailable as error:
        scope.report(scan.name, str(error))
    except Exception:
        log.exception("%s failed", scan.name)
    else:
        scope.looked(scan.name)
        if done:
            log.info("%s: %d", scan.name, done)
