"""What one kind of attack has tried, and what got through."""

from collections.abc import Callable
from dataclasses import dataclass, field
from subprocess import SubprocessError
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.attack.world import World


@dataclass
class Outcome:
    """`got_in`: something inside that the attacker may not cause; `got_out`: a call at the carrier that nobody allowed;
    `lost`: what had to work and did not; `cut_short`: the attack could not go on, so the rest of it was not tried."""

    tries: int = 0
    got_in: list[str] = field(default_factory=list)
    got_out: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    cut_short: bool = False

    @property
    def well(self) -> bool:
        return not (self.got_in or self.got_out or self.lost)

    @property
    def red(self) -> bool:
        """Something is wrong with the hotline; an attack that only could not go on does not show it."""
        return bool(self.got_in or self.got_out or (self.lost and not self.cut_short))

    def tried(self, times: int = 1) -> None:
        self.tries += times

    def gets_in(self, what: str) -> None:
        self.got_in.append(what)

    def gets_out(self, what: str) -> None:
        self.got_out.append(what)

    def loses(self, what: str) -> None:
        self.lost.append(what)


@dataclass(frozen=True)
class Kind:
    """One kind of attack. `this_build`: it writes rows by this build's functions, so it cannot try another build."""

    name: str
    tries_to: str
    attack: Callable[["World", Outcome], None]
    this_build: bool = False

    def against(self, world: "World") -> Outcome:
        """Tries it. An attack that cannot go on has proved nothing."""
        outcome = Outcome()
        world.register()
        try:
            if not world.at_rest():
                raise RuntimeError("calls of the last attack go on")
            self.attack(world, outcome)
        except (AssertionError, RuntimeError, OSError, SubprocessError) as error:
            outcome.cut_short = True
            outcome.loses(f"the attack could not go on: {str(error)[:300]}")
        return outcome
