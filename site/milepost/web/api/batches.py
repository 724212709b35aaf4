"""`/api/v1/batches`: parcels that are packed together, as the studio made them."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.scopes import SEE_FULFILMENT
from milepost.storage import api_fulfilment
from milepost.storage.database import reading
from milepost.storage.parcels import GOODS
from milepost.web.api.fields import Page, Paging, PathId
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.parcels import QuerySlug

router = operations("Fulfilment")
Seeing = Annotated[Call, may(SEE_FULFILMENT)]
NO_BATCH = "There is no such batch."


class Pick(BaseModel):
    """What to take from the shelf for all of a batch, or how often an answer was chosen."""

    question: str = Field(description="Empty for what is taken from the shelf.")
    title: str
    count: int


class Batch(BaseModel):
    """Parcels that are packed together: `GET /fulfilments?batch=…` has them with addresses."""

    id: int
    campaign: str
    name: str
    own_goods: bool = Field(description="Pledges’ own goods are in it.")
    milestones: list[int] = Field(description="Whose rewards are in it.")
    boxes: int
    parcels: int
    sent: int = Field(description="Parcels of it that were sent.")
    picks: list[Pick]
    made_at: datetime


@router.get("/batches")
async def list_batches(
    call: Seeing, paging: Annotated[Paging, Query()], campaign: QuerySlug = None
) -> Page[Batch]:
    """The store’s batches, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_fulfilment.batches(db, call.store_id, campaign, after, paging.limit + 1)
    return paging.page(rows, [_told(row) for row in rows], "id")


@router.get("/batches/{id}")
async def get_batch(call: Seeing, id: PathId) -> Batch:
    """One batch, and how far it is."""
    async with reading(call.database) as db:
        row = await api_fulfilment.batch(db, call.store_id, id)
    if row is None:
        raise NotFound(NO_BATCH)
    return _told(row)


def _told(row: Any) -> Batch:
    known = ("id", "campaign", "name", "boxes", "parcels", "sent", "picks", "made_at")
    return Batch(
        own_goods=GOODS in row["contents"],
        milestones=[one for one in row["contents"] if one != GOODS],
        **{name: row[name] for name in known},
    )
