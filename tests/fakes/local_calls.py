"""A call of the fake Asterisk to itself: keys pressed at one end are heard at the other, and both ends end together."""

from typing import TYPE_CHECKING

from tests.fakes.parts import FakeChannel
from tests.fakes.people import FakeCaller, FakePerson

if TYPE_CHECKING:
    from tests.fakes.switch import FakeSwitch


class NearEnd(FakePerson):
    """The end that dials. It is answered when the far end is."""

    def __init__(self, switch: "FakeSwitch", number: str, far: FakeCaller) -> None:
        super().__init__(switch, number)
        self.far = far

    def is_cut_off(self, channel: FakeChannel) -> None:
        super().is_cut_off(channel)
        self.far.hangs_up()


class FarEnd(FakeCaller):
    """The end that comes out of the dialplan, as a caller does."""

    near: NearEnd | None = None

    def is_cut_off(self, channel: FakeChannel) -> None:
        super().is_cut_off(channel)
        if self.near is not None:
            self.near.hangs_up()


def dial_ourselves(switch: "FakeSwitch", id: str, line: str, args: list[str]) -> FakeChannel:
    """A channel that dials this line through the context "canary", and enters our application when it is answered."""
    far = FarEnd(switch, "")
    near = NearEnd(switch, line, far)
    channel = FakeChannel(switch, id, near, state="Down", number=line, args=args)
    channel.owned = channel.originated = True
    far.near = near
    comes_out = FakeChannel(switch, f"{id}-2", far, state="Ring", number="", args=[line])
    comes_out.canary = True
    comes_out.go_to("canary")

    async def is_answered() -> None:
        while comes_out.state != "Up" and comes_out.id in switch.channels:
            await switch.next_happening()
        if not channel.dying and comes_out.id in switch.channels:
            channel.becomes("Up")
            channel.enter(args)

    switch.background(is_answered())
    return channel
