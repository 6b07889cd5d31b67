"""A person at a terminal, who types commands at one home."""

import json
import sys
from functools import cached_property
from typing import Any

import pytest

from hotline import cli
from models.database.store import Store
from models.instance.home import Home
from models.site import Site


class Terminal:
    """Types commands at one home."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._monkeypatch, self._capsys = home, monkeypatch, capsys
        self.code, self.errors = 0, ""

    def __call__(self, *words: str, lang: str = "en") -> str:
        self._monkeypatch.setattr(sys, "argv", ["hotline", "--home", str(self.home.path), "--lang", lang, *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        self.code = ended.value.code if isinstance(ended.value.code, int) else 0
        said = self._capsys.readouterr()
        self.errors = said.err
        return said.out

    @cached_property
    def store(self) -> Store:
        """The database of the home, which is made where it is missing."""
        self.home.create_missing()
        store = Store(self.home.database_url(Site.load(self.home.site_file)))
        store.migrate()
        return store

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))
