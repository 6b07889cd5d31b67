"""A terminal at which a test types commands for one home."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import pytest

from hotline import cli
from models.database.store import Store
from models.instance.home import Home
from models.instance.instance import Instance
from models.site import Site


class Terminal:
    """Runs `hotline` with the words given, at one home."""

    def __init__(self, home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._monkeypatch, self._capsys = home, monkeypatch, capsys
        self.code, self.errors = 0, ""

    def __call__(self, *words: str, lang: str = "en") -> str:
        self._monkeypatch.setattr(sys, "argv", ["hotline", "--home", str(self.home.path), "--lang", lang, *words])
        with pytest.raises(SystemExit) as ended, self._closing_stores():
            cli.main()
        self.code = ended.value.code if isinstance(ended.value.code, int) else 0
        said = self._capsys.readouterr()
        self.errors = said.err
        return said.out

    @contextmanager
    def _closing_stores(self) -> Iterator[None]:
        """A command leaves its connections to the end of its process, which here goes on."""
        opened: list[Store] = []
        open_store = Instance.open_store

        def kept(instance: Instance, **given: float) -> Store:
            opened.append(open_store(instance, **given))
            return opened[-1]

        with self._monkeypatch.context() as patch:
            patch.setattr(Instance, "open_store", kept)
            try:
                yield
            finally:
                for store in opened:
                    store.close()

    @cached_property
    def store(self) -> Store:
        """The database of the home, which is made where it is missing."""
        self.home.create_missing()
        store = Store(self.home.database_url(Site.load(self.home.site_file)))
        store.migrate()
        return store

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))
