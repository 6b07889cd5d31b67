"""[site] of the site file: the name, time zone, language and node of the site."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from models.language import Language
from models.settings import Strict
from models.site.fields import A_NAME, A_SLUG, Name, Slug


def _is_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise ValueError("unknown time zone") from None


class Identity(Strict):
    """[site]: the names, time zone and first language of the site, and the name of this instance in Asterisk."""

    name_zh: Name = Field(description=A_NAME)
    name_en: Name = Field(description=A_NAME)
    time_zone: Annotated[str, AfterValidator(_is_zone)] = Field(
        description='a time zone\'s name, such as "Asia/Shanghai"|时区名称，如 "Asia/Shanghai"'
    )
    language: Language = Field(description='"zh" or "en"|"zh" 或 "en"')
    area_code: Annotated[str, Field(pattern=r"^0(10|2[0-9]|[3-9][0-9]{2})$")] | None = Field(
        default=None,
        description='the area code of the site in quotes, with its 0, such as "020"|带引号的本地区号（含 0），如 "020"',
    )
    node: Slug = Field(description=A_SLUG.replace("agents", "hotline"))
