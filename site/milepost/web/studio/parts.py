"""What the studio's pages of pledges and parcels share: numbers in addresses, forms, downloads."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from milepost.domain.errors import Conflict, Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.money import typed_money
from milepost.domain.numbers import number_in
from milepost.web.me.visit import PRIVATE
from milepost.web.public.chosen import plain
from milepost.wording.saying import say


def numbered(request: Request, name: str) -> int:
    """The number in the address. Raises 404 where it can't be one."""
    found = number_in(str(request.path_params[name]))
    if not found:
        raise HTTPException(404)
    return found


def asked(request: Request, name: str, most: int = 200) -> str:
    """What the address asks for, trimmed."""
    return plain(request.query_params.get(name, ""), most).strip()


async def typed_in(request: Request, most: int = 60) -> dict[str, str]:
    """The fields of a form without files; of several with one name the last; no NUL is kept."""
    sent = await request.form(max_files=0, max_fields=most)
    return {name: str(value)[:4000].replace("\0", "") for name, value in sent.items()}


def errors_of(refusal: Refusal | None, locale: str) -> dict[str, str]:
    """Its sentence, by the field that it is about."""
    return {refusal.about: say(refusal.sentence, locale)} if refusal is not None else {}


def status_of(refusal: Refusal | None) -> int:
    """How a page is answered that shows it."""
    if refusal is None:
        return 200
    return 422 if isinstance(refusal, Invalid) or not isinstance(refusal, Conflict) else 409


def given_back(typed: Mapping[str, str], currency: str) -> tuple[int | None, dict[int, int] | None]:
    """What a form of a refund asks for: an amount, or pieces by line; neither for all that is left.

    Raises Invalid, about `amount` or `returned`.
    """
    match typed.get("what"):
        case "amount":
            return typed_money(typed.get("amount", ""), currency, "amount").amount, None
        case "lines":
            counts = {}
            for name, value in typed.items():
                place = number_in(name.removeprefix("line-")) if name.startswith("line-") else None
                count = number_in(value.strip() or "0")
                if place is not None and count:
                    counts[place] = count
            if not counts:
                raise Invalid(N_("Say how many pieces of which line come back."), about="returned")
            return None, counts
    return None, None


def download(lines: AsyncIterator[str], name: str) -> Response:
    """A CSV file, sent as it is made."""

    async def encoded() -> AsyncIterator[bytes]:
        async for line in lines:
            yield line.encode()

    headers = PRIVATE | {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(encoded(), 200, headers, "text/csv; charset=utf-8")


def question(**wanted: Any) -> str:
    """The part of an address after the `?`, without what is not asked for."""
    kept: Mapping[str, str] = {k: str(v) for k, v in wanted.items() if v not in (None, "", False)}
    return f"?{urlencode(kept)}" if kept else ""
