"""`/api/v1/fulfilments`: parcels that are ready or were sent; sending them, by thousands too."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from milepost.domain.errors import Invalid
from milepost.domain.scopes import FULFIL, SEE_FULFILMENT
from milepost.services.batching import read_parcel
from milepost.services.sending import REFUSALS, correct_shipment, send_shipments
from milepost.storage import api_fulfilment
from milepost.storage.api_fulfilment import ParcelsWanted
from milepost.storage.database import reading
from milepost.storage.shipments import Shipment
from milepost.web.api.fields import Id, Line, Page, Paging, QueryId, Sent, Since, Slug
from milepost.web.api.gate import Call, may, said
from milepost.web.api.operations import operations
from milepost.web.api.parcels import (
    HINDRANCE,
    Address,
    GrantId,
    Hindrance,
    Parcel,
    QuerySlug,
    SurveyAnswer,
    parcel_of,
    two_numbers,
)

MOST = 10_000
OF_GRANT, OF_PLEDGE = "a grant", "a pledge"
router = operations("Fulfilment")
Seeing = Annotated[Call, may(SEE_FULFILMENT)]
Fulfilling = Annotated[Call, may(FULFIL)]
SENTENCES = {why: said(sentence) for why, sentence in REFUSALS.items()}


class Item(BaseModel):
    """Something in a parcel."""

    title: str
    quantity: int


class Fulfilment(BaseModel):
    """A parcel that is ready, or was sent: a grant’s reward, or a pledge’s own goods.

    What has one `box` of a `batch`, or one `tracking`, travels together.
    """

    campaign: str
    pledge: int = Field(description="With which it travels.")
    grant: GrantId | None = Field(description="Null for the pledge’s own goods.")
    customer: int | None
    contents: list[Item]
    parcel: Parcel
    box: int | None = Field(description="Of its batch.")
    hindrance: Hindrance | None = Field(description=HINDRANCE)
    address: Address | None = Field(description="Null until it is given.")
    answers: list[SurveyAnswer]


@router.get("/fulfilments")
async def list_fulfilments(
    call: Seeing,
    paging: Annotated[Paging, Query()],
    campaign: QuerySlug = None,
    state: Literal["ready", "shipped"] | None = None,
    batch: QueryId = None,
    shipped_since: Since = None,
) -> Page[Fulfilment]:
    """The store’s parcels that are ready or were sent, campaign by campaign."""
    after = paging.place(3)
    wanted = ParcelsWanted(campaign, state, batch, shipped_since)
    async with reading(call.database) as db:
        rows = await api_fulfilment.parcels(db, call.store_id, wanted, after, paging.limit + 1)
    made = [_told(row) for row in rows]
    return paging.page(rows, made, "campaign_id", "milestone_id", "beneficiary")


def _told(row: Any) -> Fulfilment:
    reward = f"{row['milestone_id']}:{row['beneficiary']}" if row["milestone_id"] else None
    known = ("campaign", "contents", "box", "hindrance", "address", "answers")
    return Fulfilment.model_validate(
        {name: row[name] for name in known}
        | {"pledge": row["pledge_id"], "customer": row["customer_id"], "grant": reward}
        | {"parcel": parcel_of(row, row["state"])}
    )


class Shipping(Sent):
    """How a box travels."""

    carrier: Annotated[Line | None, Field(description="Where it is not the call’s.")] = None
    tracking: Annotated[Line, Field(description="A number, or an https address.")] = ""


class GrantShipment(Shipping):
    """A box with the reward of a grant."""

    grant: GrantId


class PledgeShipment(Shipping):
    """A box with all that is owed to a pledge and may go: its own goods, and rewards."""

    pledge: Annotated[
        Id, Field(description="All that is owed to it and may go: its own goods, and rewards.")
    ]


def _is_of(sent: Any) -> str:
    named = sent if isinstance(sent, dict) else getattr(sent, "__dict__", ())
    return OF_GRANT if "grant" in named else OF_PLEDGE


class Shipments(Sent):
    """Boxes that have left."""

    carrier: Annotated[Line, Field(description="Of each box that names none itself.")] = ""
    shipments: Annotated[
        list[
            Annotated[
                Annotated[GrantShipment, Tag(OF_GRANT)] | Annotated[PledgeShipment, Tag(OF_PLEDGE)],
                Discriminator(_is_of),
            ]
        ],
        Field(min_length=1, max_length=MOST),
    ]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "carrier": "DHL",
                    "shipments": [
                        {"grant": "3:41", "tracking": "00340434161094000001"},
                        {"pledge": 42, "tracking": "1Z999AA10123456784", "carrier": "UPS"},
                    ],
                }
            ]
        }
    )


class Refused(BaseModel):
    """A shipment that was not marked as sent, and why."""

    index: int = Field(description="Its place in what was sent, from 0.")
    reason: Literal[
        "unknown", "elsewhere", "otherwise", "backordered", "disputed", "held", "moving", "over",
        "no_parcel", "unpaid", "unrevealed",
    ]  # fmt: skip
    detail: str


class Shipped(BaseModel):
    """What became of shipments: each was `sent`, or `already` sent, or is among the `refused`."""

    sent: int = Field(description="Shipments that are marked as sent now.")
    parcels: int = Field(description="What is in them: rewards, and pledges’ own goods.")
    already: int = Field(description="Shipments that were sent before, with the same tracking.")
    refused: list[Refused]


@router.post("/campaigns/{slug}/fulfilments")
async def ship_grants(call: Fulfilling, slug: Slug, sent: Shipments) -> Shipped:
    """Mark as sent, by one or by ten thousand: each backer is told by mail, once for each box.

    What can be sent is sent, for it has left already; each other one is refused by itself, and
    nothing comes of it. Whatever is sent here a second time with the same tracking changes nothing.
    """
    sending = [_shipment(place, each, sent.carrier) for place, each in enumerate(sent.shipments)]
    done = await send_shipments(call.database, call.author, slug, sending, call.now)
    refused = [
        Refused.model_validate({"index": place, "reason": why, "detail": SENTENCES[why]})
        for place, why in done.refused
    ]
    return Shipped(sent=done.shipments, parcels=done.parcels, already=done.already, refused=refused)


def _shipment(place: int, each: GrantShipment | PledgeShipment, usual: str) -> Shipment:
    """Raises Invalid for a number without a carrier."""
    try:
        carrier, tracking = read_parcel(each.carrier or usual, each.tracking)
        if isinstance(each, GrantShipment):
            return Shipment(None, two_numbers(each.grant), carrier, tracking)
        return Shipment(each.pledge, None, carrier, tracking)
    except Invalid as refusal:
        refusal.about = f"shipments/{place}/{refusal.about}"
        raise


class GrantCorrection(Sent):
    """A grant’s reward that was not sent after all."""

    grant: GrantId


class PledgeCorrection(Sent):
    """A pledge’s own goods that were not sent after all."""

    pledge: Id


Correction = Annotated[
    Annotated[GrantCorrection, Tag(OF_GRANT)] | Annotated[PledgeCorrection, Tag(OF_PLEDGE)],
    Discriminator(_is_of),
]


class Corrected(BaseModel):
    """What is owed again."""

    grant: GrantId | None = None
    pledge: int | None = None


@router.post("/campaigns/{slug}/fulfilments/corrections")
async def correct_fulfilment(call: Fulfilling, slug: Slug, correction: Correction) -> Corrected:
    """Take back that one parcel was sent, where it was marked by mistake: it is owed again."""
    if isinstance(correction, GrantCorrection):
        told, pledge, grant = Corrected(grant=correction.grant), None, two_numbers(correction.grant)
    else:
        told, pledge, grant = Corrected(pledge=correction.pledge), correction.pledge, None
    await correct_shipment(call.database, call.author, slug, pledge, grant, call.now)
    return told
