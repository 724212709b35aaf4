"""CSV downloads of figures, sent as they are made (RFC 4180)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from starlette.responses import StreamingResponse

from milepost.domain.money import exponent
from milepost.web.me.visit import PRIVATE

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, "CSV Injection"


def cell(value: object) -> str:
    """One quoted cell; a text that a spreadsheet would take for a formula begins with a mark.

    A number is written as a number, also below zero.
    """
    if isinstance(value, int | Decimal):
        return str(value)
    text = str(value)
    return '"' + ("'" if text.startswith(FORMULA) else "") + text.replace('"', '""') + '"'


def written(row: Sequence[object]) -> str:
    """One line."""
    return ",".join(map(cell, row)) + "\r\n"


def major(minor: int, campaign: Mapping[str, Any]) -> Decimal:
    """Minor units as an amount of the campaign's currency, with all its decimals (M1)."""
    return Decimal(minor).scaleb(-exponent(campaign["currency"]))


def iso(when: datetime) -> str:
    """The instant in UTC."""
    return when.isoformat(timespec="seconds").replace("+00:00", "Z")


def download(lines: AsyncIterator[str], name: str) -> StreamingResponse:
    """The file `name`, line by line."""
    headers = PRIVATE | {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, 200, headers, "text/csv; charset=utf-8")
