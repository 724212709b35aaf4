"""Tables as CSV: cells that no spreadsheet takes for a formula, and lines as people send them."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

# What makes a spreadsheet calculate. Source: OWASP, "CSV Injection"; its full-width forms too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BLANKS = str.maketrans({"\r": " ", "\n": " ", "\t": " ", "\0": ""})
DELIMITERS = ",;\t"


def harmless(cell: object) -> str:
    """The cell as one line of text that begins no formula: an apostrophe stands before one.

    An apostrophe that was there before is doubled, so that `plain_cell` gives back what it was.
    A number of ours is no formula, also below zero.
    """
    if isinstance(cell, int | Decimal):
        return str(cell)
    text = "" if cell is None else str(cell)
    if not text or (text[0].isalnum() and text.isprintable()):
        return text  # most cells are: looked at no further
    text = text.translate(_BLANKS)
    begins = text.lstrip(" ")
    return f"'{text}" if begins.startswith((*_FORMULA, "'")) else text


def plain_cell(cell: str) -> str:
    """What `harmless` was given."""
    text = cell.strip()
    if text[:1] == "'" and text[1:].lstrip(" ").startswith((*_FORMULA, "'")):
        return text[1:].strip()
    return text


def written(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV (RFC 4180), each cell quoted and harmless."""
    page = io.StringIO()
    writer = csv.writer(page, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return page.getvalue()


def delimiter_of(line: str) -> str:
    """What separates the cells of a file's first line: comma, semicolon or tab."""
    return max(DELIMITERS, key=line.count)


def cells_of(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line; None when it is not well-formed."""
    try:
        cells = next(csv.reader([line], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None
    return [plain_cell(cell) for cell in cells]
