"""Charging saved cards: one attempt is one row with one key, made before its call (P2, P4, P5).

What Stripe answers is only noted. Its signed event moves the pledge, on the same road as any other.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.facts import Fact
from milepost.gateways.refusals import Declined, TaxUnknown, Unchargeable
from milepost.gateways.stripe import StripeGateway
from milepost.services.clock import Clock
from milepost.services.keeping import keep_own
from milepost.storage import attempts, charges
from milepost.storage.database import Database, unit

AT_ONCE = 25  # calls under way in one worker; its pace is as many a second
LOOK_AGAIN = timedelta(minutes=5)  # when a pledge has another attempt open, such as a mended card
LEFT = timedelta(minutes=1)  # after which nobody is taken to wait for a call's answer any more
FORGOTTEN = timedelta(hours=20)  # Stripe remembers a key for 24


async def charge_due(database: Database, gateway: StripeGateway, clock: Clock) -> int:
    """Charge the next cards that are due, and ask again about those left; how many were asked.

    Safe with any number of workers, killed anywhere. Raises PaymentUnavailable, after it has noted
    all other answers, when Stripe could not be asked: what is unknown is asked again (P4).
    """
    now = clock()
    async with unit(database) as db:
        taken = await charges.take(db, now, AT_ONCE)
        ids = await attempts.begin_charges(db, taken, now) if taken else []
        if taken:
            calls = await attempts.charges_to_make(db, ids)
            begun = {call["pledge_id"] for call in calls}
            in_the_way = [key for key in taken if key not in begun]
            if in_the_way:
                await charges.put_off(db, in_the_way, now + LOOK_AGAIN)
        else:
            ids = await attempts.left_charges(db, now - LEFT, AT_ONCE)
            calls = await attempts.charges_to_make(db, ids) if ids else []
    answers = await asyncio.gather(
        *(_charge(database, gateway, call, clock) for call in calls), return_exceptions=True
    )
    for error in answers:
        if isinstance(error, BaseException):
            raise error
    return len(calls)


async def _charge(database: Database, gateway: StripeGateway, call: Any, clock: Clock) -> None:
    """One call and its answer. Raises PaymentUnavailable; then the attempt stays as it is."""
    if not call["amount"]:
        return await _covered(database, call, clock())
    intent, error = "", ""
    try:
        customer, method = await _card(database, gateway, call)
        amount, calculation = call["amount"], call["detail"].get("calculation")
        if call["tax"] and calculation is None:
            amount, calculation = await _tax(database, gateway, call, method)
        intent = await _ask(gateway, call, customer, method, amount, calculation, clock)
    except Declined as declined:
        intent, error = declined.intent, declined.code
    except Unchargeable as refused:
        error = refused.message
    async with unit(database) as db:
        if intent:
            await attempts.open_charge(db, call["id"], intent, error)
            return
        # no event will come of it, so the decision is ours
        detail = {"attempt": call["id"], "code": error[:200]}
        fact = Fact("declined", call["pledge_id"], detail=detail)
        await attempts.open_charge(db, call["id"], "", error)
        await keep_own(db, "charge.declined", call["campaign_id"], fact, clock(), "charging")


async def _covered(database: Database, call: Any, now: datetime) -> None:
    """Store credit pays for all of it: no card is asked, and the decision is ours."""
    fact = Fact("paid", call["pledge_id"], detail={"attempt": call["id"]})
    async with unit(database) as db:
        await attempts.open_charge(db, call["id"], "")
        await keep_own(db, "pledge.paid", call["campaign_id"], fact, now, "charging")


async def _card(database: Database, gateway: StripeGateway, call: Any) -> tuple[str, str]:
    """The saved card; asked of Stripe when the event that tells of it has not come yet."""
    if call["method"]:
        return call["customer"], call["method"]
    card = await gateway.card_of_checkout(call["session"]) if call["session"] else None
    if card is None:
        raise Unchargeable("no card is saved for this pledge")
    async with unit(database) as db:
        await charges.keep_cards(db, {call["pledge_id"]: (card.customer, card.method)})
    return card.customer, card.method


async def _tax(
    database: Database, gateway: StripeGateway, call: Any, method: str
) -> tuple[int, str]:
    """The sum with the tax of where the card's holder is, kept before the card is charged (P4)."""
    try:
        country, postal_code = await gateway.place_of_card(method)
        tax, calculation = await gateway.calculate_tax(
            amount=call["amount"],
            currency=call["currency"],
            country=country,
            postal_code=postal_code,
            reference=f"pledge-{call['pledge_id']}",
        )
    except TaxUnknown as error:
        raise Unchargeable(f"its tax is not known: {error.message}") from error
    amount = call["amount"] + tax
    async with unit(database) as db:
        detail = {"tax": tax, "calculation": calculation}
        await attempts.price_charge(db, call["id"], amount, detail)
    return amount, calculation


async def _ask(
    gateway: StripeGateway,
    call: Any,
    customer: str,
    method: str,
    amount: int,
    calculation: str | None,
    clock: Clock,
) -> str:
    if clock() - call["made_at"] > FORGOTTEN:
        found = await gateway.find_charge(customer, call["id"])
        if found is not None:
            return found
    return await gateway.charge_card(
        customer=customer,
        method=method,
        amount=amount,
        currency=call["currency"],
        campaign_id=call["campaign_id"],
        pledge_id=call["pledge_id"],
        attempt_id=call["id"],
        description=call["title"],
        idempotency_key=call["idempotency_key"],
        tax_calculation=calculation,
    )
