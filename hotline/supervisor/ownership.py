"""What of a home belongs to whom when root starts the service: the programs' files to their account, settings to root.

The home itself is root's and sticky: the account adds files (SQLite's -wal), but puts none in the place of root's.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from hotline.supervisor.account import Account
from models.instance.home import Home

SAID_EVERY = 5000
"""Files between two lines about a change of owner."""


def take_over(home: Home, account: Account, moved: Callable[[Path, int], None], *, crossed: bool = False) -> None:
    """Gives the account what it writes, also what an older version has left as root's; links are not followed.

    `moved` hears the folder and how many files have changed so far. `crossed`: Asterisk has to pass through the home.
    """
    os.chown(home.path, 0, account.gid)
    home.path.chmod(0o1771 if crossed else 0o1770)
    for settings in (home.site_file, home.policy_file, home.roster_file):
        if settings.is_file() and not settings.is_symlink():
            os.chown(settings, 0, account.gid)
            settings.chmod(stat.S_IMODE(settings.stat().st_mode) | stat.S_IRGRP)
    for database in home.path.glob("hotline.db*"):
        _give(database.name, account, within=None, folder=home.path)
    for folder in home.of_the_programs:
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid != account.uid:
            _give_all(folder, account, moved)


def _give_all(folder: Path, account: Account, moved: Callable[[Path, int], None]) -> None:
    """The folder itself last: a change that was cut off is made again."""
    count = 0
    for _, folders, files, within in os.fwalk(folder, topdown=False):
        for name in (*files, *folders):
            _give(name, account, within=within)
            count += 1
            if count % SAID_EVERY == 0:
                moved(folder, count)
    os.chown(folder, account.uid, account.gid, follow_symlinks=False)
    if count:
        moved(folder, count)


def _give(name: str, account: Account, *, within: int | None, folder: Path | None = None) -> None:
    """A file with a second name elsewhere stays whose it is: only what is in the home alone is the home's."""
    path = folder / name if folder else Path(name)
    found = os.stat(path, dir_fd=within, follow_symlinks=False)
    if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
        return
    os.chown(path, account.uid, account.gid, dir_fd=within, follow_symlinks=False)
