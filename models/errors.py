"""A wrong configuration is told completely, at once: file, key, what is wrong, what would be right."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one file.

    `key` is the place in that file as a person would point at it ("sip.port", "staff[7001].group", "row 12, phone").
    `wrong` and `right` are short English phrases that follow "KEY " and "right: "; the `_zh` ones are their Chinese.
    """

    file: str | Path
    key: str
    wrong: str
    right: str
    wrong_zh: str = ""
    right_zh: str = ""

    def __str__(self) -> str:
        english = f"{self.file}: {self.key}: {self.wrong}; right: {self.right}"
        if not self.wrong_zh:
            return english
        return f"{english}\n    {self.key}:{self.wrong_zh};应为:{self.right_zh}"


class ConfigError(Exception):
    """The program must not start with this configuration; `problems` has every reason found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class MoveRefused(Exception):
    """A ticket, shift or handover can't be treated so; the text says why, and what can be done, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.en, self.zh = en, zh
