"""`/api/v1/campaigns/{slug}/foresight`: what a milestone would do, before anybody saves it (N4)."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from milepost.domain import whatif
from milepost.domain.audience import Audience, AudienceKind, Per
from milepost.services.foreseeing import Wish, foresee_on, foresee_reissue, meter_now
from milepost.storage.database import reading
from milepost.web.api.campaigns import Editing
from milepost.web.api.fields import PathId, Slug
from milepost.web.api.milestone_fields import COST, MOST_CODES, TARGET
from milepost.web.api.milestones import found_in
from milepost.web.api.operations import operations
from milepost.web.api.parts import campaign_of

router = operations("Milestones")


class Wished(BaseModel):
    """A milestone that somebody thinks of."""

    model_config = ConfigDict(extra="ignore")

    target: int = Field(ge=1, lt=2**53, description=TARGET)
    audience: AudienceKind = "new_backers"
    include_crossing: bool = False
    exclude_late: bool = False
    per: Per = "backer"
    tiers: Annotated[list[Annotated[int, Field(ge=1, lt=2**63)]], Field(max_length=500)] = []
    cap: int | None = Field(None, ge=1, le=10**9)
    product: int | None = Field(None, ge=1, lt=2**63)
    codes: int | None = Field(None, ge=0, le=MOST_CODES, description="New ones of its pool.")
    cost: int | None = Field(None, ge=0, le=10**12, description=COST)
    milestone: int | None = Field(
        None, ge=1, lt=2**63, description="The one that is to be changed to this; none: a new one."
    )


class Bill(BaseModel):
    """So many grants and pieces, and what they cost."""

    grants: int
    pieces: int
    raised: int = Field(description="The money that the campaign has by then, in minor units.")
    cost: int | None = Field(description="Minor units; null where one piece has no cost.")
    missing: int | None = Field(
        description="Pieces or codes that are not there; null where there is no end of them."
    )


class Foresight(BaseModel):
    """What a milestone would do: at once, and later by the trend of the last seven days."""

    reached: bool = Field(description="It is, or would be, reached at once.")
    now: Bill
    later: Bill | None = Field(description="An estimate; null where nothing is known.")
    until: Literal["target", "close"] = Field(description="When `later` is.")
    reached_at: datetime | None = Field(description="When the trend comes to the target.")
    seen: str = Field(description="Send it with what this was about, to say that you looked.")


class Reissue(BaseModel):
    """What another version of a reward would do to those who have the present one."""

    bill: Bill
    kept: int = Field(description="Grants that were handed over, and keep what they are.")
    seen: str


class WishedReward(BaseModel):
    """Another version of a reward that somebody thinks of."""

    model_config = ConfigDict(extra="ignore")

    product: int | None = Field(None, ge=1, lt=2**63)
    pool: bool = Field(False, description="Each gets a code of the pool.")
    cost: int | None = Field(None, ge=0, le=10**12, description=COST)


@router.get("/campaigns/{slug}/foresight")
async def foresee_milestone(
    call: Editing, slug: Slug, wished: Annotated[Wished, Query()]
) -> Foresight:
    """What a milestone would do, if it were there. Nothing is changed.

    Whoever adds or moves one so that it is reached at once sends the answer’s `seen` with it.
    """
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        if wished.milestone is not None:
            await found_in(db, call, campaign, wished.milestone)
        row, meter = await meter_now(db, campaign["id"], call.now)
        answer = await foresee_on(db, row, meter, _wish(wished))
    return Foresight(
        reached=answer.reached,
        now=billed(answer.now),
        later=billed(answer.later) if answer.later is not None else None,
        until=answer.until,
        reached_at=answer.reached_at,
        seen=str(answer.seen),
    )


@router.get("/campaigns/{slug}/milestones/{milestone}/reissue")
async def foresee_reissued_reward(
    call: Editing, slug: Slug, milestone: PathId, wished: Annotated[WishedReward, Query()]
) -> Reissue:
    """What another version of a reward would do to those who have the present one.

    Whoever changes it for them too (`also_granted`) sends the answer’s `seen` with it.
    """
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        row = await found_in(db, call, campaign, milestone)
        wish = Wish(
            row["target"],
            Audience(row["audience"]),
            milestone,
            wished.product,
            from_pool=wished.pool,
            cost=wished.cost,
        )
        answer = await foresee_reissue(db, campaign["id"], milestone, wish, call.now)
    return Reissue(bill=billed(answer.bill), kept=answer.kept, seen=str(answer.seen))


def _wish(wished: Wished) -> Wish:
    is_new = wished.audience == "new_backers"
    return Wish(
        target=wished.target,
        audience=Audience(
            kind=wished.audience,
            include_crossing=wished.include_crossing and is_new,
            exclude_late=wished.exclude_late,
            per=wished.per,
            tiers=frozenset(wished.tiers),
            cap=wished.cap,
        ),
        milestone_id=wished.milestone,
        product_id=wished.product,
        from_pool=wished.codes is not None,
        new_codes=wished.codes or 0,
        cost=wished.cost,
    )


def billed(bill: whatif.Bill) -> Bill:
    """A bill as it is told."""
    return Bill(
        grants=bill.grants,
        pieces=bill.pieces,
        raised=bill.money,
        cost=bill.cost,
        missing=bill.missing,
    )
