"""Purses: what a pledge uses of its backer's own, which is store credit and gifts of programs.

Credit is a payment like another (C1): set aside when the pledge is started, before the card is
asked for the rest, and its backer's again as far as it pays for nothing. Gifts are sent with the
goods, and are given once the pledge is charged.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from milepost.domain.chargeable import credit_towards
from milepost.domain.errors import Conflict, Invalid
from milepost.domain.messages import N_
from milepost.domain.money import Money
from milepost.domain.pledges import Pledge
from milepost.services.carting import token_hash
from milepost.services.clock import Clock
from milepost.services.own_rewards import program_in
from milepost.services.returning import give_back, hold_givers
from milepost.storage import accounts, ledger, orders, pledges, purses, spendings
from milepost.storage.accounts import Entry
from milepost.storage.database import Connection, Database, enqueue, reading, unit

OVER = ("expired", "cancelled", "dropped")
MOST_GIFTS = 20


@dataclass(frozen=True, slots=True)
class Purse:
    """What whoever is signed in has for a campaign: `credit` in its minor units, and gifts by key.

    Each gift is its `program`'s name and its `products`.
    """

    customer_id: int
    email: str
    credit: int
    gifts: Mapping[str, Any]

    def with_again(self, credit: int, gifts: Sequence[Mapping[str, Any]]) -> "Purse":
        """The same with what a pledge holds that another one replaces."""
        again: dict[str, Any] = {}
        for gift in gifts:
            named = {"program": gift["program"], "program_translations": {}}
            held = again.setdefault(gift["grant"], {**named, "products": []})
            held["products"].append({**gift, "translations": {}})
        return replace(self, credit=self.credit + credit, gifts={**again, **self.gifts})


@dataclass(frozen=True, slots=True)
class Wish:
    """What a backer wants to use of it: credit or not, gifts by key; `visit` is their token.

    `shown_credit` is what the page said that they have, in minor units (P9: only compared).
    """

    visit: str
    credit: bool
    gifts: Sequence[str] = ()
    shown_credit: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pledge uses: whose, minor units of credit, and the gifts as the pledge keeps them."""

    customer_id: int
    email: str
    credit: int
    gifts: list[dict[str, Any]]


async def show_purse(db: Connection, slug: str, visit: str, now: datetime) -> Purse | None:
    """What the owner of this visit can use there; None for a visit that is nobody's there."""
    row = await purses.of_visit(db, slug, token_hash(visit), now)
    if row is None:
        return None
    gifts = {gift["key"]: gift for gift in row["gifts"]}
    return Purse(row["customer_id"], row["email"], row["credit"], gifts)


async def open_purse(
    db: Connection,
    campaign: Any,
    wish: Wish,
    due: int,
    ships: bool,
    locale: str,
    now: datetime,
) -> Taken:
    """What a pledge of `due` minor units uses of what is wished for; nothing is claimed yet.

    The account is held from here on: two presses of one button see what is left one by one.
    Raises Conflict for a visit that is over or credit that is gone meanwhile, Invalid about `gift`
    for one that can't go with it.
    """
    await purses.hold_account(db, token_hash(wish.visit), campaign["store_id"], now)
    purse = await show_purse(db, campaign["slug"], wish.visit, now)
    if purse is None:
        raise Conflict(
            N_("You are not signed in any more. Sign in to use your store credit and gifts.")
        )
    if wish.credit and purse.credit < wish.shown_credit:
        raise Conflict(
            N_("You have %(sum)s of store credit now. Nothing was charged."),
            sum=Money(purse.credit, campaign["currency"]),
        )
    credit = credit_towards(due, purse.credit, campaign["currency"]) if wish.credit else 0
    gifts = []
    for key in dict.fromkeys(wish.gifts[:MOST_GIFTS]):
        gift = purse.gifts.get(key)
        if gift is None:
            raise Invalid(N_("One of these gifts is not there to go with it."), about="gift")
        for product in gift["products"]:
            title = product["translations"].get(locale, {}).get("title") or product["title"]
            if product["ships"] and not ships:
                raise Invalid(
                    N_("“%(title)s” is sent by post, and nothing of this pledge is. Leave it."),
                    about="gift",
                    title=title,
                )
            gifts.append(
                {"grant": key, "title": title, "program": program_in(gift, locale)}
                | {name: product[name] for name in ("product", "image", "ships")}
            )
    return Taken(purse.customer_id, purse.email, credit, gifts)


async def claim_purse(
    db: Connection, pledge_id: int, taken: Taken, currency: str, now: datetime
) -> None:
    """The credit and the gifts are the pledge's from now on.

    Raises Conflict where another window was faster, and then the transaction must end (L9).
    """
    if taken.gifts:
        await spendings.hold_accounts(db, [taken.customer_id])
        if await orders.claim(db, _pieces(taken.gifts)) or not await purses.take_along(
            db, taken.customer_id, pledge_id, _grants(taken.gifts)
        ):
            raise Conflict(N_("A gift of yours has just gone elsewhere. Nothing was charged."))
    if taken.credit:
        source = _source(pledge_id)
        if not await accounts.spend(db, taken.customer_id, currency, taken.credit, source, now):
            raise Conflict(
                N_("Your store credit has just been spent elsewhere. Nothing was charged.")
            )


async def follow_purses(
    db: Connection, currency: str, touched: Sequence[Pledge], now: datetime, failed: bool = False
) -> None:
    """What these pledges use of their backers' own, now that they stand as they do.

    In a campaign that has `failed` below its goal nothing comes of those that are not charged.
    """
    back = {p.id: _back(p, currency, failed) for p in touched if p.credit > p.credit_back}
    moved = [p for p in touched if back.get(p.id, 0) > p.credit_back]
    if moved:
        returned = [(p.id, p.customer_id, back[p.id] - p.credit_back) for p in moved]
        await _enter_back(db, currency, returned, now)
        for pledge in moved:
            pledge.credit_back = back[pledge.id]
        await purses.note_credit_back(db, {p.id: p.credit_back for p in moved})
    with_gifts = [p for p in touched if p.gifts]
    if charged := [p.id for p in with_gifts if p.state == "charged"]:
        await purses.give_along(db, charged)
    if any(p.state in (*OVER, "refunded") or failed for p in with_gifts):
        await return_gifts_soon(db)


def _back(pledge: Pledge, currency: str, failed: bool) -> int:
    """How much of the credit that was set aside for a pledge is its backer's, in minor units."""
    if pledge.state in OVER or (failed and pledge.state == "confirmed"):
        return pledge.credit
    used = pledge.paid.get(pledge.credit_payment)
    if used is not None:
        return pledge.credit - used + pledge.returned(pledge.credit_payment)
    held = pledge.credit - pledge.credit_back
    return pledge.credit - credit_towards(pledge.due, held, currency)


async def _enter_back(
    db: Connection, currency: str, returned: Sequence[tuple[int, int | None, int]], now: datetime
) -> None:
    """So much of each pledge is in this customer's account again: pledge, customer, amount."""
    whose = [(pledge, customer, amount) for pledge, customer, amount in returned if customer]
    await accounts.hold(db, sorted({customer for _, customer, _ in whose}))
    await accounts.enter(
        db,
        [
            Entry(customer, currency, "returned", ready=amount, source=_source(pledge))
            for pledge, customer, amount in whose
        ],
        now,
    )


async def follow_one(
    db: Connection, campaign_id: int, pledge_id: int, currency: str, now: datetime
) -> None:
    """The same for one pledge that something else than a fact has moved."""
    known = await ledger.pledges_by_id(db, campaign_id, [pledge_id])
    await follow_purses(db, currency, list(known.values()), now)


async def close_purses(db: Connection, campaign: Any, now: datetime) -> None:
    """The campaign has failed: what its pledges had set aside is their backers' again (A9)."""
    rows = await purses.return_all_credit(db, campaign["id"])
    returned = [(row["id"], row["customer_id"], row["amount"]) for row in rows]
    if returned:
        await _enter_back(db, campaign["currency"], returned, now)
    await return_gifts_soon(db)


async def return_gifts_soon(db: Connection) -> None:
    """A job lets gifts go: it locks other campaigns, which whoever holds one may not."""
    await enqueue(db, "return_gifts", {}, "return_gifts")


async def return_gifts(database: Database, clock: Clock, pledge_id: int | None = None) -> int:
    """Gifts of pledges of which nothing comes are the customer's to choose again; of how many.

    Of one alone where it is named: whoever chooses again needs its gifts at once.
    """
    count = 0
    while True:
        async with reading(database) as db:
            row = await purses.left_along(db, pledge_id)
        if row is None:
            return count
        async with unit(database) as db:
            count += await _return_gifts_of(db, row)


async def _return_gifts_of(db: Connection, row: Any) -> bool:
    """The gifts of one, if nothing comes of it still: a refund that bounced brings it back."""
    pieces = _pieces(row["gifts"])
    await hold_givers(db, sorted(pieces))
    await pledges.lock(db, row["id"])
    if await purses.left_along(db, row["id"]) is None:
        return False
    await spendings.hold_accounts(db, [row["customer_id"]])
    await purses.take_back_along(db, row["id"])
    await give_back(db, pieces, {})
    await spendings.judge_again(db, [row["customer_id"]])
    return True


def _source(pledge_id: int) -> str:
    """What the entries of a customer's account call the pledge."""
    return f"pledge:{pledge_id}"


def _grants(gifts: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """The grants that gifts are of, by milestone and beneficiary."""
    keys = dict.fromkeys(gift["grant"] for gift in gifts)
    return [(int(milestone), int(rest)) for milestone, _, rest in (k.partition(":") for k in keys)]


def _pieces(gifts: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """How many of each product these are."""
    return dict(Counter(int(gift["product"]) for gift in gifts))
