"""`hotline check-config`: whether site, policy and passwords are right, and what has to be done soon."""

from pathlib import Path

from hotline.terminal.opening import Invocation, Opened, lacks_entries
from models.calls import gate
from models.clock import SystemClock
from models.errors import ConfigError
from models.instance import tls
from models.instance.home import PROJECT_ROOT
from models.instance.secrets import check
from models.policy.gate import Reach
from models.text.wording import say
from recordings import prices
from recordings.prompts import PRICES


def check_config(this: Opened) -> None:
    """Prints each file that is right, and what will not work: unknown holidays, prices without a voice, mobiles that
    are not rung. Raises ConfigError."""
    check(this.home, this.site)
    tls.check(this.home, this.site)
    for path in (this.home.site_file, this.home.policy_file, this.home.secrets_file):
        if path.exists():
            print(say(f"正确  {path}", f"right  {path}", this.language))
    for line in [*unknown_holidays(this), *silent_prices(this), *silent_mobiles(this)]:
        print(say("提示  ", "note  ", this.language) + line)


def complete_policy(asked: Invocation) -> None:
    """Adds and prints what a policy.toml of an earlier version lacks. Raises ConfigError, CannotComplete."""
    from hotline.health.policy_complete import complete

    file = asked.home.policy_file
    if not file.exists():
        return
    added, before = complete(file, PROJECT_ROOT / "policy.toml")
    if before is None:
        print(say(f"完整  {file}", f"complete  {file}", asked.language))
        return
    for key in added:
        print(say(f"补入  {key}", f"added  {key}", asked.language))
    print(say(f"原文件已备份为 {before}", f"the file as it was: {before}", asked.language))


def remedy(error: ConfigError) -> str:
    """The command that completes a policy.toml of an earlier version; empty when the error is another one."""
    if not lacks_entries(error):
        return ""
    home = next(Path(one.file).parent for one in error.problems if Path(one.file).name == "policy.toml")
    command = f"{PROJECT_ROOT}/.venv/bin/hotline --home {home} check-config --complete"
    return (
        f"policy.toml 缺少新版本的条目。下面的命令补全它，原有数值不变：\n    {command}\n"
        "policy.toml lacks entries of this version; this command adds them and keeps your own values."
    )


def unknown_holidays(this: Opened) -> list[str]:
    """One line for each current or coming year without known public holidays (R09-1)."""
    return [
        say(
            f"尚无 {year} 年的法定节假日和调休安排，该年的时限只按星期计算。请升级本系统，或在 site.toml 的 [calendar] "
            "中填写",
            f"the public holidays of {year} are not known: deadlines skip weekends only; upgrade hotline, or "
            "enter them in site.toml, [calendar]",
            this.language,
        )
        for year in unknown_years(this)
    ]


def silent_mobiles(this: Opened) -> list[str]:
    """One line for each mobile of the staff that the gate does not let out (R05-1, R20-5)."""
    decisions = [
        (person, gate.decide(person.mobile, Reach.STAFF_MOBILE, this.site, this.policy))
        for person in this.site.staff
        if person.mobile
    ]
    return [
        say(
            f"{person.number} {person.name} 的手机 {person.mobile} 不会响铃：{decision.zh}",
            f"the mobile {person.mobile} of {person.number} {person.name} is never rung: {decision.en}",
            this.language,
        )
        for person, decision in decisions
        if not decision.allowed
    ]


def silent_prices(this: Opened) -> list[str]:
    """One line for each language in which the menu cannot offer the prices, for want of a voice (R08-11)."""
    found = []
    for language in prices.silent_languages(this.home, this.site):
        file = this.home.own_sounds / language / f"{PRICES}.wav"
        zh = f"菜单不提供价格查询，{language} 无人朗读：填写 [prices]，"
        zh += f"并安装语音（.venv/bin/hotline voice install），或录制 {file}"
        en = f"the menu does not offer the prices in {language}, for want of a voice: enter them in [prices],"
        found.append(
            say(zh, f"{en} and install a voice (.venv/bin/hotline voice install), or record {file}", this.language)
        )
    return found


def unknown_years(this: Opened) -> list[int]:
    """Current and coming years."""
    return this.site.days.unknown_years(SystemClock().now(), ahead_days=this.policy.holidays.warn_days)
