"""`POST /api/v1/events`: what customers did in a shop elsewhere.

What is told of one source may come in any order, and told again it changes nothing: an event's own
`id` is its key, so that no other is asked for. Judging follows at once, in the background.
"""

from datetime import UTC
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    model_validator,
)

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.scopes import EVENTS
from milepost.domain.told import TYPES, Told, Worth
from milepost.services.hearing import Heard, hear
from milepost.services.signing_in import address_of
from milepost.web.api.fields import Amount, Sent, When
from milepost.web.api.gate import Call, may

MOST = 500
ONE, MANY = "one event", "many events"
Type = Literal[
    "order.paid", "order.refunded", "review.approved", "review.withdrawn", "referral",
    "referral.withdrawn", "points.earned", "subscription.cycle_paid", "subscription.cancelled",
]  # fmt: skip
Name = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$"),
]
router = APIRouter(tags=["Events"])


class Event(Sent):
    """Something that a customer did in another shop."""

    id: Annotated[Name | None, Field(description="Your own name of the event.")] = None
    type: Type
    customer: Annotated[str, Field(min_length=3, max_length=254, description="Their mail address.")]
    source: Annotated[Name, Field(description="What it is about: an order, a review.")]
    at: When
    amount: Annotated[
        Amount | None,
        Field(
            description="Minor units, without shipping and tax; of a refund what went back by"
            " it, or nothing for all."
        ),
    ] = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    points: Amount | None = None
    subscription: Name | None = None

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "evt-17",
                    "type": "order.paid",
                    "customer": "dana@example.org",
                    "source": "order-1041",
                    "at": "2026-06-01T12:00:00Z",
                    "amount": 4200,
                    "currency": "USD",
                }
            ]
        }
    )

    @model_validator(mode="after")
    def _says_what_its_type_needs(self) -> "Event":
        kind = TYPES[self.type][0]
        if self.type == "order.paid" and (self.amount is None or self.currency is None):
            raise ValueError("An order needs an amount and a currency.")
        if kind == "points" and self.points is None:
            raise ValueError("Say how many points.")
        if kind in ("cycle", "break") and self.subscription is None:
            raise ValueError("Say which subscription.")
        return self


class SourceWorth(BaseModel):
    """What a source is worth now."""

    kind: str
    stands: bool
    amount: int | None = None
    currency: str | None = None
    points: int | None = None


class Taken(BaseModel):
    """An event that was heard, and what its source is worth then; null while only undone."""

    id: str
    source: str
    worth: SourceWorth | None


One = Annotated[Event, Tag(ONE)]
Many = Annotated[list[Event], Field(min_length=1, max_length=MOST), Tag(MANY)]
Events = Annotated[One | Many, Discriminator(lambda v: MANY if isinstance(v, list) else ONE)]
Answers = Taken | list[Taken]


@router.post("/events", status_code=202)
async def tell_events(
    call: Annotated[Call, may(EVENTS)],
    sent: Events,
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="Stands for the `id` of one event.")
    ] = None,
) -> Answers:
    """Tell what customers did elsewhere: an event, or up to 500, all kept or none.

    An id that was told before changes nothing, and is answered in the same way.
    """
    many = isinstance(sent, list)
    told = sent if isinstance(sent, list) else [sent]
    heard = [_heard(event, _place(number, many), idempotency_key if not many else None)
             for number, event in enumerate(told)]  # fmt: skip
    try:
        async with call.site.writing:
            worths = await hear(call.database, call.store_id, heard, call.now)
    except Refusal as refusal:
        number, _, field = refusal.about.partition("/")
        place = _place(int(number) if number.isdecimal() else 0, many)
        refusal.about = f"{place}{field}" if field else ""
        raise
    answers = [
        Taken(id=one.key, source=one.told.source, worth=_worth(worth))
        for one, worth in zip(heard, worths, strict=True)
    ]
    return answers if many else answers[0]


def _place(number: int, many: bool) -> str:
    """Where an event's fields are in what was sent."""
    return f"{number}/" if many else ""


def _heard(event: Event, place: str, key: str | None) -> Heard:
    """An event as it was sent. Raises Invalid for what is no address, or without an id."""
    told = Told(
        event.type, event.source, event.at.astimezone(UTC), event.amount, event.currency,
        event.points, event.subscription or "",
    )  # fmt: skip
    name = event.id or key
    if not name:
        raise Invalid("Say the event’s id, your own name of it.", about=f"{place}id")
    try:
        return Heard(name, address_of(event.customer), told)
    except Refusal as refusal:
        refusal.about = f"{place}customer"
        raise


def _worth(worth: Worth | None) -> SourceWorth | None:
    """What the source is worth now; nothing while only its undoing was told."""
    if worth is None:
        return None
    return SourceWorth(
        kind=worth.kind,
        stands=worth.stands,
        amount=worth.amount if worth.currency is not None else None,
        currency=worth.currency,
        points=worth.points or None,
    )
