"""Signed Stripe events as bytes, ready to be sent: made before the clock starts."""

import hashlib
import hmac
import time
from collections.abc import Iterable

import orjson

from bench.stage import SECRET


def paid_event(number: str, campaign_id: int, pledge_id: int) -> bytes:
    """`checkout.session.completed` for a paid pledge, as large as Stripe's own (about 3 KB)."""
    metadata = {"milepost_campaign": str(campaign_id), "milepost_pledge": str(pledge_id)}
    session = {
        "id": f"cs_test_{number}",
        "object": "checkout.session",
        "amount_subtotal": 4500,
        "amount_total": 4500,
        "currency": "usd",
        "mode": "payment",
        "payment_status": "paid",
        "status": "complete",
        "payment_intent": f"pi_{number}",
        "customer_details": {"email": f"p{number}@example.org", "name": "A Backer"},
        "metadata": metadata,
        "locale": "en",
        "filler": "x" * 2200,
    }
    event = {
        "id": f"evt_{number}",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "pending_webhooks": 1,
        "type": "checkout.session.completed",
        "data": {"object": session},
    }
    return orjson.dumps(event)


def request(body: bytes, port: int) -> bytes:
    """The whole HTTP request of a signed event."""
    at = int(time.time())
    signature = hmac.new(SECRET.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return (
        b"POST /webhooks/stripe HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n"
        b"content-type: application/json\r\n"
        b"stripe-signature: t=%d,v1=%b\r\ncontent-length: %d\r\n\r\n"
        % (port, at, signature.encode(), len(body))
    ) + body


def requests(pairs: Iterable[tuple[str, int, int]], port: int) -> list[bytes]:
    """A request for each (number, campaign, pledge)."""
    return [request(paid_event(*pair), port) for pair in pairs]
