"""What Stripe's events mean to a pledge, heard through the real client (P1, P2, P5)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from milepost.gateways.stripe import Declined, StripeGateway
from milepost.gateways.stripe_events import NotUnderstood, understand
from tests.sandbox.door import (
    AS_STRIPE_POSTS,
    CAMPAIGN,
    DECLINED_LATER,
    FAILING_BANK,
    LONG_AGO,
    NO_FUNDS_LATER,
    PLEDGE,
    SLOW_BANK,
    charge,
    fact_of,
    heard,
    page,
    pay,
    saved,
)
from tests.sandbox.process import Sandbox

pytestmark = AS_STRIPE_POSTS
PERSON = {"email": "dana@example.org", "name": "Dana Backer", "locale": "en"}
DONE, FAILED = "payment_intent.succeeded", "payment_intent.payment_failed"
COMPLETED, EXPIRED = "checkout.session.completed", "checkout.session.expired"
CAME, NEVER_CAME = (
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
)


async def happened(gateway: StripeGateway, kind: str) -> AsyncIterator[dict[str, Any]]:
    """The events of a type, newest first."""
    async for event in gateway.events_since(LONG_AGO):
        if event["type"] == kind:
            yield event


async def test_a_charge_that_succeeds_is_paid(sandbox: Sandbox, gateway: StripeGateway) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway), attempt=9)
    fact = await fact_of(gateway, DONE)
    assert (fact.kind, fact.pledge_id, fact.payment) == ("paid", PLEDGE, payment)
    assert (fact.amount, fact.detail) == (4500, {"attempt": 9})


async def test_a_charge_names_its_campaign(sandbox: Sandbox, gateway: StripeGateway) -> None:
    await charge(gateway, await saved(sandbox, gateway))
    (event,) = [event async for event in happened(gateway, DONE)]
    understood = understand(event)
    assert understood is not None and understood.campaign_id == CAMPAIGN


@pytest.mark.parametrize(
    ("number", "code"),
    [(NO_FUNDS_LATER, "insufficient_funds"), (DECLINED_LATER, "generic_decline")],
)
async def test_a_charge_that_fails_is_declined_with_the_bank_s_reason(
    sandbox: Sandbox, gateway: StripeGateway, number: str, code: str
) -> None:
    with pytest.raises(Declined) as caught:
        await charge(gateway, await saved(sandbox, gateway, number), attempt=9)
    fact = await fact_of(gateway, FAILED)
    assert (fact.kind, fact.payment) == ("declined", caught.value.intent)
    assert fact.detail == {"code": code, "attempt": 9}


async def test_a_slow_bank_s_no_to_a_charge_is_a_decline_too(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway, FAILING_BANK))
    sandbox.switch(f"sessions/{payment}/fail", reason="insufficient_funds")
    fact = await fact_of(gateway, FAILED)
    assert (fact.kind, fact.payment) == ("declined", payment)


async def test_a_cancelled_charge_says_nothing_more(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    with pytest.raises(Declined) as caught:
        await charge(gateway, await saved(sandbox, gateway, DECLINED_LATER))
    before = len(await heard(gateway))
    await gateway.cancel_charge(caught.value.intent)
    assert [event async for event in happened(gateway, "payment_intent.canceled")]
    assert len(await heard(gateway)) == before


async def test_the_pledge_s_own_payment_is_paid_by_its_page_and_bound_by_its_intent(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, attempt_id=2)
    pay(sandbox, opened, "4000000000000002")
    assert (await fact_of(gateway, FAILED)).kind == "declined"
    pay(sandbox, opened)
    (intent,) = sandbox.all("payment_intents")
    bound, paid = await fact_of(gateway, DONE), await fact_of(gateway, COMPLETED)
    assert (bound.kind, bound.payment, bound.detail) == ("paying", intent["id"], {"attempt": 2})
    assert (paid.kind, paid.amount, paid.ref) == ("paid", 4500, opened.session)
    assert paid.detail == {**PERSON, "attempt": 2}


async def test_a_page_without_an_attempt_tells_of_none(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    pay(sandbox, await page(gateway))
    assert all("attempt" not in fact.detail for _, fact in await heard(gateway))


async def test_tax_in_a_payment_is_told_with_it(sandbox: Sandbox, gateway: StripeGateway) -> None:
    pay(sandbox, await page(gateway, tax=True), country="DE")
    fact = await fact_of(gateway, COMPLETED)
    assert (fact.kind, fact.amount, fact.detail["tax"]) == ("paid", 5355, 855)


async def test_a_card_saved_by_the_pledge_s_own_page_saves_the_pledge_and_names_the_card(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway, attempt_id=5)
    told = await fact_of(gateway, "setup_intent.succeeded")
    assert (told.kind, told.pledge_id) == ("card", PLEDGE)
    assert told.detail == {"customer": card.customer, "method": card.method, "attempt": 5}
    pledge = await fact_of(gateway, COMPLETED)
    assert (pledge.kind, pledge.detail) == ("saved", {**PERSON, "attempt": 5})


async def test_another_card_comes_by_its_setup_and_the_page_adds_nothing(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    first = await saved(sandbox, gateway)
    card = await saved(sandbox, gateway, purpose="card", customer=first.customer, attempt_id=6)
    told = await fact_of(gateway, "setup_intent.succeeded")
    assert told.detail == {"customer": first.customer, "method": card.method, "attempt": 6}
    nothing = await fact_of(gateway, COMPLETED)
    assert (nothing.kind, nothing.payment, nothing.amount) == ("paying", "", 0)


async def test_a_page_that_shows_its_card_names_it(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    card = await saved(sandbox, gateway, purpose="card")
    (event,) = [event async for event in happened(gateway, COMPLETED)]
    (event["data"]["object"]["setup_intent"],) = sandbox.all("setup_intents")
    understood = understand(event)
    assert understood is not None and understood.fact.kind == "card"
    assert understood.fact.detail == {"customer": card.customer, "method": card.method}


async def test_a_card_that_could_not_be_saved_changes_nothing_while_the_page_is_open(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, mode="setup", lines=[])
    assert pay(sandbox, opened, "4000000000000002") == "open"
    assert [event async for event in happened(gateway, "setup_intent.setup_failed")]
    assert await heard(gateway) == []


async def test_a_card_saved_to_nobody_is_a_matter_for_a_person(sandbox: Sandbox) -> None:
    sandbox.pay(sandbox.setup_session(setup_intent_data={"metadata": {"milepost_pledge": "70"}}))
    (event,) = (e for e in sandbox.all("events") if e["type"] == "setup_intent.succeeded")
    with pytest.raises(NotUnderstood, match="no customer"):
        understand(event)


async def test_somebody_else_s_setups_and_charges_are_none_of_ours(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    sandbox.pay(sandbox.setup_session(customer_creation="always"))
    (method,) = sandbox.all("payment_methods")
    sandbox.charge_saved(method["customer"], method["id"])
    told = [understand(e) for e in sandbox.all("events") if "intent" in e["type"]]
    assert len(told) >= 4 and set(told) == {None}


async def test_a_mended_payment_is_paid(sandbox: Sandbox, gateway: StripeGateway) -> None:
    card = await saved(sandbox, gateway, DECLINED_LATER)
    opened = await page(gateway, purpose="mend", customer=card.customer, attempt_id=8)
    pay(sandbox, opened, "4000000000000002")
    failed = await fact_of(gateway, FAILED)
    assert (failed.kind, failed.detail) == ("paying", {"attempt": 8})
    pay(sandbox, opened)
    bound, paid = await fact_of(gateway, DONE), await fact_of(gateway, COMPLETED)
    assert bound.kind == "paying"
    assert (paid.kind, paid.amount, paid.payment) == ("paid", 4500, bound.payment)
    assert paid.detail == {**PERSON, "attempt": 8}


async def test_a_paid_change_tops_up(sandbox: Sandbox, gateway: StripeGateway) -> None:
    opened = await page(gateway, purpose="change", attempt_id=3, tax=True)
    pay(sandbox, opened)
    fact = await fact_of(gateway, COMPLETED)
    assert (fact.kind, fact.amount, fact.ref) == ("topped_up", 4950, opened.session)
    assert (fact.detail["attempt"], fact.detail["tax"]) == (3, 450)
    assert (await fact_of(gateway, DONE)).kind == "paying"


@pytest.mark.parametrize(
    ("purpose", "first", "then"),
    [
        ("checkout", "waiting", "paid"),
        ("mend", "paying", "paid"),
        ("change", "paying", "topped_up"),
    ],
)
async def test_a_slow_bank_s_yes_comes_to_what_the_page_was_for(
    sandbox: Sandbox, gateway: StripeGateway, purpose: str, first: str, then: str
) -> None:
    opened = await page(gateway, purpose=purpose, attempt_id=3)
    pay(sandbox, opened, SLOW_BANK)
    waiting = await fact_of(gateway, COMPLETED)
    assert (waiting.kind, waiting.detail["attempt"]) == (first, 3)
    sandbox.switch(f"sessions/{opened.session}/settle")
    fact = await fact_of(gateway, CAME)
    assert (fact.kind, fact.amount, fact.payment) == (then, 4500, waiting.payment)
    assert fact.payment.startswith("pi_")


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [("checkout", "failed"), ("mend", "turned_back"), ("change", "turned_back")],
)
async def test_a_slow_bank_s_no_ends_the_pledge_or_only_turns_back(
    sandbox: Sandbox, gateway: StripeGateway, purpose: str, kind: str
) -> None:
    opened = await page(gateway, purpose=purpose, attempt_id=3)
    pay(sandbox, opened, SLOW_BANK)
    sandbox.switch(f"sessions/{opened.session}/fail")
    fact = await fact_of(gateway, NEVER_CAME)
    (intent,) = sandbox.all("payment_intents")
    assert (fact.kind, fact.payment, fact.detail) == (kind, intent["id"], {"attempt": 3})


@pytest.mark.parametrize(
    ("purpose", "kind"),
    [
        ("checkout", "expired"),
        ("mend", "turned_back"),
        ("change", "turned_back"),
        ("card", "turned_back"),
    ],
)
async def test_a_page_left_expires_the_pledge_or_only_turns_back(
    sandbox: Sandbox, gateway: StripeGateway, purpose: str, kind: str
) -> None:
    mode = {"mode": "setup", "lines": []} if purpose == "card" else {}
    opened = await page(gateway, purpose=purpose, attempt_id=3, **mode)
    assert await gateway.end_checkout(opened.session)
    fact = await fact_of(gateway, EXPIRED)
    assert (fact.kind, fact.pledge_id, fact.ref) == (kind, PLEDGE, opened.session)
    assert fact.detail == {"attempt": 3}


async def test_a_page_left_after_a_decline_names_the_payment_that_was_begun(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    opened = await page(gateway, purpose="mend")
    pay(sandbox, opened, "4000000000000002")
    await gateway.end_checkout(opened.session)
    (intent,) = sandbox.all("payment_intents")
    assert (await fact_of(gateway, EXPIRED)).payment == intent["id"]


async def refunded(
    sandbox: Sandbox, gateway: StripeGateway, metadata: dict[str, str]
) -> dict[str, Any]:
    """What a refund of 10.00 with that metadata tells."""
    payment = await charge(gateway, await saved(sandbox, gateway))
    refund = await gateway.refund(payment, 1000, "one", metadata)
    fact = await fact_of(gateway, "refund.created")
    assert (fact.kind, fact.amount, fact.ref) == ("refund", 1000, refund)
    assert (fact.payment, fact.pledge_id) == (payment, 0)
    return fact.detail


@pytest.mark.parametrize(
    ("metadata", "detail"),
    [
        ({}, {}),
        ({"milepost_units": "1"}, {}),
        (
            {"milepost_goods": "900", "milepost_units": "2", "milepost_tiers": "4,7"},
            {"goods": 900, "units": 2, "tiers": [4, 7]},
        ),
        (
            {"milepost_goods": "0", "milepost_units": "0", "milepost_tiers": ""},
            {"goods": 0, "units": 0, "tiers": []},
        ),
        ({"milepost_goods": "900"}, {}),
        ({"milepost_goods": "9.00", "milepost_units": "1"}, {}),
        ({"milepost_goods": "-9", "milepost_units": "1"}, {}),
        ({"milepost_goods": "9", "milepost_units": "1", "milepost_tiers": "4,x"}, {}),
    ],
)
async def test_a_refund_says_which_goods_it_takes_back_or_nothing_of_them(
    sandbox: Sandbox, gateway: StripeGateway, metadata: dict[str, str], detail: dict[str, Any]
) -> None:
    assert await refunded(sandbox, gateway, metadata) == detail


async def test_a_refund_s_own_metadata_leads_it_to_no_pledge(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    stray = {"milepost_pledge": "71", "milepost_campaign": "4", "milepost_attempt": "5"}
    assert await refunded(sandbox, gateway, stray) == {}


async def test_a_failed_refund_gives_nothing_back(sandbox: Sandbox, gateway: StripeGateway) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway), attempt=9)
    refund = await gateway.refund(payment, 1000, "one", {"milepost_goods": "9"})
    together = await fact_of(gateway, "charge.refunded")
    assert (together.kind, together.amount) == ("refunded_total", 1000)
    assert together.detail == {"attempt": 9}
    sandbox.switch(f"refunds/{refund}/fail")
    for kind in ("refund.updated", "refund.failed"):
        fact = await fact_of(gateway, kind)
        assert (fact.kind, fact.amount, fact.ref) == ("refund", 0, refund)


@pytest.mark.parametrize(("end", "kind"), [("win", "dispute_won"), ("lose", "dispute_lost")])
async def test_a_dispute_of_a_charge_goes_by_its_payment(
    sandbox: Sandbox, gateway: StripeGateway, end: str, kind: str
) -> None:
    payment = await charge(gateway, await saved(sandbox, gateway))
    (taken,) = sandbox.all("charges")
    sandbox.switch(f"charges/{taken['id']}/dispute")
    (dispute,) = sandbox.all("disputes")
    sandbox.switch(f"disputes/{dispute['id']}/{end}")
    begun = await fact_of(gateway, "charge.dispute.created")
    closed = await fact_of(gateway, "charge.dispute.closed")
    assert (begun.kind, closed.kind) == ("disputed", kind)
    assert begun.payment == closed.payment == payment


@pytest.mark.parametrize(
    "kind",
    [
        "invoice.paid",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "setup_intent.setup_failed",
        "checkout.session.brand_new",
    ],
)
def test_what_changes_no_pledge_is_kept_and_ignored(kind: str) -> None:
    marked = {"milepost_pledge": "70", "milepost_campaign": "3", "milepost_for": "charge"}
    assert understand({"type": kind, "data": {"object": {"id": "x", "metadata": marked}}}) is None


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        ({"milepost_for": "fun"}, "is for “fun”"),
        ({"milepost_for": "card"}, "misstates 'card'"),
        ({"milepost_attempt": "many"}, "misstates"),
        ({"milepost_attempt": "-4"}, "not a number of ours"),
    ],
)
async def test_a_mark_that_nobody_made_is_a_matter_for_a_person(
    sandbox: Sandbox, gateway: StripeGateway, metadata: dict[str, str], why: str
) -> None:
    pay(sandbox, await page(gateway))
    (event,) = [event async for event in happened(gateway, COMPLETED)]
    event["data"]["object"]["metadata"].update(metadata)
    with pytest.raises(NotUnderstood, match=why):
        understand(event)


async def test_who_mends_need_not_say_who_they_are(
    sandbox: Sandbox, gateway: StripeGateway
) -> None:
    pay(sandbox, await page(gateway, purpose="mend"))
    (event,) = [event async for event in happened(gateway, COMPLETED)]
    event["data"]["object"]["customer_details"] = None
    understood = understand(event)
    assert understood is not None
    assert (understood.fact.kind, understood.fact.detail) == ("paid", {})
