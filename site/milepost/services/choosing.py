"""Choosing: what somebody typed becomes lines at today's prices, and the slots that they need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.campaigns import Calendar
from milepost.domain.errors import Conflict, Invalid
from milepost.domain.lines import Line, Tier, addon_field, choose, sold_out
from milepost.domain.messages import N_
from milepost.domain.money import Money, typed_money
from milepost.domain.numbers import number_in
from milepost.domain.origins import Origin
from milepost.domain.shipping import country_of, ship
from milepost.services.purses import Wish
from milepost.storage import tiers
from milepost.storage.database import Connection

NOWHERE = Origin()
MOST_ADDONS = 50  # kinds of them in one pledge


@dataclass(frozen=True, slots=True)
class Choice:
    """What a backer typed: the tier's id or nothing, a count, amounts in major units, a language.

    `addons` is an add-on's id → how many; `country` where it is sent to, as ISO 3166-1 alpha-2.
    `shown_total` is the sum in minor units that the page showed, if it could (P9: only compared).
    `instead` is the key of an earlier checkout of theirs that this one replaces.
    `origin` is where they came from, as far as their browser says: for counting, nothing else.
    `referral` is the code of the friend's link by which they came; `purse` what they want to use
    of their own, if they are signed in.
    """

    tier: str = ""
    quantity: str = "1"
    amount: str = ""
    bonus: str = ""
    addons: Mapping[str, str] = field(default_factory=dict)
    country: str = ""
    locale: str = "en"
    shown_total: str = ""
    instead: str = ""
    origin: Origin = NOWHERE
    referral: str = ""
    purse: Wish | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice, checked and priced: `claims` are the slots that it needs, by limited tier.

    `country` is None where nothing is shipped, or every country costs the same and none was named.
    `late` says that the campaign has closed funded (P8).
    """

    lines: list[Line]
    claims: dict[int, int]
    country: str | None
    late: bool


async def choose_lines(
    db: Connection,
    campaign: Any,
    choice: Choice,
    now: datetime,
    *,
    holding: Mapping[int, int] | None = None,
    prices: Mapping[int, int] | None = None,
) -> Chosen:
    """Check and price a choice in the campaign of this row (`pledges.campaign_to_pledge`).

    Nothing is claimed: two queries at most. `holding` are slots of these tiers that the backer has
    already; they count as free for them, and `claims` counts them again. At `prices` a pledge has
    these tiers already, and keeps them (M3). Raises a Refusal about the field that is wrong;
    Conflict when the page showed another sum (P9).
    """
    late = calendar_of(campaign).admit(now, campaign["title"])
    tier, quantity, addons = await _wanted(db, campaign["id"], choice, prices or {})
    everything = [(tier, quantity)] if tier is not None else []
    everything += addons
    for one, count in everything:
        one.admit(count, now, (holding or {}).get(one.id, 0))
    ships = any(one.ships for one, _ in everything)
    country = country_of(choice.country) if ships else None
    zones = await tiers.zones_of(db, campaign["id"]) if ships else []
    shipping = ship(everything, country, zones, campaign["excluded_countries"])
    lines = choose(
        tier,
        quantity,
        _money(choice.amount, campaign["currency"], "amount"),
        _money(choice.bonus, campaign["currency"], "bonus"),
        addons,
        shipping,
    )
    _check_shown(choice.shown_total, lines, campaign["currency"])
    claims = {one.id: count for one, count in everything if one.slots is not None}
    return Chosen(lines, claims, country.code if country else None, late)


async def claim_all(db: Connection, claims: Mapping[int, int]) -> None:
    """Claim all of these slots, by tier. Raises SoldOut, and then the transaction must end (P3).

    Claim under the campaign's row lock, as `ledger.bump_version` takes it: then no two wait for
    each other.
    """
    for row in await tiers.claim(db, claims):
        raise sold_out(row["title"], row["kind"], row["id"])


def calendar_of(campaign: Any) -> Calendar:
    """When the campaign of this row takes pledges (P7, P8)."""
    return Calendar(
        published=campaign["published"],
        opens_at=campaign["opens_at"],
        closes_at=campaign["closes_at"],
        late_pledges=campaign["late_pledges"],
        funded=campaign["outcome"] == "funded",
    )


async def _wanted(
    db: Connection, campaign_id: int, choice: Choice, prices: Mapping[int, int]
) -> tuple[Tier | None, int, list[tuple[Tier, int]]]:
    """The tier, how many of it, and each add-on with its count, in the campaign's order."""
    wanted: dict[int, int] = {}
    for key, typed in choice.addons.items():
        if count := _addon_count(key, typed):
            wanted[_id(key)] = count
    if len(wanted) > MOST_ADDONS:
        raise _no_addon()
    own = _id(choice.tier)
    rows = await tiers.chosen(db, campaign_id, {one for one in (own, *wanted) if one})
    known = {
        row["id"]: Tier(**{**row, "price": prices.get(row["id"], row["price"])}) for row in rows
    }
    tier = known.get(own)
    if choice.tier and (tier is None or tier.kind != "tier"):
        raise Invalid(
            N_("This reward is not part of the campaign. Choose one from the list."), about="tier"
        )
    if any(one not in known or known[one].kind != "addon" for one in wanted):
        raise _no_addon()
    addons = [(one, wanted[one.id]) for one in known.values() if one.id in wanted]
    return tier, _count(choice.quantity or "1", "quantity"), addons


def _no_addon() -> Invalid:
    return Invalid(
        N_("One of the add-ons is not part of the campaign. Choose from the list."), about="addon"
    )


def _id(typed: str) -> int:
    """A tier's id as it was sent; 0, which no tier has, for anything else."""
    return number_in(typed) or 0


def _addon_count(key: str, typed: str) -> int:
    return _count(typed, addon_field(_id(key))) if typed.strip() else 0


def _count(typed: str, about: str) -> int:
    text = typed.strip() or "1"
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Invalid(
            N_("“%(typed)s” is not a number of pieces. Type a whole number."),
            about=about,
            typed=typed[:40],
        )
    return int(text)


def _money(typed: str, currency: str, about: str) -> Money:
    return typed_money(typed, currency, about) if typed.strip() else Money(0, currency)


def _check_shown(shown: str, lines: Sequence[Line], currency: str) -> None:
    """Raises Conflict when the page showed another sum than the store's prices make (P9)."""
    total = sum(line.amount for line in lines)
    if shown and shown != str(total):
        raise Conflict(
            N_("The price has changed since you opened the page. The sum is %(total)s now."),
            total=Money(total, currency),
        )
