"""A command opens its home first: missing configuration is made, then all of it is checked."""

import sys
from dataclasses import dataclass
from pathlib import Path

from hotline.terminal.refusals import CommandError
from models.errors import ConfigError, Problem
from models.instance import rights
from models.instance.home import PROJECT_ROOT, Home
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
    """Makes what the first run needs, and adds what a policy.toml of an earlier version lacks (and says both on
    standard error); then loads site and policy.

    Raises ConfigError with the problems of both files.
    """
    try:
        for path in asked.home.create_missing():
            made = say(
                f"已生成 {path}，请按本单位情况修改", f"made {path}: change it to suit your site", asked.language
            )
            print(made, file=sys.stderr)
    except OSError as error:
        raise ConfigError([_unwritable(asked.home, error)]) from error
    try:
        instance = Instance.load(asked.home)
    except ConfigError as error:
        if not (lacks_entries(error) and _completed(asked)):
            raise
        instance = Instance.load(asked.home)
    return Opened(instance.home, instance.site, instance.policy, asked.language)


def lacks_entries(error: ConfigError) -> bool:
    """Whether policy.toml is one of an earlier version, which lacks what this one needs."""
    return any(one.wrong == "is missing" and Path(one.file).name == "policy.toml" for one in error.problems)


def _completed(asked: Invocation) -> bool:
    """False when it cannot be done here, such as by an account that may not write settings."""
    from hotline.health.policy_complete import complete

    try:
        added, before = complete(asked.home.policy_file, PROJECT_ROOT / "policy.toml")
    except (CommandError, ConfigError, OSError):
        return False
    keys = ", ".join(added)
    zh = f"policy.toml 缺少新版本的条目，已按默认值补入：{keys}（原文件：{before}）"
    en = f"policy.toml lacked entries of this version; added with the delivered values: {keys} (as it was: {before})"
    print(say(zh, en, asked.language), file=sys.stderr)
    return bool(added)


def _unwritable(home: Home, error: OSError) -> Problem:
    return Problem(
        home.path,
        "--home",
        f"cannot be written: {error.strerror}",
        "a folder that this account may write, or another with --home DIR",
        f"无法写入：{error.strerror}",
        "当前账户可写的目录，或用 --home 指定其他目录",
    )
