"""A command opens its home first: missing configuration is made, then all of it is checked."""

import sys
from dataclasses import dataclass

from models.errors import ConfigError, Problem
from models.instance import rights
from models.instance.home import Home
from models.instance.instance import Instance
from models.language import Language
from models.text.wording import say


@dataclass(frozen=True)
class Invocation:
    """The global options: which home, which language."""

    home: Home
    language: Language


@dataclass(frozen=True)
class Opened(Instance):
    """The instance that a command works on, and the language of its reader."""

    language: Language


def act_as_owner(home: Home) -> None:
    """A command that root runs acts as the account that owns the home's files, and leaves none that locks it out."""
    if not rights.started_by_root() or not home.run.is_dir():
        return
    owner = home.run.stat()
    if owner.st_uid != 0:
        rights.act_as(owner.st_uid, owner.st_gid)


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
    instance = Instance.load(asked.home)
    return Opened(instance.home, instance.site, instance.policy, asked.language)


def _unwritable(home: Home, error: OSError) -> Problem:
    return Problem(
        home.path,
        "--home",
        f"cannot be written: {error.strerror}",
        "a folder that this account may write, or another with --home DIR",
        f"无法写入:{error.strerror}",
        "当前账户可写的目录,或用 --home 指定其他目录",
    )
