"""[reports] and [mail] of the site file: the folder and recipients of reports, and the mail server."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from models.settings import Strict

_HOST = r"^$|^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$"
_MAILBOX = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$"

AN_ADDRESS = 'an address in quotes, such as "manager@example.com"|带引号的邮箱地址，如 "manager@example.com"'


def _is_absolute(text: str) -> str:
    if text and not Path(text).is_absolute():
        raise ValueError("not absolute")
    return text


_Folder = Annotated[str, AfterValidator(_is_absolute)]


class ReportsSettings(Strict):
    """[reports]: an empty folder means `reports` in the home; without `to` nothing is mailed."""

    folder: _Folder = Field(
        default="", description='"" (reports in the home) or a whole path|""（主目录中的 reports）或完整路径'
    )
    to: list[Annotated[str, Field(pattern=_MAILBOX)]] = Field(
        default=[],
        description='addresses in brackets, such as ["manager@example.com"], or []'
        '|方括号内的邮箱地址，如 ["manager@example.com"]，或 []',
    )


class Mail(Strict):
    """[mail]: the server that takes our mail; the password is in secrets.toml, [mail] password."""

    host: str = Field(
        default="", pattern=_HOST, description='the mail server\'s name, or "" for no mail|邮件服务器名，"" 为不发邮件'
    )
    port: int = Field(default=465, ge=1, le=65535, description="a whole number from 1 to 65535|1 至 65535 的整数")
    security: Literal["tls", "starttls", "none"] = Field(
        default="tls",
        description='"tls" (often port 465), "starttls" (often 587) or "none"'
        '|"tls"（多为 465 端口）、"starttls"（多为 587）或 "none"',
    )
    user: str = Field(
        default="", pattern=r"^[\x21-\x7e]{0,200}$", description='the account in quotes, or ""|带引号的账号，或 ""'
    )
    sender: str = Field(default="", pattern=f"^$|{_MAILBOX}", description=AN_ADDRESS)
    ca_file: _Folder = Field(
        default="",
        description='"" or the whole path of your own certificate authority\'s file|"" 或自有 CA 证书文件的完整路径',
    )


def contradictions(tables: dict[str, Any]) -> list[tuple[tuple[str, ...], str, str, str, str]]:
    """Contradictions between the two sections: place, wrong, 中文, right, 中文."""
    reports, mail = tables.get("reports", {}), tables.get("mail", {})
    if not isinstance(reports, dict) or not isinstance(mail, dict):
        return []
    found: list[tuple[tuple[str, ...], str, str, str, str]] = []
    for key, right, right_zh in (
        ("host", "the mail server's name", "邮件服务器名"),
        ("sender", "the address that the mail comes from", "发件人地址"),
    ):
        if reports.get("to") and not mail.get(key):
            wrong, wrong_zh = "is empty, but reports.to names somebody", "为空，而 reports.to 里有收件人"
            found.append((("mail", key), wrong, wrong_zh, right, right_zh))
    if mail.get("user") and mail.get("security") == "none":
        found.append(
            (
                ("mail", "security"),
                '"none" would send the password in the clear',
                '"none" 会明文发送密码',
                '"tls" or "starttls"',
                '"tls" 或 "starttls"',
            )
        )
    return found
