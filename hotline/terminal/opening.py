"""A command begins with its home: configuration made where it is missing, then checked completely."""

import os
import pwd
import sys
from dataclasses import dataclass

from hotline.terminal.wording import Language, say
from models.database.store import Store
from models.errors import ConfigError, Problem
from models.instance.home import Home
from models.policy import Policy
from models.site import Site


@dataclass(frozen=True)
class Invocation:
    """What was said before the command: which home, which language."""

    home: Home
    language: Language


@dataclass(frozen=True)
class Opened:
    """An instance whose configuration is right."""

    home: Home
    site: Site
    policy: Policy
    language: Language

    def store(self) -> Store:
        """The database, brought to this version's schema. Raises StoreUnavailable."""
        store = Store(self.home.database_url(self.site))
        store.migrate()
        return store


def opened(asked: Invocation) -> Opened:
    """Makes what the first run needs (and says so on standard error), then loads site and policy.

    Raises ConfigError with the problems of both files.
    """
    try:
        for path in asked.home.create_missing():
            made = say(f"已生成 {path},请按本单位情况修改", f"made {path}: change it to suit your site", asked.language)
            print(made, file=sys.stderr)
    except OSError as error:
        raise ConfigError([_unwritable(asked.home, error)]) from error
    problems: list[Problem] = []
    site = policy = None
    try:
        site = Site.load(asked.home.site_file)
    except ConfigError as error:
        problems += error.problems
    try:
        policy = Policy.load(asked.home.policy_file, site)
    except ConfigError as error:
        problems += error.problems
    if site is None or policy is None:
        raise ConfigError(problems)
    return Opened(asked.home, site, policy, asked.language)


def operator() -> str:
    """Who sits at this terminal, for the access log: the account that logged in, also behind sudo."""
    try:
        return os.environ.get("SUDO_USER") or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def _unwritable(home: Home, error: OSError) -> Problem:
    return Problem(
        home.path,
        "--home",
        f"cannot be written: {error.strerror}",
        "a folder that this account may write, or another with --home DIR",
        f"无法写入:{error.strerror}",
        "当前账户可写的目录,或用 --home 指定其他目录",
    )
