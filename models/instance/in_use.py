"""Which settings the service runs with, by what `hotline serve` says: files that differ from it are not in use yet."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from models.instance import serving
from models.instance.home import Home
from models.instance.instance import Instance
from models.policy import Policy
from models.site import Site

_POLICY = "policy.toml"
_NEEDS_A_RESTART = (
    *("sip", "rtp", "http", "agi", "console", "database", "carrier", "trunk", "webhooks"),
    "site.node",
)
"""Of the site file: what Asterisk or our programs read at their start only."""

Marks = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """The sections of the site file, and policy.toml, that are not in use; `restart` are those that only a new start
    takes into use."""

    changed: tuple[str, ...]

    @property
    def restart(self) -> tuple[str, ...]:
        return tuple(name for name in self.changed if name in _NEEDS_A_RESTART)


def marks(site: Site, policy: Policy) -> Marks:
    """What the supervisor leaves in its state: for each section a mark of its values."""
    sections = site.model_dump(mode="json", by_alias=True)
    sections["site.node"] = sections["site"].pop("node")
    return {_POLICY: policy.version} | {name: _mark(values) for name, values in sections.items()}


def between(running: Marks, present: Marks) -> Difference:
    names = sorted(running.keys() | present.keys())
    return Difference(tuple(name for name in names if running.get(name) != present.get(name)))


def not_in_use(home: Home) -> Difference:
    """How the files differ from what the service runs with; not at all while it does not run. Raises ConfigError when a
    file has mistakes."""
    present = Instance.load(home)
    state = serving.running(home) or {}
    found = marks(present.site, present.policy)
    return between(state.get("settings", found), found)


def _mark(values: object) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
