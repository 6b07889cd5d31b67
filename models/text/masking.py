"""Names and telephone numbers are shown masked; users with the right see them whole, which is logged."""

from dataclasses import dataclass


class Masking:
    """Shows names and numbers whole if `reveal`, else masked."""

    reveal: bool

    def number(self, number: str | None) -> str | None:
        return number if self.reveal else masked(number)

    def name(self, name: str | None) -> str | None:
        return name if self.reveal else masked_name(name)


@dataclass(frozen=True)
class Shown(Masking):
    """Masking for one reader."""

    reveal: bool


def masked(number: str | None) -> str | None:
    """A telephone number that can be recognised but not dialled (R05-9): 138****5678. Our own short numbers stay."""
    if number is None or len(number) <= 5:
        return number
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 10 else f"{number[:2]}***{number[-2:]}"


def masked_name(name: str | None) -> str | None:
    """A name that only its owner recognises (R08-9): 王**, S****."""
    return name and name[0] + "*" * min(4, len(name) - 1)
