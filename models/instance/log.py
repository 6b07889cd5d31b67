"""What a program logs goes to its standard error, and no telephone number of a customer in it is whole (R05-9)."""

import logging
import re

from models.text.masking import masked
from models.text.signs import harmless

PLAIN = "%(levelname)s %(message)s"
WITH_TIME = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Asterisk's unique ids are seconds.number, and ours hold letters.
_NUMBER = re.compile(r"(?<![A-Za-z\d.])\+?\d{7,15}(?![A-Za-z]|\.?\d)", re.ASCII)


class _Masked(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """A traceback as well: an error names the values it failed on. What somebody sent begins no line of the log."""
        text = harmless(super().format(record)).replace("\n", "\n    ")
        return _NUMBER.sub(lambda number: masked(number[0]) or "", text)


def begin(form: str) -> None:
    """From now on this process logs what is at least of interest to an administrator."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Masked(form))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
