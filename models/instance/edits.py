"""One value of site.toml or policy.toml is changed where it stands: comments stay; a wrong file is never written."""

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import AoT, InlineTable, Table

from models.errors import ConfigError, MoveRefused
from models.instance.edit_words import in_words, key_in_words
from models.instance.home import Home
from models.instance.rights import as_root
from models.policy import Policy
from models.site import Site
from models.states.administration import SettingsFile

SITE_KEYS = (
    r"site\.(name_zh|name_en|language)",
    r"(staff|group|line)\[[\w-]{1,40}\]",
    r"rooms\.(floors|per_floor|phones)",
    r"emergency\.told",
    r"prices\.(zh|en)",
)
"""What of the site file is changed on the console; addresses, ports, trunks and the database are the server's."""
_ENTRY = re.compile(r"(staff|group|line)\[([\w-]+)\]")
_NAMED_BY = {"staff": "number", "group": "name", "line": "number"}


@dataclass(frozen=True)
class Edit:
    """`value` takes the place of what stands at `key`: `answer.rings`, `site.name_zh`; for a whole entry, such as
    `staff[7001]`, a table, or None to remove it."""

    file: SettingsFile
    key: str
    value: Any


class EditRefused(MoveRefused):
    """The file would be wrong; the text says what would be right."""


def path_of(home: Home, file: SettingsFile) -> Path:
    return home.site_file if file is SettingsFile.SITE else home.policy_file


def present(home: Home, file: SettingsFile, key: str) -> Any:
    """The value that stands in the file; None for an entry that is not there. Raises EditRefused."""
    found = _found(_document(home, file), file, key)
    return found.unwrap() if hasattr(found, "unwrap") else found


def check(home: Home, edit: Edit) -> None:
    """Raises EditRefused when the file would be wrong with this edit, or would be the same."""
    _checked(home, edit)


def write(home: Home, edit: Edit) -> None:
    """Writes the file whole, with the owner and rights that it has. Raises EditRefused, and nothing is written."""
    text = _checked(home, edit)
    file = path_of(home, edit.file)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    with as_root():
        before = file.stat()
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
            os.fchown(out.fileno(), before.st_uid, before.st_gid)
            os.fchmod(out.fileno(), before.st_mode & 0o777)
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)


def in_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _checked(home: Home, edit: Edit) -> str:
    """The text of the file with the edit."""
    document = _document(home, edit.file)
    if present(home, edit.file, edit.key) == edit.value:
        en, zh = key_in_words(edit.key)
        raise EditRefused(f"{en} is so already", f"{zh}已是这个值")
    _put(document, edit)
    text = tomlkit.dumps(document)
    with tempfile.TemporaryDirectory() as folder:
        tried = Path(folder) / path_of(home, edit.file).name
        tried.write_text(text, encoding="utf-8")
        try:
            site = Site.load(tried if edit.file is SettingsFile.SITE else home.site_file)
            Policy.load(tried if edit.file is SettingsFile.POLICY else home.policy_file, site)
        except ConfigError as error:
            groups = {one.get("name"): (one.get("zh"), one.get("en")) for one in document.get("group", [])}
            raise EditRefused(*in_words(error.problems, groups)) from error
    return text


def _document(home: Home, file: SettingsFile) -> TOMLDocument:
    return tomlkit.parse(path_of(home, file).read_text(encoding="utf-8"))


def _found(document: TOMLDocument, file: SettingsFile, key: str) -> Any:
    if file is SettingsFile.SITE:
        if not any(re.fullmatch(allowed, key) for allowed in SITE_KEYS):
            raise EditRefused(
                "this is changed on the server, and needs a restart",
                "这一项请服务器的维护人员修改，修改后须重新启动",
            )
        if entry := _ENTRY.fullmatch(key):
            return next((one for one in document.get(entry[1], []) if one.get(_NAMED_BY[entry[1]]) == entry[2]), None)
        section, name = key.split(".")
        table: Any = document.get(section, {})
        return table.get(name)
    found = _policy_entry(document, key)
    return found["value"]


def _policy_entry(document: TOMLDocument, key: str) -> Any:
    here: Any = document
    for name in key.split("."):
        here = here.get(name) if isinstance(here, dict) else None
    if not isinstance(here, dict) or "value" not in here:
        raise EditRefused(f"the policy has no {key}", f"制度数值中没有 {key}")
    return here


def _put(document: TOMLDocument, edit: Edit) -> None:
    if edit.file is SettingsFile.POLICY:
        entry: InlineTable | Table = _policy_entry(document, edit.key)
        entry["value"] = edit.value
        return
    place = _ENTRY.fullmatch(edit.key)
    if place is None:
        section, name = edit.key.split(".")
        if section not in document:
            document[section] = tomlkit.table()
        table: Any = document[section]
        table[name] = edit.value
        return
    entries: AoT = document.setdefault(place[1], tomlkit.aot())
    known = _found(document, edit.file, edit.key)
    if edit.value is None:
        if known is not None:
            entries.remove(known)
        return
    if known is None:
        known = tomlkit.table()
        _fill(known, edit.value)
        known.add(tomlkit.nl())
        entries.append(known)
    else:
        for gone in known.keys() - edit.value.keys():
            del known[gone]
        _fill(known, edit.value)


def _fill(table: Any, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if table.get(name) != value:
            table[name] = value
