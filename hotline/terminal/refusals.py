"""Why a command did not do what was asked, in words for the person at the terminal."""

from models.language import Language
from models.text.wording import say


class CommandError(Exception):
    """The command line prints its text and ends with exit code 1, without a traceback."""


class NotDone(CommandError):
    """The request cannot be carried out as it was made."""


class NoSuchRow(CommandError):
    """Nothing has this number."""


class CannotWrite(CommandError):
    """A file cannot be written."""

    def __init__(self, file: object, error: OSError, language: Language) -> None:
        super().__init__(say(f"无法写入 {file}：{error.strerror}", f"cannot write {file}: {error.strerror}", language))
