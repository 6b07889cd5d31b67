"""The kinds of values that several sections of the site file share, and the words that say what is right."""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator, Field


def _is_address(text: str) -> str:
    if ipaddress.IPv4Address(text).is_unspecified:
        raise ValueError("no address of a machine")
    return text


def _is_network(text: str) -> str:
    ipaddress.IPv4Network(text)
    return text


Port = Annotated[int, Field(ge=1, le=65535, description="a whole number from 1 to 65535|1 至 65535 的整数")]
# Of this machine or the carrier's: a name that can't be resolved would cost every call 5 to 15 s.
Address = Annotated[str, AfterValidator(_is_address)]
Network = Annotated[str, AfterValidator(_is_network)]
# RFC 1918, and this machine itself.
PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"]
# 0 and 9 at the start are the front desk and the outside line.
Number = Annotated[str, Field(pattern=r"^[1-8][0-9]{2,4}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\"\\;\[\]<>]+$")]

AN_ADDRESS = 'an IPv4 address in quotes, such as "192.168.1.10"|带引号的 IPv4 地址，如 "192.168.1.10"'
NETWORKS = 'IPv4 networks in brackets, such as ["192.168.1.0/24"]|方括号内的 IPv4 网段，如 ["192.168.1.0/24"]'
A_NUMBER = '3 to 5 digits in quotes, the first 1 to 8, such as "7001"|带引号的 3 至 5 位数字，首位 1 至 8，如 "7001"'
A_GROUP = 'the name of a [[group]], such as "agents"|某个 [[group]] 的 name，如 "agents"'
A_NAME = '1 to 60 characters in quotes, without " \\ ; [ ] < >|带引号的 1 至 60 个字符，不含 " \\ ; [ ] < >'
A_DATE = "a date without quotes, such as 2027-02-06|不带引号的日期，如 2027-02-06"
A_SLUG = 'lower-case letters, digits and "-", such as "agents"|小写字母、数字和 "-"，如 "agents"'
