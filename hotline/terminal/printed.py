"""A page to print: title, tables, lines to sign; everything that people have typed is escaped."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from hotline.terminal.refusals import CannotWrite
from models.instance import exported
from models.language import Language
from models.text.signs import harmless
from models.text.wording import say

_TEMPLATE = "printed.html.j2"


@dataclass(frozen=True)
class Table:
    """`late`: indexes of the rows that must not be overlooked."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    heading: str = ""
    late: Collection[int] = ()


def page(
    file: Path,
    title: str,
    subtitle: str,
    tables: Sequence[Table],
    language: Language,
    *,
    notes: Sequence[str] = (),
    signed: Sequence[str] = (),
) -> None:
    """Writes it, readable for its owner alone, because it names guests and rooms. Raises CannotWrite."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), undefined=jinja2.StrictUndefined, autoescape=True
    )
    text = environment.get_template(_TEMPLATE).render(
        language=language,
        title=title,
        subtitle=subtitle,
        tables=tables,
        notes=notes,
        signed=signed,
        nothing=say("（无记录）", "(nothing yet)", language),
    )
    try:
        exported.save(file.absolute(), harmless(text).encode())
    except OSError as error:
        raise CannotWrite(file, error, language) from error
    print(say(f"已写入 {file}", f"wrote {file}", language))
