"""`hotline backup`: copies the database, also while the service runs."""

from hotline.terminal.opening import Opened
from models.clock import SystemClock
from models.instance.backups import place
from models.text.wording import say
from scheduler.scans.backup import make


def back_up(this: Opened) -> None:
    """Replaces today's copy once the new one is complete. Raises BackupFailed."""
    this.open_store().close()
    target = place(this.home, this.site, SystemClock().now())
    make(this.home, this.site, target)
    size = target.stat().st_size / 1e6
    print(say(f"已备份到 {target}({size:.1f} MB)", f"copied to {target} ({size:.1f} MB)", this.language))
