"""A password is kept as an argon2id hash (RFC 9106), and one that others would guess first is refused.

Length is what helps, so no kinds of signs are asked for (NIST SP 800-63B, 5.1.1.2).
"""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from models.errors import MoveRefused

SHORTEST = 10
LONGEST = 200
_FEWEST_SIGNS = 5
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_RUN = 6
# The ones of ten signs and more that lists of leaked passwords name first.
_COMMON = """
password12 password123 password1234 password12345 password123456 passw0rd123 p@ssw0rd123 p@ssword123 mypassword
mypassword1 passwordpassword administrator administrator1 admin12345 admin123456 adminadmin iloveyou12 iloveyou123
iloveyou1314 woaini1314 woaini520 woaini521 woaini1314520 5201314woaini woaiwojia1 1314520woaini zhongguo123
welcome123 welcome1234 letmein123 football123 baseball123 basketball sunshine123 princess123 superman123 changeme123
1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 q1w2e3r4t5y6 1a2b3c4d5e a1b2c3d4e5 aa12345678 a123456789 a1234567890 abc1234567
abcd123456 abc123456789 qwer123456 qwerty1234 qwerty12345 qwerty123456 qwe123456789 asd123456789 zxc123456789
qq123456789 1234567890a 123456789a 123456789abc 123456789q 987654321a 0123456789 1357924680 1029384756 3141592653
1122334455 1231231234 1234512345 hotline123 hotline1234 hotline12345 telephone1 telephone123 reception123
"""

_hasher = PasswordHasher()


class PasswordRefused(MoveRefused):
    """The password cannot be used; the text says why."""


def hashed(password: str, *, number: str) -> str:
    """The hash of a password that somebody with this staff number has chosen. Raises PasswordRefused."""
    password = _normal(password)
    _check(password, number)
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password; it takes the same time when there is none."""
    try:
        return _hasher.verify(kept or _of_nobody(), _normal(password)[: LONGEST + 1]) and kept is not None
    except VerifyMismatchError:
        return False


@cache
def _of_nobody() -> str:
    return _hasher.hash("the password of nobody")


def _normal(password: str) -> str:
    """One form of letters that keyboards write in several (RFC 8265); halves of characters become a question mark."""
    return unicodedata.normalize("NFC", password.encode(errors="replace").decode())


def _check(password: str, number: str) -> None:
    if len(password) < SHORTEST:
        raise PasswordRefused(f"a password has at least {SHORTEST} characters", f"密码至少 {SHORTEST} 个字符")
    if len(password) > LONGEST:
        raise PasswordRefused(f"a password has at most {LONGEST} characters", f"密码至多 {LONGEST} 个字符")
    plain = password.casefold()
    rest = plain.replace(number, "")
    if len(rest) < SHORTEST - len(number) or len(set(plain)) < _FEWEST_SIGNS or _guessed_first(plain) or _is_run(rest):
        raise PasswordRefused(
            "others would guess this password first: take several words that do not belong together",
            "这个密码太容易被猜到：请用几个不相干的词组成",
        )


def _guessed_first(plain: str) -> bool:
    return bool({plain, plain.strip("!.@#?*")} & set(_COMMON.split()))


def _is_run(plain: str) -> bool:
    """Whether most of it is a row of the keyboard or alphabet, forwards or backwards."""
    longest = 0
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for begin in range(len(plain)):
            end = begin
            while end < len(plain) and plain[begin : end + 1] in row:
                end += 1
            longest = max(longest, end - begin)
    return longest >= _RUN and len(plain) - longest < _FEWEST_SIGNS
