"""`/c/{slug}/updates`: what the creator tells along the road, for everybody or for backers (B7)."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.numbers import LARGEST_SMALL, number_in
from milepost.domain.talking import Readers
from milepost.storage import updates
from milepost.storage.database import reading
from milepost.web.public.comments import thread_of
from milepost.web.public.talk import answered, place_of, update_view

PAGE = 10


async def updates_page(request: Request) -> Response:
    """`GET /c/{slug}/updates`: newest first, ten a page; `?before=` goes on below a number."""
    before = number_in(request.query_params.get("before", ""), LARGEST_SMALL)
    async with reading(request.state.site.database) as db:
        place = await place_of(request, db)
        rows = await updates.public(db, place.campaign["id"], place.is_backer, before, PAGE + 1)
    shown = [
        update_view(row, place.locale, is_open=_is_open(row, place.is_backer), whole=False)
        | {"comments": row["comments"] if _is_open(row, place.is_backer) else 0}
        for row in rows[:PAGE]
    ]
    older = rows[PAGE - 1]["number"] if len(rows) > PAGE else None
    return answered(
        request, place, "public/updates.html", updates=shown, older=older, is_first=before is None
    )


async def update_page(request: Request) -> Response:
    """`GET /c/{slug}/updates/{number}`: the whole of it, to whom it may be shown, and comments."""
    number = number_in(request.path_params["number"], LARGEST_SMALL)
    if number is None:
        raise HTTPException(404)
    async with reading(request.state.site.database) as db:
        place = await place_of(request, db)
        row = await updates.public_one(db, place.campaign["id"], place.is_backer, number)
        if row is None:
            if await updates.is_withdrawn(db, place.campaign["id"], number):
                return answered(request, place, "public/update_gone.html", 410, number=number)
            raise HTTPException(404)
        is_open = _is_open(row, place.is_backer)
        thread = await thread_of(request, db, place, row) if is_open else None
    return answered(
        request,
        place,
        "public/update.html",
        u=update_view(row, place.locale, is_open=is_open),
        thread=thread,
        is_signed_in=place.reader is not None,
    )


def _is_open(row: Any, is_backer: bool) -> bool:
    return row["audience"] == Readers.EVERYBODY or is_backer
