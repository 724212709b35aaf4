"""`POST /api/v1/events`: what customers did in a shop elsewhere.

An event, or an array of up to 500, all kept or none:

    {"id": "evt-17", "type": "order.paid", "customer": "dana@example.org", "source": "order-1041",
     "at": "2026-06-01T12:00:00Z", "amount": 4200, "currency": "USD"}

`id` is the sender's own name of the event, or the header `Idempotency-Key`: told again it changes
nothing and is answered in the same way. `source` names the thing that it is about, and what is told
of one source may come in any order. Amounts are minor units without shipping and tax; of a refund,
what went back by it, or nothing for all. The answer is 202 with what the source is worth then;
judging follows at once, in the background.
"""

from datetime import UTC
from typing import Annotated, Any, Literal

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Conflict, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.told import EVENTS, TYPES, Told, Worth
from milepost.services.api_tokens import open_with
from milepost.services.hearing import Heard, hear
from milepost.services.signing_in import TooOften, address_of
from milepost.web.api.problems import problem
from milepost.wording.saying import say

MOST = 500
Type = Literal[
    "order.paid", "order.refunded", "review.approved", "review.withdrawn", "referral",
    "referral.withdrawn", "points.earned", "subscription.cycle_paid", "subscription.cancelled",
]  # fmt: skip
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
Amount = Annotated[int, Field(ge=0, le=10**12, strict=True)]


class Event(BaseModel):
    """One event, as it is sent."""

    model_config = ConfigDict(extra="forbid")

    id: Name
    type: Type
    customer: Annotated[str, Field(min_length=3, max_length=254)]
    source: Name
    at: AwareDatetime
    amount: Amount | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    points: Amount | None = None
    subscription: Name | None = None

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


async def events(request: Request) -> Response:
    """`POST /api/v1/events`."""
    site = request.state.site
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        opened = await open_with(site.database, token.strip(), site.clock())
    except TooOften as refusal:
        return problem(429, say(refusal.sentence, "en"), **{"retry-after": "60"})
    if opened is None or scheme.lower() != "bearer":
        detail = N_("Send a token of the store’s: Authorization: Bearer mp_…")
        return problem(401, say(Sentence(detail), "en"), **{"www-authenticate": "Bearer"})
    if EVENTS not in opened.scopes:
        return problem(403, say(Sentence(N_("This token may not tell events.")), "en"))
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        return problem(415, say(Sentence(N_("Send JSON, as application/json.")), "en"))
    try:
        sent = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return problem(422, say(Sentence(N_("That is not JSON.")), "en"), at="")
    many = isinstance(sent, list)
    raw: list[Any] = sent if isinstance(sent, list) else [sent]
    if not 1 <= len(raw) <= MOST:
        bounds = Sentence(N_("Send from 1 to %(most)s events at once."), {"most": MOST})
        return problem(413 if raw else 422, say(bounds, "en"))
    if not many and isinstance(sent, dict) and (key := request.headers.get("idempotency-key")):
        sent.setdefault("id", key)
    heard: list[Heard] = []
    for place, each in enumerate(raw):
        try:
            heard.append(_heard(each))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = "".join(f"/{part}" for part in first["loc"])
            return problem(422, first["msg"], at=_pointer(place, where, many))
        except Refusal as refusal:
            pointer = _pointer(place, "/customer", many)
            return problem(422, say(refusal.sentence, "en"), at=pointer)
    try:
        worths = await hear(site.database, opened.store_id, heard, site.clock())
    except Refusal as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        number, _, field = refusal.about.partition("/")
        place = int(number) if number.isdecimal() else 0
        at = _pointer(place, f"/{field}", many) if field else None
        return problem(status, say(refusal.sentence, "en"), at=at)
    answers = [
        {"id": one.key, "source": one.told.source, "worth": _worth(worth)}
        for one, worth in zip(heard, worths, strict=True)
    ]
    body = orjson.dumps(answers if many else answers[0])
    return Response(body, 202, {"cache-control": "no-store"}, "application/json")


def _pointer(place: int, where: str, many: bool) -> str:
    return f"/{place}{where}" if many else where


def _heard(raw: Any) -> Heard:
    """One event as it was sent. Raises ValidationError, and Refusal for what is no address."""
    event = Event.model_validate(raw)
    told = Told(
        event.type, event.source, event.at.astimezone(UTC), event.amount, event.currency,
        event.points, event.subscription or "",
    )  # fmt: skip
    return Heard(event.id, address_of(event.customer), told)


def _worth(worth: Worth | None) -> dict[str, Any] | None:
    """What the source is worth now; nothing while only its undoing was told."""
    if worth is None:
        return None
    said: dict[str, Any] = {"kind": worth.kind, "stands": worth.stands}
    if worth.currency is not None:
        said |= {"amount": worth.amount, "currency": worth.currency}
    if worth.points:
        said["points"] = worth.points
    return said
