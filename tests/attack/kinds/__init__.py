"""The kinds of attack, in the order in which they are tried; those that kill programs come last."""

from tests.attack.kinds import names, outsiders_numbers, redirects, strangers
from tests.attack.outcome import Kind

KINDS: dict[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        strangers,
        names,
        redirects,
        outsiders_numbers,
    )
}
