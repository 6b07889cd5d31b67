"""Reads a TOML file into a strict, typed model, or reports every mistake in plain words."""

import difflib
import tomllib
import types
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from models.errors import ConfigError, Problem

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """No unknown keys, no silent conversion ("5060" is not 5060), no change after loading.

    Every field has a `description` of a right value, "English|中文", which is shown when the value is wrong.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises ConfigError when it can't be read or isn't TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        wrong, right = (
            ("does not exist", "文件不存在"),
            ("the first start (`make run`) makes it", "首次启动（make run）时自动生成"),
        )
        place = "(file)"
    except OSError as error:
        wrong = (f"cannot be read: {error.strerror}", f"无法读取：{error.strerror}")
        right = ("a file that this account may read", "当前账户可读取的文件")
        place = "(file)"
    except UnicodeDecodeError as error:
        wrong, right = ("is not UTF-8", "不是 UTF-8 编码"), ("a file saved as UTF-8", "以 UTF-8 编码保存的文件")
        place = f"byte {error.start + 1}"
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).removesuffix(")").rpartition(" (at ")
        wrong = (f"is not TOML: {what}", f"不是合法的 TOML:{what}")
        right = ('lines like [section] and key = "value"', '形如 [section] 和 key = "value" 的行')
        place = where
    raise ConfigError([Problem(path, place, wrong[0], right[0], wrong[1], right[1])])


Place = Callable[[Sequence[str | int], Any], str]
"""Turns a place in the tables into words for a person."""


def validated(
    model: type[Model], tables: dict[str, Any], file: Path, place: Place | None = None
) -> tuple[Model | None, list[Problem]]:
    """The model and no problems, or None and every problem that pydantic found, with key, value and remedy."""
    try:
        return model.model_validate(tables), []
    except ValidationError as error:
        return None, [
            _problem(one["type"], one["loc"], str(one.get("msg", "")), file, model, tables, place or key_text)
            for one in error.errors(include_url=False, include_context=False)
        ]


def key_text(loc: Sequence[str | int], tables: Any) -> str:
    """The place as people write it: `sip.port`, `staff[7001].group`, `carrier.addresses[2]`."""
    text, value = "", tables
    for step in loc:
        value = _inside(value, step)
        if isinstance(step, str):
            text += f".{step}" if text else step
        else:
            label = value.get("number") or value.get("name") if isinstance(value, dict) else None
            text += f"[{label}]" if isinstance(label, str) else f"[no. {step + 1}]"
    return text


def shown(value: Any) -> str:
    """A value as TOML writes it, cut to fit a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def right_of(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[str, str]:
    """What would be right at a place, in English and Chinese; empty where nothing is said."""
    _, field = _type_at(model, loc)
    right, _, right_zh = ((field.description if field else None) or "").partition("|")
    return right, right_zh or right


def choices_of(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[Any, ...]:
    """The values that a place, or each line of the list there, may have; empty where they are not a few words."""
    annotation, _ = _type_at(model, loc)
    if typing.get_origin(annotation) is list:
        annotation = _bare(typing.get_args(annotation)[0])
    return typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()


def _problem(
    kind: str, loc: tuple[str | int, ...], said: str, file: Path, model: type[BaseModel], tables: Any, place: Place
) -> Problem:
    key, value = place(loc, tables), tables
    for step in loc:
        value = _inside(value, step)
    if kind == "extra_forbidden":
        known = _keys(_type_at(model, loc[:-1])[0])
        near = difflib.get_close_matches(str(loc[-1]), known, n=1)
        right = f"did you mean {near[0]}?" if near else "one of " + ", ".join(known)
        right_zh = f"是否想写 {near[0]}？" if near else "可用的键：" + "、".join(known)
        return Problem(file, key, "is not a known key", right, "没有这个键", right_zh)
    _, field = _type_at(model, loc)
    right, _, right_zh = ((field.description if field else None) or said).partition("|")
    if kind == "missing":
        return Problem(file, key, "is missing", right, "缺少这一项", right_zh or right)
    return Problem(file, key, f"is {shown(value)}", right, f"现为 {shown(value)}", right_zh or right)


def _inside(value: Any, step: str | int) -> Any:
    try:
        return value[step]
    except (KeyError, IndexError, TypeError):
        return None


def _keys(model: Any) -> list[str]:
    if isinstance(model, type) and issubclass(model, BaseModel):
        return [field.alias or name for name, field in model.model_fields.items()]
    return []


def _type_at(model: type[BaseModel], loc: Sequence[str | int]) -> tuple[Any, FieldInfo | None]:
    """The annotation at a place, and the nearest field around it (whose description is the remedy)."""
    here: Any = model
    field: FieldInfo | None = None
    for step in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            for name, candidate in here.model_fields.items():
                if step in (name, candidate.alias):
                    field = candidate
                    here = _bare(candidate.annotation)
                    break
        else:
            arguments = typing.get_args(here)
            here = _bare(arguments[-1]) if arguments else here
    return here, field


def _bare(annotation: Any) -> Any:
    """Without Annotated[...] and `| None`."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (typing.Union, types.UnionType):
        return _bare(next(part for part in typing.get_args(annotation) if part is not type(None)))
    return annotation
