"""`/api/v1/grants`: what is owed to whom, and where it goes."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from milepost.domain.errors import NotFound
from milepost.domain.scopes import SEE_FULFILMENT
from milepost.services.granted import why_granted
from milepost.storage import api_fulfilment
from milepost.storage.api_fulfilment import GrantsWanted
from milepost.storage.database import reading
from milepost.web.api.fields import Page, Paging, QueryId
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.parcels import (
    HINDRANCE,
    NO_GRANT,
    Address,
    GrantId,
    Hindrance,
    Parcel,
    PathGrant,
    QuerySlug,
    SurveyAnswer,
    parcel_of,
    two_numbers,
)
from milepost.wording.saying import say

router = operations("Grants")
Seeing = Annotated[Call, may(SEE_FULFILMENT)]
State = Literal["provisional", "owed", "held", "void", "fulfilled"]


class GrantedReward(BaseModel):
    """The reward, in the version with which it was granted."""

    id: int
    kind: str = Field(description="`product` is sent by post, `reveal` is read on a page.")
    title: str
    product: int | None = Field(description="The product that it is.")
    products: list[int] | None = Field(description="Of a program’s: one of these products.")


class Grant(BaseModel):
    """The record that a reward is owed to somebody."""

    id: GrantId
    campaign: str | None = Field(description="The slug of the campaign whose milestone gave it.")
    program: str | None = Field(description="The name of the program whose milestone gave it.")
    milestone: int
    target: int = Field(description="The milestone’s.")
    reward: GrantedReward
    quantity: int
    state: State
    backordered: bool = Field(description="Owed, and waits for stock.")
    flagged: bool = Field(description="Sent, and owed no longer since.")
    hindrance: Hindrance | None = Field(description=HINDRANCE)
    pledge: int | None = Field(description="With which it travels.")
    order: int | None = Field(description="With which a program’s was taken.")
    customer: int
    address: Address | None = Field(description="Its pledge’s; null until it is given.")
    answers: list[SurveyAnswer]
    parcel: Parcel | None = Field(description="Once it is in a batch, or was sent.")


class Reason(BaseModel):
    """The rule that decides about a grant, as it decides now."""

    rule: str
    sentence: str = Field(description="As its owner reads it.")


class ExplainedGrant(Grant):
    """A grant, and why it is one."""

    reason: Reason | None = Field(description="Null for a program’s.")


@router.get("/grants")
async def list_grants(
    call: Seeing,
    paging: Annotated[Paging, Query()],
    campaign: QuerySlug = None,
    milestone: QueryId = None,
    state: State | None = None,
    backordered: bool | None = None,
    pledge: QueryId = None,
    customer: QueryId = None,
) -> Page[Grant]:
    """The store’s grants, milestone by milestone: what is owed, to whom, and where it goes."""
    after = paging.place(2)
    wanted = GrantsWanted(campaign, milestone, state, backordered, pledge, customer)
    async with reading(call.database) as db:
        rows = await api_fulfilment.grants(db, call.store_id, wanted, after, paging.limit + 1)
    made = [Grant.model_validate(told(row)) for row in rows]
    return paging.page(rows, made, "milestone_id", "beneficiary")


@router.get("/grants/{id}")
async def get_grant(call: Seeing, id: PathGrant) -> ExplainedGrant:
    """One grant, and which rule gave it."""
    milestone_id, beneficiary = two_numbers(id)
    async with reading(call.database) as db:
        row = await api_fulfilment.grant(db, call.store_id, milestone_id, beneficiary)
        if row is None:
            raise NotFound(NO_GRANT)
        why = await why_granted(db, call.store_id, milestone_id, beneficiary)
    reason = Reason(rule=why[0], sentence=say(why[1], "en")) if why else None
    return ExplainedGrant.model_validate(told(row) | {"reason": reason})


AS_THEY_ARE = (
    "campaign", "program", "target", "reward", "quantity", "state", "backordered", "flagged",
    "address", "answers",
)  # fmt: skip


def told(row: Any) -> dict[str, Any]:
    """A grant as it is told."""
    return {
        "id": f"{row['milestone_id']}:{row['beneficiary']}",
        "milestone": row["milestone_id"],
        "pledge": row["pledge_id"],
        "order": row["order_id"],
        "customer": row["customer_id"],
        "hindrance": row["hindrance"] or _of_a_program(row),
        "parcel": parcel_of(row, row["parcel"]) if row["parcel"] else None,
        **{name: row[name] for name in AS_THEY_ARE},
    }


def _of_a_program(row: Any) -> str | None:
    """What a program owes is taken by its owner, at the next order or pledge."""
    return "no_parcel" if row["program"] is not None and row["state"] == "owed" else None
