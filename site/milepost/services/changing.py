"""A backer's own changes: other lines, a cancel, another card, a charge mended (P5, P6).

Nothing is believed that a browser says but the choice itself; pages are ended before others open,
and no call to Stripe is made inside a transaction.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from milepost.domain.campaigns import LAST_DAY
from milepost.domain.chargeable import credit_towards
from milepost.domain.errors import Closed, Conflict, Invalid, NotFound
from milepost.domain.facts import Fact
from milepost.domain.messages import N_
from milepost.domain.money import Money, exponent
from milepost.domain.pledges import Pledge
from milepost.gateways.refusals import PaymentUnavailable
from milepost.gateways.stripe import CheckoutLine, StripeGateway
from milepost.services.choosing import Choice, Chosen, calendar_of, choose_lines
from milepost.services.clock import Clock
from milepost.services.deciding import lock_to_change, new_lines
from milepost.services.keeping import keep_own
from milepost.services.refunding import give_back
from milepost.storage import attempts, closings, ledger, notices, pledges
from milepost.storage.database import Connection, Database, reading, unit

HOLD = timedelta(minutes=31)
OPENING = timedelta(minutes=2)  # after which nobody is taken to be opening a page any more
Purpose = Literal["change", "mend", "card"]


@dataclass(frozen=True, slots=True)
class Way:
    """Where a payment page sends its backer afterwards, and what it calls the difference."""

    back: str
    difference: str
    locale: str


@dataclass(frozen=True, slots=True)
class Page:
    """A payment page to be opened: its attempt stands already (P4)."""

    purpose: Purpose
    attempt_id: int
    idempotency_key: str
    row: Any
    amount: int
    customer: str | None
    expires_at: datetime


async def change(
    database: Database,
    gateway: StripeGateway,
    clock: Clock,
    pledge_id: int,
    choice: Choice,
    way: Way,
) -> str | None:
    """Change a pledge to what was chosen; the address of the page that takes a difference, if any.

    An uncharged pledge changes at once, and so does a charged one that costs no more: what is over
    goes back to the card. One that store credit pays no more alone, and that has no card, changes
    too: the page then saves one, now or later. Raises a Refusal about the field that is wrong, or
    PaymentUnavailable; then nothing has changed.
    """
    await _end_pages(database, gateway, pledge_id, clock)
    async with unit(database) as db:
        row = await lock_to_change(db, pledge_id)
        now = clock()  # once the campaign is ours: its deadline may have come while we waited
        campaign = await _open_campaign(db, row, now)
        pledge = ledger.pledge_of(row)
        has = [x for x in await pledges.lines_of(db, pledge_id) if x["tier_id"] is not None]
        chosen = await choose_lines(
            db,
            campaign,
            choice,
            now,
            holding={x["tier_id"]: x["quantity"] for x in has},
            prices={x["tier_id"]: x["unit_price"] for x in has},  # M3
        )
        missing = _missing(pledge, chosen)
        if missing <= 0:
            await _guard_last_day(db, campaign, pledge, _worth(campaign, chosen), now)
            detail = await new_lines(db, row, chosen.lines, chosen.country)
            fact = Fact("changed", pledge_id, detail=detail)
            await keep_own(db, "pledge.changed", row["campaign_id"], fact, now, "backer")
            await _slots_moved(db, row["campaign_id"])
            if not await _lacks_card(db, pledge, chosen, row["currency"]):
                return None
            page = await _begin(db, row, "card", 0, now)
        elif missing < 10 ** exponent(row["currency"]) // 2:
            raise Invalid(
                N_("The difference is %(difference)s, too little for a payment of its own."),
                about="bonus",
                difference=Money(missing, row["currency"]),
            )
        else:
            detail = await new_lines(db, row, chosen.lines, chosen.country)
            page = await _begin(db, row, "change", missing, now, detail)
            await _slots_moved(db, row["campaign_id"])
    try:
        return await _open(database, gateway, page, way, campaign["tax"])
    except PaymentUnavailable:
        if page.purpose == "card":
            return None  # the change stands, and the pledge's page asks for the card
        raise


async def cancel(database: Database, gateway: StripeGateway, clock: Clock, pledge_id: int) -> int:
    """Cancel a backer's pledge before the close; the minor units that go back to the card (P6).

    Raises NotFound, Closed or Conflict, and PaymentUnavailable while a payment page is open.
    """
    await _end_pages(database, gateway, pledge_id, clock)
    async with unit(database) as db:
        row = await lock_to_change(db, pledge_id)
        now = clock()
        campaign = await _open_campaign(db, row, now)
        pledge = ledger.pledge_of(row)
        await _guard_last_day(db, campaign, pledge, 0, now)
        if pledge.state != "charged":
            fact = Fact("cancelled", pledge_id)
            await keep_own(db, "pledge.cancelled", row["campaign_id"], fact, now, "backer")
            return 0
        left = sum(pledge.paid.values()) - pledge.refunded
        await give_back(db, pledge, left, None, "cancelled", "backer", now)
        return left


async def mend(
    database: Database, gateway: StripeGateway, clock: Clock, pledge_id: int, way: Way
) -> str:
    """The address of the page where a backer pays what their saved card did not (P5).

    Before the close it takes another card instead, and charges nothing. Raises NotFound, Conflict
    or PaymentUnavailable.
    """
    await _end_pages(database, gateway, pledge_id, clock)
    async with unit(database) as db:
        await pledges.lock_campaign_of(db, pledge_id)
        row = await pledges.lock(db, pledge_id)
        if row is None:
            raise NotFound(N_("There is no such pledge."))
        if await pledges.is_changing(db, row["campaign_id"], pledge_id):
            raise Conflict(N_("Your last change is being worked on. Try again in a moment."))
        now = clock()
        pledge = ledger.pledge_of(row)
        if pledge.state == "past_due":
            page = await _begin(db, row, "mend", pledge.to_charge, now)
        elif pledge.state == "confirmed" and pledge.customer_id is not None:
            page = await _begin(db, row, "card", 0, now)
        else:
            raise Conflict(
                N_("This pledge is %(state)s, so there is no card to mend."), state=row["state"]
            )
    return await _open(database, gateway, page, way, row["is_taxed"])


async def _end_pages(
    database: Database, gateway: StripeGateway, pledge_id: int, clock: Clock
) -> None:
    """Close a page of the pledge's that is open: another choice takes its place.

    Raises Conflict when it has just been completed, or a charge is under way.
    """
    async with reading(database) as db:
        standing = await attempts.standing(db, pledge_id)
    if standing is None or standing["purpose"] == "checkout":
        return
    if standing["session"] is None:  # somebody else is just opening it, or died doing so
        under_way = standing["purpose"] == "charge" or clock() - standing["made_at"] < OPENING
    else:
        under_way = not await gateway.end_checkout(standing["session"])
    if under_way:
        raise Conflict(
            N_("A payment for this pledge is under way. Look again in a minute; nothing is lost.")
        )
    async with unit(database) as db:
        await pledges.lock_campaign_of(db, pledge_id)
        for over in await attempts.close(db, {standing["id"]: ("failed", "left for another")}):
            await pledges.free_claims(db, over["detail"].get("claims", {}))


async def end_left_pages(database: Database, clock: Clock) -> int:
    """Give up pages that were never known to open, and free what they held; how many."""
    async with reading(database) as db:
        left = await attempts.left_pages(db, clock() - HOLD)
    for row in left:
        async with unit(database) as db:
            await _slots_moved(db, row["campaign_id"])
            for over in await attempts.close(db, {row["id"]: ("failed", "it never opened")}):
                await pledges.free_claims(db, over["detail"].get("claims", {}))
    return len(left)


async def _open_campaign(db: Connection, row: Any, now: datetime) -> Any:
    """The pledge's campaign. Raises Closed: a pledge changes until the close (P6)."""
    campaign = await pledges.campaign_to_pledge(db, row["slug"])
    assert campaign is not None
    if calendar_of(campaign).phase(now) != "live" or campaign["closed_at"] is not None:
        raise Closed(
            N_("“%(title)s” has closed, and its pledges stand as they are."),
            title=campaign["title"],
        )
    return campaign


def _missing(pledge: Pledge, chosen: Chosen) -> int:
    """Minor units that the new lines cost beyond what was paid; 0 while nothing is charged."""
    if pledge.state != "charged":
        return 0
    return sum(line.amount for line in chosen.lines) - pledge.kept_net


async def _lacks_card(db: Connection, pledge: Pledge, chosen: Chosen, currency: str) -> bool:
    """True where store credit was to pay alone, and the new lines leave something for a card."""
    if pledge.state == "charged" or not pledge.credit:
        return False
    due = sum(line.amount for line in chosen.lines)
    held = pledge.credit - pledge.credit_back
    rest = due - credit_towards(due, held, currency)
    return rest > 0 and not await attempts.has_card(db, pledge.id)


def _worth(campaign: Any, chosen: Chosen) -> int:
    """What the new lines are on the campaign's meter (C1)."""
    if campaign["basis"] == "units":
        return sum(line.units for line in chosen.lines)
    return sum(line.amount for line in chosen.lines if line.source != "shipping")


async def _guard_last_day(
    db: Connection, campaign: Any, pledge: Pledge, worth: int, now: datetime
) -> None:
    """Raises Conflict when, in the last day, less would sink a funded campaign (P6)."""
    if campaign["funding_model"] != "all_or_nothing" or not campaign["last_day_guard"]:
        return
    if campaign["closes_at"] - now > LAST_DAY:
        return
    if await closings.has_waiting_facts(db, campaign["id"]):  # another may be leaving just now
        raise Conflict(N_("Others change their pledges just now. Try again in a moment."))
    units = campaign["basis"] == "units"
    total = campaign["units"] if units else campaign["money"]
    counted = pledge.counted_units if units else pledge.counted_money
    sinks = total >= campaign["goal"] > total - counted + min(worth, counted)
    if sinks:
        raise Conflict(
            N_(
                "In its last 24 hours “%(title)s” has only just reached its goal, and others rely"
                " on it. Your pledge can't be made smaller or cancelled any more."
            ),
            title=campaign["title"],
        )


async def _begin(
    db: Connection,
    row: Any,
    purpose: Purpose,
    amount: int,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> Page:
    key = f"{purpose}-{secrets.token_urlsafe(18)}"
    made = await attempts.begin(db, row["id"], purpose, key, now, amount=amount, detail=detail)
    if made is None:
        raise Conflict(
            N_("A payment for this pledge is under way. Look again in a minute; nothing is lost.")
        )
    customer = await attempts.customer_of(db, row["id"])
    return Page(purpose, made, key, row, amount, customer, now + HOLD)


async def _open(database: Database, gateway: StripeGateway, page: Page, way: Way, tax: bool) -> str:
    row = page.row
    try:
        checkout = await gateway.open_checkout(
            mode="setup" if page.purpose == "card" else "payment",
            purpose=page.purpose,
            campaign_id=row["campaign_id"],
            pledge_id=row["id"],
            attempt_id=page.attempt_id,
            currency=row["currency"],
            lines=[CheckoutLine(way.difference, page.amount, 1)] if page.amount else [],
            expires_at=page.expires_at,
            success_url=way.back,
            cancel_url=way.back,
            locale=way.locale,
            idempotency_key=page.idempotency_key,
            customer=page.customer,
            tax=tax,
        )
    except PaymentUnavailable as error:
        async with unit(database) as db:
            await pledges.lock_campaign_of(db, row["id"])
            for over in await attempts.close(db, {page.attempt_id: ("failed", str(error)[:500])}):
                await pledges.free_claims(db, over["detail"].get("claims", {}))
        raise
    async with unit(database) as db:
        opened = await pledges.open_attempt(db, page.attempt_id, checkout.session, checkout.url)
    if not opened:  # it was given up meanwhile, and another may stand in its place
        await gateway.end_checkout(checkout.session)
        raise Conflict(
            N_("A payment for this pledge is under way. Look again in a minute; nothing is lost.")
        )
    return checkout.url


async def _slots_moved(db: Connection, campaign_id: int) -> None:
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)
