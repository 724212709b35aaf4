"""Forgetting a person on their wish (GDPR, article 17).

What a seller must keep stays: pledges, payments and the ledger, which name nobody any more. An
event of Stripe's that comes later may name the person again, so what comes is looked through.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.services.clock import Clock
from milepost.services.signing_in import tries_of
from milepost.storage import people, visits
from milepost.storage.database import Connection, Database, reading, unit

# What Stripe's objects say of a person. Source: Stripe, "API Reference".
PERSONAL = frozenset(
    "customer_details billing_details shipping shipping_details shipping_address receipt_email"
    " customer_email customer_name customer_phone customer_address customer_shipping"
    " collected_information email name phone address owner custom_fields receipt_url"
    " individual_name business_name"
    " payment_method_details".split()
)
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
WATCHED = timedelta(days=400)  # a dispute is the latest that Stripe may still tell of


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A pledge, or an order where there is no campaign, for whose sake nobody is forgotten yet.

    `why`: it `stands`, it is `disputed`, its money is `moving`, or a `reward` is `owed`; or a
    subscription to `reward` goes on (`subscribed`).
    """

    key: str
    campaign: Any
    why: str
    reward: str


async def hindrances(db: Connection, email: str) -> list[Hindrance]:
    """What stands in the way of forgetting whoever reads this address."""
    known = await people.customers_of(db, email)
    return await _hindrances(db, [row["id"] for row in known])


async def _hindrances(db: Connection, customer_ids: Sequence[int]) -> list[Hindrance]:
    rows = await people.hindrances(db, customer_ids)
    found = [Hindrance(row["key"], row, row["why"], row["reward"] or "") for row in rows]
    ordered = await people.order_hindrances(db, customer_ids)
    found += [Hindrance(row["key"], None, row["why"], str(row["id"])) for row in ordered]
    subscribed = await people.subscription_hindrances(db, customer_ids)
    return found + [Hindrance(row["key"], None, "subscribed", row["title"]) for row in subscribed]


async def erase_person(database: Database, email: str, now: datetime) -> None:
    """Forget whoever reads this address, for good. Raises Conflict while something stands."""
    async with unit(database) as db:
        customer_ids = await people.lock(db, email)
        if await _hindrances(db, customer_ids):
            raise Conflict(
                N_("Something of yours still stands. Nothing was erased; see what it is below.")
            )
        traces = await people.traces_of(db, customer_ids)
        await people.forget(db, email, customer_ids, now)
        await visits.end_all_of(db, email)
        await visits.forget_tries(db, tries_of(email))
        await _scrub(db, [email, *traces], BEGINNING)


async def scrub_late_events(database: Database, clock: Clock) -> int:
    """Take out of events what they say of people who were forgotten before they came; how many."""
    scrubbed = 0
    async with reading(database) as db:
        erased = await people.lately_erased(db, clock() - WATCHED)
    for row in erased:
        async with unit(database) as db:
            traces = await people.traces_of(db, [row["id"]])
            scrubbed += await _scrub(db, traces, row["erased_at"])
    return scrubbed


async def _scrub(db: Connection, words: Sequence[str], since: datetime) -> int:
    quoted = [orjson.dumps(word).decode().lower() for word in words]
    found = await people.events_with(db, quoted, since) if quoted else {}
    clean = {key: scrubbed(payload) for key, payload in found.items()}
    changed = {key: payload for key, payload in clean.items() if payload != found[key]}
    if changed:
        await people.rewrite_events(db, changed)
    return len(changed)


def scrubbed(payload: str) -> str:
    """An event without what it says of a person; its ids, sums and our own marks stay."""
    try:
        event = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return payload
    clean = _without(event)
    return payload if clean == event else orjson.dumps(clean).decode()


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: None if key in PERSONAL else _without(inner) for key, inner in value.items()}
    return [_without(inner) for inner in value] if isinstance(value, list) else value
