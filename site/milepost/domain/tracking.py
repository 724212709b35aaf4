"""Tracking numbers as they come in: which column is which, and what is wrong with a line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.domain.sheets import cells_of, delimiter_of

LONGEST_LINE = 4000  # characters
LONGEST_CELL = 200
LARGEST_NUMBER = 2**63 - 1
# What carriers and spreadsheets call the columns, in small letters and without signs.
_PLEDGE = frozenset(
    "pledge pledgenumber pledgeno number order ordernumber orderno orderid reference ref"
    " unterstützung bestellnummer referenz".split()
)
_TRACKING = frozenset(
    "tracking trackingnumber trackingno trackingcode trackingid trackinglink trackingurl shipment"
    " shipmentnumber awb sendungsnummer sendung paketnummer".split()
)
_CARRIER = frozenset("carrier carriername shipper courier service versanddienst dienst".split())


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file: for which pledge, by whom, which number; or the `problem` with it."""

    number: int
    pledge_id: int | None
    carrier: str
    tracking: str
    problem: str | None
    raw: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things stand in a line; `carrier` None where there is no such column."""

    pledge: int
    tracking: int
    carrier: int | None
    count: int
    delimiter: str


def encoding_of(start: bytes) -> str:
    """How the file is written: UTF-16 where its first bytes say so, else UTF-8."""
    return "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def columns_of(first: str) -> tuple[Columns, bool]:
    """The columns, and whether the line names them; without names: pledge, (carrier,) tracking.

    Raises Invalid when it is neither.
    """
    delimiter = delimiter_of(first)
    cells = cells_of(first.rstrip("\r\n"), delimiter) or []
    if cells and _number(cells[0]) is not None and len(cells) in (2, 3):
        return Columns(
            0, len(cells) - 1, 1 if len(cells) == 3 else None, len(cells), delimiter
        ), False
    names = [re.sub(r"[\W_]", "", cell).lower() for cell in cells]
    pledge, tracking = _place(names, _PLEDGE), _place(names, _TRACKING)
    if pledge is None or tracking is None:
        raise Invalid(
            N_(
                "The first line must name the columns. One has to be called “pledge”, and one"
                " “tracking”."
            ),
            about="file",
        )
    return Columns(pledge, tracking, _place(names, _CARRIER), len(cells), delimiter), True


def _place(names: Sequence[str], known: frozenset[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in known), None)


def read_lines(text: IO[str], carrier: str) -> Iterator[Line]:
    """The file's lines but for empty ones, each judged by itself; `carrier` where a line has none.

    Raises Invalid when it is empty, or its columns can't be told.
    """
    number, columns = 0, None
    while raw := text.readline(LONGEST_LINE + 1):
        number += 1
        is_long = len(raw) > LONGEST_LINE and not raw.endswith("\n")
        rest = raw
        while is_long and rest and not rest.endswith("\n"):
            rest = text.readline(LONGEST_LINE)
        if not raw.strip():
            continue
        if columns is None:
            columns, named = columns_of(raw)
            if columns.carrier is None and not carrier:
                raise Invalid(
                    N_("There is no column for the carrier. Choose one for all lines."),
                    about="carrier",
                )
            if named:
                continue
        yield _line(number, raw.rstrip("\r\n"), columns, carrier, is_long)
    if columns is None:
        raise Invalid(
            N_("There is nothing in it. Choose a file, or paste its lines."), about="file"
        )


def _line(number: int, raw: str, columns: Columns, carrier: str, is_long: bool) -> Line:
    kept = raw[:500].replace("\0", "")
    if is_long:
        return Line(number, None, "", "", "too_long", kept)
    if "\ufffd" in raw:
        return Line(number, None, "", "", "encoding", kept)
    cells = cells_of(raw, columns.delimiter)
    if cells is None or len(cells) != columns.count or "\0" in raw:
        return Line(number, None, "", "", "malformed", kept)
    pledge_id, tracking = _number(cells[columns.pledge]), cells[columns.tracking]
    by = (cells[columns.carrier] if columns.carrier is not None else "") or carrier
    problem = None
    if len(tracking) > LONGEST_CELL or len(by) > LONGEST_CELL:
        problem = "too_long"
    elif pledge_id is None:
        problem = "no_number"
    elif not tracking:
        problem = "no_tracking"
    elif not by:
        problem = "no_carrier"
    return Line(number, pledge_id, by[:LONGEST_CELL], tracking[:LONGEST_CELL], problem, kept)


def _number(cell: str) -> int | None:
    """A pledge's number as it is printed, zeros or # before it or not."""
    digits = cell.removeprefix("#").strip()
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 19:
        return None
    found = int(digits)
    return found if 0 < found <= LARGEST_NUMBER else None
