"""The kinds of attack, in the order in which they are tried; those that kill programs come last."""

from tests.attack.kinds import (
    agi,
    console,
    emergency,
    guessing,
    injections,
    interface,
    names,
    outsiders_numbers,
    own_call_backs,
    redirects,
    scan,
    strangers,
    voice,
    webhooks,
)
from tests.attack.outcome import Kind

KINDS: dict[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (
        scan,
        strangers,
        names,
        guessing,
        redirects,
        voice,
        outsiders_numbers,
        own_call_backs,
        injections,
        webhooks,
        interface,
        console,
        agi,
        emergency,
    )
}
