"""Outgoing hooks: what is told to other programs, when it is tried again, and how it is signed.

Source: Standard Webhooks, specification 1.0.
"""

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
from standardwebhooks import Webhook

from milepost.domain.messages import N_

TYPES: Mapping[str, str] = {
    "pledge.confirmed": N_("A pledge is confirmed."),
    "pledge.changed": N_("A confirmed pledge holds something else, or is released."),
    "pledge.charged": N_("A pledge is paid."),
    "pledge.past_due": N_("A card could not be charged."),
    "pledge.refunded": N_("Money of a pledge went back, in part or all of it."),
    "pledge.disputed": N_("A pledge's payment is in dispute."),
    "pledge.reinstated": N_("The dispute of a pledge was won."),
    "pledge.cancelled": N_("A pledge was cancelled."),
    "pledge.dropped": N_("A pledge was given up after the last try to charge it."),
    "milestone.reached": N_("A milestone is reached."),
    "milestone.revealed": N_("A milestone is revealed."),
    "grant.owed": N_("A reward can be sent."),
    "grant.changed": N_("A reward that can be sent is another one now, or of another quantity."),
    "grant.voided": N_("A reward must not be sent any more, or not yet."),
    "fulfilment.shipped": N_("A parcel is on its way."),
    "fulfilment.unshipped": N_("A parcel was not sent after all."),
    "order.paid": N_("An order is paid."),
    "order.disputed": N_("An order's payment is in dispute."),
    "order.refunded": N_("Money of an order went back, in part or all of it."),
    "order.shipped": N_("An order is on its way."),
    "order.unshipped": N_("An order was not sent after all."),
    "loyalty.milestone_reached": N_("A customer has reached a milestone of a program."),
    "loyalty.milestone_lost": N_("What a customer had reached is taken back."),
}
GROUPS: Mapping[str, str] = {
    "pledge": N_("Pledges"),
    "milestone": N_("Milestones"),
    "grant": N_("Rewards"),
    "fulfilment": N_("Parcels"),
    "order": N_("Orders"),
    "loyalty": N_("Reward programs"),
}
TEST = "hook.test"
TESTED = N_("A test, sent from here.")
PREFIX = "whsec_"
OVERLAP = timedelta(days=1)  # for which both the new secret and the one before it sign
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)  # three days and some hours; once a day after that
TAKEN = timedelta(minutes=1)  # after which nobody is taken to wait for an answer any more
DOUBT = timedelta(minutes=1)  # of nothing but failures; from then on one try at a time, and rests
REST = timedelta(minutes=1)
DEAD = timedelta(days=3)  # of nothing but failures; then an endpoint is paused


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a try: the status, None where there was none; how the answer begins, or why."""

    status: int | None
    text: str
    took_ms: int

    @property
    def is_taken(self) -> bool:
        """True for an answer of 2xx."""
        return self.status is not None and 200 <= self.status < 300


def new_secret() -> str:
    """A secret to sign with: 32 random bytes, as the specification writes them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def body_of(type_: str, at: datetime, data: Any) -> bytes:
    """What is sent: its type, when it happened, and what it is about."""
    return orjson.dumps({"type": type_, "timestamp": at.isoformat(), "data": data})


def headers_of(key: str, body: bytes, now: datetime, keys: list[str]) -> dict[str, str]:
    """The headers that go with it: its id, the same at each try, and a signature by each secret."""
    # the library takes a timestamp's clock as UTC's, whatever its zone says
    at = now.replace(microsecond=0)
    said = " ".join(Webhook(secret).sign(key, at, body.decode()) for secret in keys)
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": said,
        "content-type": "application/json",
    }


def next_try(tries: int, now: datetime) -> datetime:
    """When what has failed so often is tried again."""
    return now + PAUSES[min(tries, len(PAUSES)) - 1]
