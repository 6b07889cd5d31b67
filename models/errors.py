"""A wrong configuration is reported completely: for each mistake the file, the key, what is wrong and what is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in one file.

    `key` is the place in the file, as people write it ("sip.port", "staff[7001].group", "row 12, phone").
    `wrong` and `right` are short English phrases that follow "KEY " and "right: "; the `_zh` ones are their Chinese.
    """

    file: str | Path
    key: str
    wrong: str
    right: str
    wrong_zh: str = ""
    right_zh: str = ""

    def __str__(self) -> str:
        english = f"{self.key}: {self.wrong}; right: {self.right}"
        if not self.wrong_zh:
            return f"{self.file}: {english}"
        return f"{self.file}:{self.key}：{self.wrong_zh}；应为：{self.right_zh}\n    {english}"


class ConfigError(Exception):
    """The program must not start with this configuration; `problems` lists every mistake."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class MoveRefused(Exception):
    """A ticket, shift or handover does not allow this; the text says why, and what to do, in both languages."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(f"{en}\n{zh}")
        self.en, self.zh = en, zh
