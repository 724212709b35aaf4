"""`/api/v1/pledges`: what was pledged, by whom, what it comes to and where it goes."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.lines import Source
from milepost.domain.pledges import credit_used
from milepost.domain.scopes import SEE_PLEDGES
from milepost.storage import api_pledges
from milepost.storage.api_pledges import Filters, Looked
from milepost.storage.database import Connection, reading
from milepost.storage.ledger import pledge_of
from milepost.web.api.fields import LINE, Page, Paging, PathId, QueryId, When
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.parcels import Address

router = operations("Pledges")
Seeing = Annotated[Call, may(SEE_PLEDGES)]
NO_PLEDGE = "There is no such pledge, or it was never confirmed."
State = Literal["confirmed", "charged", "past_due", "refunded", "disputed", "cancelled", "dropped"]
EPOCH, TICK = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
LATEST = (datetime(2200, 1, 1, tzinfo=UTC) - EPOCH) // TICK


class PledgeLine(BaseModel):
    """What was chosen, at the price that it had then."""

    source: Source
    tier: int | None
    title: str
    quantity: int
    unit_price: int = Field(description="Minor units.")
    units: int = Field(description="What the whole line is worth on a meter of units.")


class PledgeGift(BaseModel):
    """Something of a reward program that goes with the pledge."""

    grant: str
    product: int | None
    title: str


class PledgeAnswer(BaseModel):
    """What the backer answered to a question of the campaign’s."""

    id: int = Field(description="The question’s.")
    question: str
    answer: str


class Pledge(BaseModel):
    """A pledge that was confirmed once. All sums are minor units."""

    id: int
    campaign: str
    state: State
    held: bool = Field(description="It counts only once somebody has released it.")
    processing: bool = Field(description="Its payment is still on its way.")
    late: bool = Field(description="Made after the close.")
    customer: int | None
    name: str | None = Field(description="Of whoever has it; null once they are erased.")
    email: str | None
    currency: str
    goods: int = Field(description="Tiers, add-ons and bonus: what moves a meter of money.")
    shipping: int
    tax: int
    total: int = Field(description="Goods, shipping and tax.")
    credit: int = Field(description="What of the total store credit pays.")
    paid: int = Field(description="By card and by credit.")
    refunded: int
    units: int = Field(description="What it is worth on a meter of units.")
    lines: list[PledgeLine]
    gifts: list[PledgeGift]
    address: Address | None
    country: str | None = Field(description="Where it was to be sent when it was paid.")
    answers: list[PledgeAnswer]
    grants: list[str] = Field(description="The ids of the rewards that go with it.")
    started_at: datetime
    confirmed_at: datetime


@router.get("/pledges")
async def list_pledges(
    call: Seeing,
    paging: Annotated[Paging, Query()],
    campaign: Annotated[
        str | None, Query(pattern=r"^[a-z0-9-]{1,80}$", description="Of this campaign alone.")
    ] = None,
    state: State | None = None,
    email: Annotated[
        str | None,
        Query(min_length=3, max_length=254, pattern=LINE, description="Of whoever has it."),
    ] = None,
    customer: QueryId = None,
    confirmed_since: Annotated[
        When | None,
        Query(description="Confirmed then or later; they come in that order. Syncs go on here."),
    ] = None,
) -> Page[Pledge]:
    """The store’s pledges, oldest first.

    A page may hold fewer than `limit`, even none, and still have a `next`: then go on.
    """
    async with reading(call.database) as db:
        if email is not None:
            known = await api_pledges.customer(db, call.store_id, email.strip().lower())
            if known is None or customer not in (None, known):
                return Page(data=[], next=None)
            customer = known
        wanted = Filters(campaign, state, customer)
        looked = await _looked(db, call, paging, wanted, confirmed_since)
        ids = looked.ids[: paging.limit]
        found = await api_pledges.whole(db, call.store_id, ids)
    return Page(data=[_told(found[id_]) for id_ in ids], next=_next(looked, found, paging))


@router.get("/pledges/{pledge}")
async def get_pledge(call: Seeing, pledge: PathId) -> Pledge:
    """One pledge, whole."""
    async with reading(call.database) as db:
        found = await api_pledges.whole(db, call.store_id, [pledge])
    if pledge not in found:
        raise NotFound(NO_PLEDGE)
    return _told(found[pledge])


async def _looked(
    db: Connection, call: Call, paging: Paging, wanted: Filters, since: datetime | None
) -> Looked:
    most = paging.limit + 1
    if since is None:
        (after,) = paging.place()
        return await api_pledges.page(db, call.store_id, wanted, after, most)
    ticks, after = paging.place(2)
    begin = max(since.astimezone(UTC), EPOCH + min(ticks, LATEST) * TICK)
    return await api_pledges.page_since(db, call.store_id, wanted, begin, after, most)


def _next(looked: Looked, found: dict[int, Any], paging: Paging) -> str | None:
    """Where the next page begins: after the last that is told, or after all that was looked at."""
    if len(looked.ids) > paging.limit:
        last = looked.ids[paging.limit - 1]
        at = found[last]["confirmed_at"]
    elif looked.all:
        return None
    else:
        last, at = looked.through, looked.through_at
    if looked.through_at is None:
        return str(last)
    return f"{(at - EPOCH) // TICK}-{last}"


def _told(row: Any) -> Pledge:
    """A pledge as it is told."""
    rule, erased = pledge_of(row), row["erased_at"] is not None
    known = {name: row[name] for name in Pledge.model_fields if name in row}
    own = {
        "customer": row["customer_id"],
        "name": None if erased else row["customer_name"],
        "email": None if erased else row["email"],
        "goods": row["money"],
        "total": rule.due,
        "credit": credit_used(row),
        "paid": sum(rule.paid.values()),
        "refunded": rule.refunded,
        "lines": [PledgeLine(**{**line, "tier": line["tier_id"]}) for line in row["lines"]],
        "gifts": [
            PledgeGift(grant=gift["grant"], product=gift.get("product"), title=gift["title"])
            for gift in row["gifts"]
        ],
        "address": Address(
            **{name: row[name] for name in Address.model_fields if name != "country"},
            country=row["address_country"],
        )
        if row["has_address"]
        else None,
        "answers": [
            PledgeAnswer(id=said["question_id"], question=said["prompt"], answer=said["answer"])
            for said in row["answers"]
        ],
    }
    return Pledge(**known | own)
