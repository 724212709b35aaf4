"""Refunds, disputes and slow banks; and the books that all of it must agree with."""

from typing import Any

import pytest
import stripe

from tests.sandbox.process import Sandbox


def paid(sandbox: Sandbox, card: str = "4242424242424242", **more: Any) -> str:
    """The payment intent of a session that has been paid."""
    session = sandbox.session(**more)
    sandbox.pay(session, card)
    intent: str = sandbox.retrieve(session).payment_intent
    return intent


def charge_of(sandbox: Sandbox, intent: str) -> Any:
    """The charge of a payment intent."""
    found = sandbox.stripe.v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
    return found.latest_charge


def test_a_whole_refund_gives_all_back(sandbox: Sandbox) -> None:
    intent = paid(sandbox)
    refund = sandbox.stripe.v1.refunds.create(
        {"payment_intent": intent, "reason": "requested_by_customer", "metadata": {"pledge": "1"}}
    )
    assert (refund.amount, refund.status) == (4500, "succeeded")
    charge = charge_of(sandbox, intent)
    assert (charge.refunded, charge.amount_refunded) == (True, 4500)
    assert sandbox.settle()[-2:] == ["refund.created", "charge.refunded"]


def test_refunds_in_part_add_up_and_never_exceed_what_is_left(sandbox: Sandbox) -> None:
    intent = paid(sandbox)
    refunds = sandbox.stripe.v1.refunds
    refunds.create({"payment_intent": intent, "amount": 1500})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        refunds.create({"payment_intent": intent, "amount": 3001})
    assert not charge_of(sandbox, intent).refunded
    refunds.create({"payment_intent": intent})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_already_refunded"
    assert [refund.amount for refund in refunds.list({"payment_intent": intent}).data] == [
        3000,
        1500,
    ]


@pytest.mark.parametrize("amount", [0, -5])
def test_a_refund_is_positive(sandbox: Sandbox, amount: int) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="positive integer"):
        sandbox.stripe.v1.refunds.create({"payment_intent": paid(sandbox), "amount": amount})


def test_a_late_refund_is_pending_until_it_arrives(sandbox: Sandbox) -> None:
    intent = paid(sandbox, "4000000000007726")
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "pending"
    sandbox.switch("clock", advance=60)
    assert sandbox.stripe.v1.refunds.retrieve(refund.id).status == "succeeded"
    assert "refund.updated" in sandbox.settle()


def test_a_refund_that_fails_gives_the_money_back_to_the_shop(sandbox: Sandbox) -> None:
    intent = paid(sandbox, "4000000000005126")
    refund = sandbox.stripe.v1.refunds.create({"payment_intent": intent})
    assert refund.status == "succeeded"
    sandbox.switch("clock", advance=60)
    failed = sandbox.stripe.v1.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "lost_or_stolen_card")
    assert charge_of(sandbox, intent).amount_refunded == 0
    assert "refund.failed" in sandbox.settle()
    assert sandbox.http.get("/sandbox/books").json()["usd"]["net"] == 4500


def test_a_disputed_card_pays_and_is_then_taken_back(sandbox: Sandbox) -> None:
    intent = paid(sandbox, "4000000000000259")
    types = sandbox.settle()
    assert types[-2:] == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    [dispute] = sandbox.stripe.v1.disputes.list({"payment_intent": intent}).data
    assert (dispute.status, dispute.amount) == ("needs_response", 4500)
    assert dispute.reason == "fraudulent"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        sandbox.stripe.v1.refunds.create({"payment_intent": intent})
    assert caught.value.code == "charge_disputed"


def test_a_dispute_is_lost_when_its_seller_accepts_it(sandbox: Sandbox) -> None:
    paid(sandbox, "4000000000000259")
    sandbox.settle()
    [dispute] = sandbox.stripe.v1.disputes.list().data
    assert sandbox.stripe.v1.disputes.close(dispute.id).status == "lost"
    assert sandbox.settle()[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        sandbox.stripe.v1.disputes.close(dispute.id)


def test_a_won_dispute_brings_the_money_back(sandbox: Sandbox) -> None:
    charge = charge_of(sandbox, paid(sandbox))
    dispute = sandbox.switch(f"charges/{charge.id}/dispute", reason="product_not_received")
    assert sandbox.switch(f"disputes/{dispute['id']}/win")["status"] == "won"
    assert sandbox.settle()[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    assert sandbox.http.get("/sandbox/books").json()["usd"]["disputed"] == 0


@pytest.mark.parametrize(
    ("currency", "account"),
    [("usd", "000123456789"), ("eur", "AT611904300234573201"), ("gbp", "00012345")],
)
def test_a_slow_bank_completes_the_session_unpaid_and_pays_later(
    sandbox: Sandbox, currency: str, account: str
) -> None:
    session = sandbox.session(currency=currency)
    assert sandbox.pay(session, account)["status"] == "complete"
    waiting = sandbox.retrieve(session, "payment_intent")
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    sandbox.switch("clock", advance=60)
    settled = sandbox.retrieve(session, "payment_intent")
    assert (settled.payment_status, settled.payment_intent.status) == ("paid", "succeeded")
    types = sandbox.settle()
    assert types.index("checkout.session.completed") < types.index(
        "checkout.session.async_payment_succeeded"
    )


def test_a_slow_bank_may_say_no_and_the_session_stays_unpaid(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session, "000111111116")
    sandbox.switch(f"sessions/{session.id}/fail")
    failed = sandbox.retrieve(session, "payment_intent.latest_charge")
    assert (failed.status, failed.payment_status) == ("complete", "unpaid")
    assert failed.payment_intent.latest_charge.failure_code == "no_account"
    assert sandbox.settle()[-1] == "checkout.session.async_payment_failed"


def test_a_slow_bank_answers_by_itself(sandbox: Sandbox) -> None:
    sandbox.switch("habits", bank_seconds=0)
    session = sandbox.session()
    sandbox.pay(session, "000222222227")
    assert sandbox.endpoint is not None
    sandbox.endpoint.wait_for(7)
    assert sandbox.settle()[-1] == "checkout.session.async_payment_failed"


def test_a_slow_bank_that_stays_silent_can_be_made_to_answer(sandbox: Sandbox) -> None:
    session = sandbox.session()
    sandbox.pay(session, "000000000009")
    sandbox.switch("clock", advance=10 * 24 * 3600)
    assert sandbox.retrieve(session).payment_status == "unpaid"
    sandbox.switch(f"sessions/{session.id}/settle")
    assert sandbox.retrieve(session).payment_status == "paid"


def test_the_books_add_up_by_currency(sandbox: Sandbox) -> None:
    first = paid(sandbox)
    paid(sandbox, amount=900, currency="eur")
    paid(sandbox, amount=1000, currency="jpy")
    paid(sandbox, "4000000000000002")
    sandbox.stripe.v1.refunds.create({"payment_intent": first, "amount": 500})
    books = sandbox.http.get("/sandbox/books").json()
    assert {currency: total["net"] for currency, total in books.items()} == {
        "usd": 4000,
        "eur": 900,
        "jpy": 1000,
    }
    assert (books["usd"]["charges"], books["usd"]["failed_charges"]) == (1, 1)
    moved = sandbox.stripe.v1.balance_transactions.list({"limit": 100, "currency": "usd"})
    assert sum(movement.amount for movement in moved.auto_paging_iter()) == 4000


def test_a_charge_s_fee_is_known_once_it_is_on_the_balance(sandbox: Sandbox) -> None:
    charge = charge_of(sandbox, paid(sandbox))
    moved = sandbox.stripe.v1.balance_transactions.retrieve(charge.balance_transaction)
    assert (moved.amount, moved.fee, moved.net) == (4500, 161, 4339)
