"""What outgoing hooks carry, as the document's `webhooks`. Source: OpenAPI Specification 3.1."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from milepost.domain.audience import AudienceKind
from milepost.domain.hooks import TEST, TESTED, TYPES
from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.orders import OrderState
from milepost.domain.pledges import State as PledgeState
from milepost.web.api.campaigns import Basis
from milepost.web.api.grants import State as GrantState
from milepost.web.api.parcels import GrantId

Country = Field(description="Where it ships, if it does.")


class ToldPledge(BaseModel):
    """A pledge, as it stands since. All sums are minor units."""

    id: int
    campaign: str = Field(description="The campaign’s slug.")
    state: PledgeState
    held: bool = Field(description="It counts only once somebody has released it.")
    customer: int | None
    currency: str
    goods: int = Field(description="Its lines, without shipping and tax.")
    shipping: int
    tax: int
    units: int
    refunded: int = Field(description="All that went back so far.")
    country: str | None = Country


class ToldReward(BaseModel):
    """What a milestone gives."""

    id: int
    kind: str = Field(description="`product` is sent by post, `reveal` is read on a page.")
    title: str
    product: int | None


class ToldMilestone(BaseModel):
    """A milestone of a campaign."""

    id: int
    campaign: str = Field(description="The campaign’s slug.")
    target: int = Field(description="Units, or minor units of the currency.")
    basis: Basis
    currency: str
    audience: AudienceKind
    reached_seq: int | None = Field(description="The ledger’s entry that reached it.")
    reward: ToldReward


class ToldGrant(BaseModel):
    """A reward that somebody is owed, or is not any more."""

    id: GrantId
    state: GrantState
    quantity: int
    customer: int
    pledge: int = Field(description="With which it travels.")
    campaign: str = Field(description="The campaign’s slug.")
    milestone: int
    target: int
    reward: ToldReward


class ToldParcel(BaseModel):
    """A parcel that was marked as sent, or is not sent after all."""

    campaign: str = Field(description="The campaign’s slug.")
    pledge: int
    customer: int | None
    grant: GrantId | None = Field(description="The reward in it; null: what the pledge was for.")
    carrier: str
    tracking: str


class ToldLine(BaseModel):
    """One product of an order, at the price of one piece then."""

    product: int | None
    title: str
    quantity: int | None
    price: int | None


class ToldOrder(BaseModel):
    """An order, as it stands since. All sums are minor units."""

    id: int
    state: OrderState
    customer: int | None
    currency: str
    total: int = Field(description="With shipping and tax.")
    credit: int = Field(description="The part that store credit paid.")
    refunded: int = Field(description="All that went back so far.")
    lines: list[ToldLine]
    gifts: list[ToldLine] = Field(description="They travel along and cost nothing.")
    country: str | None = Country
    ships: bool
    carrier: str
    tracking: str


class ToldProgramReward(ToldReward):
    """What a milestone of a reward program gives."""

    kind: str = Field(description=f"One of {', '.join(f'`{key}`' for key in REWARDS)}.")
    products: list[int] | None = Field(description="A gift is one of these.")
    unit: str | None
    worth: int | None = Field(description="Points, or minor units of credit.")
    percent: int | None = Field(description="Hundredths of a percent.")


class ToldProgramMilestone(BaseModel):
    """A customer’s milestone of a reward program."""

    id: GrantId
    state: GrantState
    quantity: int
    customer: int
    program: str = Field(description="The program’s name.")
    milestone: int
    target: int
    reward: ToldProgramReward


class ToldTest(BaseModel):
    """Nothing: it was sent to be tried."""


BODIES: Mapping[str, type[BaseModel]] = {
    "pledge": ToldPledge,
    "milestone": ToldMilestone,
    "grant": ToldGrant,
    "fulfilment": ToldParcel,
    "order": ToldOrder,
    "loyalty": ToldProgramMilestone,
    "hook": ToldTest,
}
HEADERS = {
    "webhook-id": "The same at each try.",
    "webhook-timestamp": "Of this try, in seconds.",
    "webhook-signature": "By the Standard Webhooks convention.",
}


def add_webhooks(document: dict[str, Any]) -> None:
    """Put each type of an event into the document, with what they refer to."""
    models: list[tuple[type[BaseModel], JsonSchemaMode]]
    models = [(model, "serialization") for model in BODIES.values()]
    refs, made = models_json_schema(models, ref_template="#/components/schemas/{model}")
    document["webhooks"] = {
        name: _webhook(name, sentence, refs[BODIES[name.partition(".")[0]], "serialization"])
        for name, sentence in {**TYPES, TEST: TESTED}.items()
    }
    document["components"]["schemas"] |= made["$defs"]
    document["components"]["parameters"] = {
        name: {
            "name": name,
            "in": "header",
            "required": True,
            "description": description,
            "schema": {"type": "string"},
        }
        for name, description in HEADERS.items()
    }


def _webhook(type_: str, sentence: str, data: Mapping[str, Any]) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_},
            "timestamp": {
                "type": "string",
                "format": "date-time",
                "description": "When it became true.",
            },
            "data": data,
        },
    }
    return {
        "post": {
            "operationId": type_,
            "summary": sentence.rstrip("."),
            "tags": ["Hooks"],
            "security": [],
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in HEADERS],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "2XX": {"description": "It was taken."},
                "default": {"description": "It is tried again later."},
            },
        }
    }
