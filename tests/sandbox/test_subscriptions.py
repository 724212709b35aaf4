"""Subscriptions of the sandbox: begun on the page, carried on by its clock, ended by anybody."""

from typing import Any

import pytest
import stripe

from milepost.sandbox.periods import boundary
from tests.sandbox.process import Sandbox

DAY = 86_400
FROM_THE_31ST = 1_769_860_800  # 31 January 2026, 12:00 UTC


@pytest.fixture
def still(sandbox: Sandbox) -> Sandbox:
    """A sandbox whose clock stands on the 31st of January."""
    sandbox.switch("clock", freeze=FROM_THE_31ST)
    return sandbox


def begun(sandbox: Sandbox, card: str = "4242424242424242", **more: Any) -> Any:
    """A subscription as Stripe has it after its page was paid."""
    session = sandbox.retrieve(sandbox.subscription(card, **more))
    return sandbox.stripe.v1.subscriptions.retrieve(session.subscription)


def now_of(sandbox: Sandbox, subscription: Any) -> Any:
    """The same now."""
    return sandbox.stripe.v1.subscriptions.retrieve(subscription.id)


def invoices_of(sandbox: Sandbox, subscription: Any) -> list[Any]:
    """Its invoices, the oldest first."""
    listed = sandbox.stripe.v1.invoices.list({"subscription": subscription.id, "limit": 100})
    return list(reversed(listed.data))


def advance(sandbox: Sandbox, days: float) -> None:
    """Days go by."""
    sandbox.switch("clock", advance=days * DAY)


def test_a_page_begins_a_subscription_whose_first_invoice_is_paid(still: Sandbox) -> None:
    session = still.subscription_session()
    assert (session.subscription, session.payment_intent) == (None, None)
    still.pay(session)
    done = still.retrieve(session, "invoice.payments", "subscription")
    assert (done.status, done.payment_status, done.payment_intent) == ("complete", "paid", None)
    subscription, invoice = done.subscription, done.invoice
    assert (subscription.status, subscription.metadata.to_dict()) == ("active", {"shelf": "prints"})
    assert (invoice.status, invoice.amount_paid) == ("paid", 1200)
    assert invoice.billing_reason == "subscription_create"
    parent = invoice.parent.subscription_details
    assert (parent.subscription, parent.metadata.to_dict()) == (
        subscription.id,
        {"shelf": "prints"},
    )
    item = subscription["items"].data[0]
    line = invoice.lines.data[0]
    assert (line.period.start, line.period.end) == (FROM_THE_31ST, item.current_period_end)
    payment = invoice.payments.data[0].payment.payment_intent
    assert still.stripe.v1.payment_intents.retrieve(payment).status == "succeeded"


def test_each_month_has_an_invoice_that_the_saved_card_pays(still: Sandbox) -> None:
    subscription = begun(still)
    advance(still, 93)
    starts = [invoice.lines.data[0].period.start for invoice in invoices_of(still, subscription)]
    assert starts == [boundary(FROM_THE_31ST, "month", 1, n) for n in range(4)]
    assert {invoice.status for invoice in invoices_of(still, subscription)} == {"paid"}
    assert len({c["payment_intent"] for c in still.all("charges")}) == 4


def test_a_month_that_is_too_short_ends_on_its_last_day_and_the_next_finds_the_day_again() -> None:
    days = [boundary(FROM_THE_31ST, "month", 1, n) - FROM_THE_31ST for n in range(4)]
    assert [seconds // DAY for seconds in days] == [0, 28, 59, 89]
    assert boundary(FROM_THE_31ST, "year", 1, 1) - FROM_THE_31ST == 365 * DAY
    assert boundary(FROM_THE_31ST, "week", 2, 3) - FROM_THE_31ST == 42 * DAY


def test_a_declined_renewal_is_tried_again_and_recovers_with_another_card(still: Sandbox) -> None:
    subscription = begun(still)
    still.pay_later_with(subscription.id, "pm_card_chargeCustomerFail")
    advance(still, 28.5)
    assert now_of(still, subscription).status == "past_due"
    invoice = invoices_of(still, subscription)[1]
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert invoice.next_payment_attempt == invoice.lines.data[0].period.start + DAY
    v1 = still.stripe.v1
    with pytest.raises(stripe.CardError):
        v1.invoices.pay(invoice.id)
    still.pay_later_with(subscription.id, "pm_card_visa")
    assert v1.invoices.pay(invoice.id).status == "paid"
    assert now_of(still, subscription).status == "active"
    advance(still, 10)
    kinds = still.settle()
    assert kinds.count("invoice.paid") == 2
    assert kinds.count("invoice.payment_failed") == 2


def test_a_card_that_works_again_is_found_by_the_retry(still: Sandbox) -> None:
    subscription = begun(still)
    still.pay_later_with(subscription.id, "pm_card_chargeCustomerFail")
    advance(still, 28.5)
    still.pay_later_with(subscription.id, "pm_card_visa")
    advance(still, 1)
    assert now_of(still, subscription).status == "active"
    assert [i.status for i in invoices_of(still, subscription)] == ["paid", "paid"]


def test_a_subscription_is_over_when_the_last_retry_was_declined(still: Sandbox) -> None:
    subscription = begun(still)
    still.pay_later_with(subscription.id, "pm_card_chargeCustomerFail")
    advance(still, 28 + 16)
    over = now_of(still, subscription)
    assert (over.status, over.cancellation_details.reason) == ("canceled", "payment_failed")
    invoice = invoices_of(still, subscription)[1]
    assert (invoice.status, invoice.attempt_count) == ("open", 5)
    kinds = still.settle()
    assert kinds.count("invoice.payment_failed") == 5
    assert kinds.count("customer.subscription.deleted") == 1
    advance(still, 90)
    assert len(invoices_of(still, subscription)) == 2


def test_a_subscription_ends_with_its_period_unless_that_is_undone(still: Sandbox) -> None:
    subscription = begun(still)
    update = still.stripe.v1.subscriptions.update
    ending = update(subscription.id, {"cancel_at_period_end": True})
    assert ending.cancel_at == ending["items"].data[0].current_period_end
    stays = update(subscription.id, {"cancel_at_period_end": False})
    assert (stays.cancel_at, stays.canceled_at, stays.status) == (None, None, "active")
    update(subscription.id, {"cancel_at_period_end": True})
    advance(still, 29)
    assert now_of(still, subscription).status == "canceled"
    assert len(invoices_of(still, subscription)) == 1
    with pytest.raises(stripe.InvalidRequestError):
        update(subscription.id, {"cancel_at_period_end": False})


def test_a_subscription_is_cancelled_at_once_by_api(still: Sandbox) -> None:
    subscription = begun(still)
    over = still.stripe.v1.subscriptions.cancel(
        subscription.id, {"cancellation_details": {"comment": "moved"}}
    )
    assert (over.status, over.ended_at) == ("canceled", FROM_THE_31ST)
    assert over.cancellation_details.to_dict()["comment"] == "moved"
    listed = still.stripe.v1.subscriptions.list
    assert listed({"customer": subscription.customer}).data == []
    ended = listed({"customer": subscription.customer, "status": "all"}).data
    assert [one.id for one in ended] == [subscription.id]
    advance(still, 60)
    assert len(invoices_of(still, subscription)) == 1


def test_a_declined_first_payment_begins_nothing(still: Sandbox) -> None:
    session = still.subscription_session()
    assert still.pay(session, "4000000000000002")["status"] == "open"
    assert still.all("subscriptions") == []
    assert still.pay(session)["status"] == "complete"
    assert len(still.all("subscriptions")) == 1


def test_three_d_secure_is_asked_once_on_the_page_and_not_at_renewals(still: Sandbox) -> None:
    subscription = begun(still, "4000002500003155")
    advance(still, 29)
    assert [i.status for i in invoices_of(still, subscription)] == ["paid", "paid"]


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"submit_type": "pay"}, "submit_type"),
        ({"customer_creation": "always"}, "customer_creation"),
        ({"payment_intent_data": {"description": "x"}}, "payment_intent_data"),
    ],
)
def test_a_subscription_takes_nothing_that_stripe_would_refuse(
    sandbox: Sandbox, wrong: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.subscription_session(**wrong)
    assert refused.value.param == param


def test_the_page_says_how_often_it_is_paid(sandbox: Sandbox) -> None:
    session = sandbox.subscription_session()
    page = sandbox.http.get(f"/pay/{session.id}").text
    assert "Then $12.00 every month, until you cancel." in page
    assert "Subscribe $12.00" in page


def test_a_restart_forgets_no_subscription(tmp_path: Any) -> None:
    with Sandbox(None, "--state", str(tmp_path / "books.db")) as sandbox:
        sandbox.switch("clock", freeze=FROM_THE_31ST)
        subscription = begun(sandbox)
        sandbox.stop()
        sandbox.start()
        advance(sandbox, 29)
        assert len(invoices_of(sandbox, subscription)) == 2
