"""What callers do: press keys in the service hotline's menu, each after a prompt's first second; speak a message."""

from phones.phone import Phone


def ordinary_repair(caller: Phone) -> None:
    """1, then 2; a caller who is asked for building and room just stays on the line."""
    caller.wait_heard("menu", part=1)
    caller.press("1")
    caller.wait_heard("repair-menu", part=1)
    caller.press("2")


def urgent_repair(caller: Phone) -> None:
    """1, then 1."""
    caller.wait_heard("menu", part=1)
    caller.press("1")
    caller.wait_heard("repair-menu", part=1)
    caller.press("1")
    caller.wait_heard("urgent-connecting", part=1)


def person(caller: Phone) -> None:
    """0."""
    caller.wait_heard("menu", part=1)
    caller.press("0")


def ordinary_repair_of_an_owner(caller: Phone) -> None:
    """1, then 2; a caller in the directory is asked nothing."""
    caller.wait_heard("menu", part=1)
    caller.press("1")
    caller.wait_heard("repair-menu", part=1)
    caller.press("2")


def words_of_a_message(caller: Phone, seconds: float = 3.0) -> None:
    """Waits for the invitation and the beep, then lets the caller's microphone be recorded for `seconds`."""
    caller.wait_heard("leave-message")
    caller.wait_heard("beep")
    caller.wait(lambda: caller.call.ear.seconds > caller.call.listened + seconds, seconds + 2, "words of the message")
