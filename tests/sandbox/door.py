"""Milepost's door to Stripe with the sandbox behind it: pages opened, cards saved, facts heard."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from milepost.domain.facts import Fact
from milepost.gateways.stripe import Card, Checkout, CheckoutLine, StripeGateway
from milepost.gateways.stripe_events import understand
from milepost.settings import Settings
from tests.sandbox.process import KEY, SECRET, Sandbox

# What Stripe's library says to httpx, which would rather hear `content=`.
AS_STRIPE_POSTS = pytest.mark.filterwarnings("ignore:Use 'content=<:DeprecationWarning")
CAMPAIGN, PLEDGE = 3, 70
NO_FUNDS_LATER = "4000008260003178"
DECLINED_LATER = "4000000000000341"
ASKS_ALWAYS = "4000002760003184"
ASKS_ONCE = "4000002500003155"
SLOW_BANK = "000123456789"
FAILING_BANK = "000222222227"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def door(sandbox: Sandbox, key: str = KEY) -> StripeGateway:
    """The gateway, told that the sandbox is Stripe."""
    return StripeGateway(
        Settings(
            _env_file=None,  # type: ignore[call-arg]
            database_url="postgresql://nobody@localhost/nothing",
            base_url="http://localhost:8000",
            secret_key="a-key-for-tests-only",
            stripe_secret_key=key,
            stripe_webhook_secret=SECRET,
            stripe_api_base=sandbox.url,
        )
    )


async def page(gateway: StripeGateway, **more: Any) -> Checkout:
    """A page for one print at 45.00, or whatever `more` says."""
    told: dict[str, Any] = {
        "mode": "payment",
        "campaign_id": CAMPAIGN,
        "pledge_id": PLEDGE,
        "currency": "USD",
        "lines": [CheckoutLine("Signed print", 4500, 1)],
        "expires_at": datetime.now(UTC) + timedelta(minutes=31),
        "success_url": "http://shop.example/thanks",
        "cancel_url": "http://shop.example/back",
        "locale": "en",
        "idempotency_key": f"page-{len(more)}-{sorted(map(str, more.items()))}",
    }
    return await gateway.open_checkout(**{**told, **more})


def pay(sandbox: Sandbox, opened: Checkout, card: str = "4242424242424242", **more: Any) -> str:
    """Pays a page; returns how its session stands then."""
    status: str = sandbox.switch("pay", session=opened.session, card=card, **more)["status"]
    return status


async def saved(
    sandbox: Sandbox, gateway: StripeGateway, card: str = "4242424242424242", **more: Any
) -> Card:
    """A card saved by the pledge's own page."""
    opened = await page(gateway, mode="setup", lines=[], **more)
    assert pay(sandbox, opened, card) == "complete"
    found = await gateway.card_of_checkout(opened.session)
    assert found is not None
    return found


async def charge(gateway: StripeGateway, card: Card, attempt: int = 9, **more: Any) -> str:
    """Takes 45.00 from a saved card for one attempt."""
    told: dict[str, Any] = {
        "customer": card.customer,
        "method": card.method,
        "amount": 4500,
        "currency": "USD",
        "campaign_id": CAMPAIGN,
        "pledge_id": PLEDGE,
        "attempt_id": attempt,
        "description": "Field recorder",
        "idempotency_key": f"attempt-{attempt}",
    }
    return await gateway.charge_card(**{**told, **more})


async def heard(gateway: StripeGateway) -> list[tuple[str, Fact]]:
    """Every fact in Stripe's events so far with its event's type, the oldest first."""
    events = [event async for event in gateway.events_since(LONG_AGO)]
    told = [(event["type"], understand(event)) for event in reversed(events)]
    return [(kind, understood.fact) for kind, understood in told if understood is not None]


async def fact_of(gateway: StripeGateway, kind: str) -> Fact:
    """The newest fact that an event of this type told."""
    return [fact for event, fact in await heard(gateway) if event == kind][-1]


def intent_of(sandbox: Sandbox, intent: str) -> Any:
    """A payment intent as Stripe has it now."""
    return sandbox.stripe.v1.payment_intents.retrieve(intent)
