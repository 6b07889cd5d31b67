"""Comments and docstrings name only files, modules and things that exist."""

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from models.instance.home import PROJECT_ROOT

pytestmark = pytest.mark.unit

OURS = ("ivr", "dialplan", "scheduler", "recordings", "models", "console", "hotline", "phones", "tests")
FOLDERS = (*OURS, "asterisk-conf", "docs", "bin", ".ci")
COMMENT_SIGN = {".j2": ";", ".toml": "#", ".yml": "#", ".xml": "<!--", "": "#"}
"""Makefile, Dockerfile and bin/setup have no ending."""
OF_A_HOME = re.compile(r"(?:(?:var|home)/(?:\w+/)*)?(?:site|policy|roster|secrets|voice)\.toml")
"""Files that a home has and the repository does not."""

_PATH = re.compile(r"(?<![\w./{}<>-])([\w-]+(?:/[\w.-]+)*\.(?:py|j2|md|toml|xml|conf))(?![\w/])")
_DOTTED = re.compile(rf"(?<![\w./-])((?:{'|'.join(OURS)})(?:\.[A-Za-z_]\w*)+)(?![\w/(-])")
_BACKTICKED = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\(\))?`")


@cache
def files() -> tuple[str, ...]:
    """Every file of the repository, without what a run leaves behind."""
    inside = [
        path for folder in FOLDERS for path in (PROJECT_ROOT / folder).rglob("*") if "__pycache__" not in path.parts
    ]
    return tuple(
        path.relative_to(PROJECT_ROOT).as_posix() for path in (*PROJECT_ROOT.iterdir(), *inside) if path.is_file()
    )


@cache
def sources() -> list[str]:
    kinds = (*COMMENT_SIGN, ".py")
    return [name for name in files() if Path(name).suffix in kinds and not name.startswith("recordings/pack/")]


@cache
def sentences(name: str) -> list[tuple[int, str]]:
    """Each comment, and each string that stands alone, with its line."""
    return list(_sentences(name))


def _sentences(name: str) -> Iterator[tuple[int, str]]:
    text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
    if not name.endswith(".py"):
        sign = COMMENT_SIGN[Path(name).suffix]
        yield from ((n, line) for n, line in enumerate(text.splitlines(), 1) if line.lstrip().startswith(sign))
        return
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


@cache
def resolves(dotted: str) -> bool:
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for attribute in parts[length:]:
            if not hasattr(found, attribute) and attribute not in getattr(found, "__dataclass_fields__", ()):
                return False
            found = getattr(found, attribute, None)
        return True
    return False


def is_there(path: str) -> bool:
    names = files()
    if OF_A_HOME.fullmatch(path) or any(name == path or name.endswith(f"/{path}") for name in names):
        return True
    # A configuration file is rendered from a template.
    return any(name.endswith(f"{path}.j2") for name in names)


def test_a_path_in_a_comment_leads_to_a_file() -> None:
    wrong = [
        f"{name}:{line}: {path}"
        for name in sources()
        for line, sentence in sentences(name)
        for path in _PATH.findall(sentence)
        if not is_there(path)
    ]
    assert len(sources()) > 600
    assert wrong == []


def test_a_module_or_function_in_a_comment_exists() -> None:
    wrong = [
        f"{name}:{line}: {dotted}"
        for name in sources()
        for line, sentence in sentences(name)
        for dotted in _DOTTED.findall(sentence)
        if not resolves(dotted) and not is_there(dotted)
    ]
    assert wrong == []


@cache
def known_words() -> frozenset[str]:
    """Every name in the code, and every word of its strings, of the templates and of the settings; no docstrings."""
    words: set[str] = set()
    for name in sources():
        text = (PROJECT_ROOT / name).read_text(encoding="utf-8")
        if not name.endswith(".py"):
            words |= set(re.findall(r"\w+", text))
            continue
        tree = ast.parse(text)
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        words |= set(Path(name).with_suffix("").parts)
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word) | ast.keyword(arg=str(word)):
                    words.add(word)
                case ast.FunctionDef(name=word) | ast.AsyncFunctionDef(name=word) | ast.ClassDef(name=word):
                    words.add(word)
                case ast.alias(name=word):
                    words |= set(word.split("."))
                case ast.Constant(value=str(written)) if id(node) not in prose:
                    words |= set(re.findall(r"\w+", written))
                case _:
                    pass
    return frozenset(words)


def is_known(word: str) -> bool:
    """Also an ending such as `_zh`."""
    return word in known_words() or (word.startswith("_") and any(known.endswith(word) for known in known_words()))


def test_a_name_that_does_not_exist_is_noticed() -> None:
    assert is_there("ivr/outbox.py")
    assert is_there("pjsip.conf")
    assert not is_there("ivr/outbocks.py")
    assert resolves("models.clock.Clock.now")
    assert not resolves("models.clock.Watch")
    assert (is_known("CallEnded"), is_known("CallEnd" + "ing")) == (True, False)


def test_a_name_in_backticks_is_one_of_the_code() -> None:
    wrong = [
        f"{name}:{line}: {found}"
        for name in sources()
        for line, sentence in sentences(name)
        for found in _BACKTICKED.findall(sentence)
        if not all(is_known(word) for word in found.split("."))
    ]
    assert wrong == []
