"""Pledging: a choice's slots are claimed, and a payment page is opened for it."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.campaigns import GRACE
from milepost.domain.errors import NotFound
from milepost.domain.facts import Fact, FactKind
from milepost.domain.lines import Line
from milepost.domain.messages import N_
from milepost.domain.money import coin
from milepost.domain.orders import payment_items
from milepost.domain.unlocking import Ahead, unlocked
from milepost.gateways.stripe import Checkout, CheckoutLine, PaymentUnavailable, StripeGateway
from milepost.services.choosing import Choice, Chosen, choose_lines, claim_all
from milepost.services.clock import Clock
from milepost.services.keeping import keep_own
from milepost.services.purses import Taken, claim_purse, follow_one, open_purse, return_gifts
from milepost.storage import campaigns, ledger, notices, pledges, referrals
from milepost.storage.database import Connection, Database, reading, unit

NEAR = timedelta(minutes=1)  # before the deadline a pledge waits its turn with the closing
HOLD = timedelta(minutes=31)  # P3: 30 minutes, and one for clocks that differ from Stripe's


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the payment page sends the backer, made from the pledge's key."""

    base_url: str

    def paid(self, key: str) -> str:
        """The backer's own page for the pledge."""
        return f"{self.base_url}/p/{key}"

    def cancelled(self, key: str) -> str:
        """The form again, as it was typed."""
        return f"{self.base_url}/p/{key}/again"


async def start_pledge(
    database: Database,
    gateway: StripeGateway,
    addresses: Addresses,
    clock: Clock,
    slug: str,
    choice: Choice,
    words: "Words",
) -> str:
    """Start a pledge; returns the address to go to: the payment page, or the pledge's own.

    It is the pledge's own where store credit pays for all of it. The slot and the attempt are
    committed before the call to Stripe, and nothing is held across it (P3, P4). Raises a Refusal
    about the field that is wrong, or PaymentUnavailable; then nothing is left claimed.
    """
    if choice.instead:
        await _give_up(database, gateway, choice.instead, clock)
    async with unit(database) as db:
        begun = await _begin(db, slug, choice, clock)
    if begun.is_covered:
        return addresses.paid(begun.key)
    return await _open(database, gateway, addresses, begun, words, clock())


@dataclass(frozen=True, slots=True)
class Words:
    """What the payment page calls the lines that have no title, in the backer's language.

    `shipping` gives the line's name for the country that was chosen, or for the zone's title;
    `unlocks` what is said of the milestones that the pledge takes the crowd of a campaign to.
    """

    own_amount: str
    bonus: str
    shipping: Callable[[str | None, str], str]
    unlocks: Callable[[Sequence[Any], Any], str]

    def title(self, line: Line, country: str | None = None) -> str:
        """The line's title, or what its kind is called."""
        if line.source == "shipping":
            return self.shipping(country, line.title)
        return line.title or (self.bonus if line.source == "bonus" else self.own_amount)


@dataclass(frozen=True, slots=True)
class Begun:
    """A started pledge, and what its payment page is opened for by its attempt."""

    pledge_id: int
    key: str
    campaign: Any
    lines: Sequence[Line]
    country: str | None
    idempotency_key: str
    expires_at: datetime
    locale: str
    late: bool
    taken: Taken | None = None
    unlocks: Sequence[Any] = ()
    attempt_id: int = 0

    @property
    def is_covered(self) -> bool:
        """True when store credit pays for all of it."""
        return bool(self.taken and self.taken.credit == sum(line.amount for line in self.lines))

    @property
    def at_once(self) -> bool:
        """True when it is charged at the pledge (P2, P8)."""
        return self.campaign["funding_model"] == "keep_it_all" or self.late


async def _give_up(database: Database, gateway: StripeGateway, key: str, clock: Clock) -> None:
    """End an earlier checkout and free what it holds, unless it was completed after all (P3)."""
    async with reading(database) as db:
        row = await pledges.by_key(db, key)
    if row is None or row["state"] != "started" or row["session"] is None:
        return
    if await gateway.end_checkout(row["session"]):
        async with unit(database) as db:
            version = await ledger.bump_version(db, row["campaign_id"])
            await pledges.abandon(db, row["id"], row["attempt_id"], "the backer chose again")
            await follow_one(db, row["campaign_id"], row["id"], row["currency"], clock())
            await notices.campaign_moved(db, row["campaign_id"], version)
        await return_gifts(database, clock, row["id"])


async def _begin(db: Connection, slug: str, choice: Choice, clock: Clock) -> Begun:
    now = clock()
    campaign = await pledges.campaign_to_pledge(db, slug)
    if campaign is None or not campaign["published"]:
        raise NotFound(N_("There is no campaign at “%(slug)s”."), slug=slug)
    if timedelta() <= campaign["closes_at"] - now < NEAR:  # it may be closing at this moment
        await ledger.lock_campaign(db, campaign["id"])
        now = clock()
    chosen = await choose_lines(db, campaign, choice, now)
    if chosen.claims:
        version = await ledger.bump_version(db, campaign["id"])
        await claim_all(db, chosen.claims)
        await notices.campaign_moved(db, campaign["id"], version)
    taken = await _open_purse(db, campaign, choice, chosen, now)
    key, idempotency_key = secrets.token_urlsafe(18), f"checkout-{secrets.token_urlsafe(18)}"
    expires_at = now + HOLD
    pledge_id = await pledges.add(
        db,
        key=key,
        campaign_id=campaign["id"],
        locale=choice.locale,
        lines=chosen.lines,
        country=chosen.country,
        late=chosen.late,
        claiming=bool(chosen.claims),
        now=now,
        expires_at=expires_at,
        origin=choice.origin,
        customer_id=taken.customer_id if taken else None,
        credit=taken.credit if taken else 0,
        gifts=taken.gifts if taken else (),
    )
    if taken is not None:
        await claim_purse(db, pledge_id, taken, campaign["currency"], now)
    if choice.referral:
        await referrals.pledge_came_by(db, pledge_id, choice.referral)
    if choice.instead:
        await referrals.pledge_came_as(db, pledge_id, choice.instead)
    begun = Begun(
        pledge_id,
        key,
        campaign,
        chosen.lines,
        chosen.country,
        idempotency_key,
        expires_at,
        choice.locale,
        chosen.late,
        taken,
        [] if chosen.late else await _unlocked(db, campaign, chosen.lines),
    )
    if begun.is_covered:
        await _covered(db, begun, now)
        return begun
    attempt_id = await pledges.begin_attempt(db, pledge_id, "checkout", idempotency_key, now)
    return replace(begun, attempt_id=attempt_id)


async def _open_purse(
    db: Connection, campaign: Any, choice: Choice, chosen: Chosen, now: datetime
) -> Taken | None:
    if choice.purse is None:
        return None
    ships, due = chosen.country is not None, sum(line.amount for line in chosen.lines)
    return await open_purse(db, campaign, choice.purse, due, ships, choice.locale, now)


async def _covered(db: Connection, begun: Begun, now: datetime) -> None:
    """Store credit pays for all of it: no page asks, so the decision is ours, on the same road."""
    assert begun.taken is not None
    kind: FactKind = "paid" if begun.at_once else "saved"
    detail = {"email": begun.taken.email, "locale": begun.locale}
    fact = Fact(kind, begun.pledge_id, detail=detail)
    await keep_own(db, f"pledge.{kind}", begun.campaign["id"], fact, now, "backer")


async def _unlocked(db: Connection, campaign: Any, lines: Sequence[Line]) -> list[Any]:
    """The milestones, as the public may know them, that the pledge takes the crowd to now (N7)."""
    rows = {row["id"]: row for row in await campaigns.public_milestones(db, campaign["track_id"])}
    ahead = [Ahead(row["id"], row["target"]) for row in rows.values() if not row["reached_seq"]]
    total = campaign["units"] if campaign["basis"] == "units" else campaign["money"]
    found = unlocked(ahead, total, campaign["basis"], lines, campaign["review_limit"])
    return [rows[one.id] for one in found]


async def _open(
    database: Database,
    gateway: StripeGateway,
    addresses: Addresses,
    begun: Begun,
    words: Words,
    now: datetime,
) -> str:
    try:
        checkout = await _call(gateway, addresses, begun, words)
    except PaymentUnavailable as error:
        async with unit(database) as db:
            version = await ledger.bump_version(db, begun.campaign["id"])
            await pledges.abandon(db, begun.pledge_id, begun.attempt_id, str(error))
            await follow_one(
                db, begun.campaign["id"], begun.pledge_id, begun.campaign["currency"], now
            )
            await notices.campaign_moved(db, begun.campaign["id"], version)
        raise
    async with unit(database) as db:
        await pledges.open_attempt(db, begun.attempt_id, checkout.session, checkout.url)
    return checkout.url


async def _call(
    gateway: StripeGateway, addresses: Addresses, begun: Begun, words: Words
) -> Checkout:
    credit = begun.taken.credit if begun.taken else 0
    parts = [(words.title(x, begun.country), x.quantity, x.amount) for x in begun.lines]
    currency = begun.campaign["currency"]
    return await gateway.open_checkout(
        mode="payment" if begun.at_once else "setup",
        campaign_id=begun.campaign["id"],
        pledge_id=begun.pledge_id,
        currency=currency,
        lines=[
            CheckoutLine(item.title, item.unit_price, item.quantity)
            for item in payment_items(parts, credit, coin=coin(currency))
        ],
        expires_at=begun.expires_at,
        success_url=addresses.paid(begun.key),
        cancel_url=addresses.cancelled(begun.key),
        locale=begun.locale,
        idempotency_key=begun.idempotency_key,
        attempt_id=begun.attempt_id,
        email=begun.taken.email if begun.taken else None,
        tax=begun.campaign["tax"],
        note=words.unlocks(begun.unlocks, begun.campaign),
    )


async def end_overdue_checkouts(
    database: Database, gateway: StripeGateway, clock: Clock, most: int = 100
) -> int:
    """Ask Stripe to close payment pages past their time; its events then free the slots (P3, P7).

    A pledge whose page was never known to open is given up after its time: no backer has seen it.
    """
    async with reading(database) as db:
        overdue = await pledges.overdue_checkouts(db, clock(), GRACE, most)
    for row in overdue:
        if row["session"] is not None:
            await gateway.end_checkout(row["session"])
        else:
            async with unit(database) as db:
                await ledger.bump_version(db, row["campaign_id"])
                await pledges.abandon(
                    db, row["pledge_id"], row["attempt_id"], "the payment page never opened"
                )
                await follow_one(db, row["campaign_id"], row["pledge_id"], row["currency"], clock())
    return len(overdue)
