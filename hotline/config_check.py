"""`hotline check-config`: whether site, policy and passwords are right, and what will have to be done soon."""

from hotline.opening import Opened
from hotline.wording import say
from models.clock import SystemClock
from models.secrets import check


def check_config(this: Opened) -> None:
    """Prints each file that is right, and the years whose holidays are missing. Raises ConfigError."""
    check(this.home)
    for path in (this.home.site_file, this.home.policy_file, this.home.secrets_file):
        if path.exists():
            print(say(f"正确  {path}", f"right  {path}", this.language))
    for line in unknown_holidays(this):
        print(say("提示  ", "note  ", this.language) + line)


def unknown_holidays(this: Opened) -> list[str]:
    """One line for each year that has begun, or begins soon, whose public holidays are not known (R09-1)."""
    ahead = this.policy.holidays.warn_days
    return [
        say(
            f"尚无 {year} 年的法定节假日和调休安排,该年的时限只按星期计算。请升级本系统,或在 site.toml 的 [calendar] "
            "中填写",
            f"the public holidays of {year} are not known: deadlines in it go by week-ends only; upgrade hotline, or "
            "enter them in site.toml, [calendar]",
            this.language,
        )
        for year in this.site.days.unknown_years(SystemClock().now(), ahead_days=ahead)
    ]
