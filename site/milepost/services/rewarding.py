"""Rewards to choose from, and where they are sent: tiers, add-ons, zones and their fees (B1, B5).

A pledge keeps what it was made with, so anything here may change for whoever comes next (M3). What
somebody has chosen is never removed: it is closed (A13).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.shipping import COUNTRIES, Country
from milepost.services.arranging import lock, tell
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.noting import note
from milepost.services.preparing import NewTier, NewZone, create_tier, create_zone
from milepost.storage import editing, tiers
from milepost.storage.database import Connection, Database, unit

_CHANGES = ("title", "text", "price", "units", "slots", "opens_at", "closes_at", "most", "ships")


async def add_tier(
    database: Database, author: Author, base: int | None, tier: NewTier, now: datetime
) -> int:
    """Add a tier or an add-on, the last in the list; its id. Raises Overtaken, Invalid."""
    _check(tier, 0)
    async with unit(database) as db:
        row = await lock(db, author)
        if base is not None:  # a program does not type into anybody's form
            await save_part(db, author, f"{tier.kind}-new", base, now)
        tier_id = await create_tier(db, row["id"], tier)
        await _note(db, author, row, "tier_added", tier.title, now)
    return tier_id


async def save_tier(
    database: Database, author: Author, tier_id: int, base: int | None, tier: NewTier, now: datetime
) -> None:
    """Change a tier for whoever comes next. Raises NotFound, Overtaken, Invalid."""
    async with unit(database) as db:
        row = await lock(db, author)
        was = await _tier(db, row["id"], tier_id)
        _check(tier, was["claimed"])
        await save_part(db, author, f"tier-{tier_id}", base, now)
        columns = {name: value for name, value in asdict(tier).items() if name in _CHANGES}
        await editing.save_tier(db, row["id"], tier_id, **columns)
        meter = {"basis": row["basis"], "currency": row["currency"]}
        before = {name: was[name] for name in ("title", "price", "slots")} | {"campaign": meter}
        after = {"title": tier.title, "price": tier.price, "slots": tier.slots, "campaign": meter}
        await _note(db, author, row, "tier_saved", tier.title, now, before, after)


async def close_tier(database: Database, author: Author, tier_id: int, now: datetime) -> None:
    """Nobody can choose the tier from here on; whoever has it keeps it. Raises NotFound."""
    async with unit(database) as db:
        row = await lock(db, author)
        was = await _tier(db, row["id"], tier_id)
        if was["closes_at"] is None or was["closes_at"] > now:
            await editing.end_tier(db, row["id"], tier_id, now)
            await _note(db, author, row, "tier_closed", was["title"], now)


async def open_tier(database: Database, author: Author, tier_id: int, now: datetime) -> None:
    """The tier can be chosen again, as long as the campaign runs. Raises NotFound."""
    async with unit(database) as db:
        row = await lock(db, author)
        was = await _tier(db, row["id"], tier_id)
        if was["closes_at"] is not None and was["closes_at"] <= now:
            await editing.end_tier(db, row["id"], tier_id, None)
            await _note(db, author, row, "tier_opened", was["title"], now)


async def remove_tier(database: Database, author: Author, tier_id: int, now: datetime) -> None:
    """Remove a draft's tier that nothing names. Raises NotFound, or Conflict: it can be closed."""
    async with unit(database) as db:
        row = await lock(db, author)
        was = await _tier(db, row["id"], tier_id)
        if was["used"] or row["published"]:
            raise Conflict(
                N_("“%(title)s” was on the public page or is counted on, so it stays. Close it."),
                title=was["title"],
            )
        await editing.remove_tier(db, row["id"], tier_id)
        await editing.gone(db, author.place(f"tier-{tier_id}"))
        await _note(db, author, row, "tier_removed", was["title"], now)


async def move_tier(
    database: Database, author: Author, tier_id: int, step: int, now: datetime
) -> None:
    """Move the tier up (-1) or down (1) among those of its kind; at the end it stays."""
    async with unit(database) as db:
        row = await lock(db, author)
        rows = await editing.tiers(db, row["id"])
        kind = _found(rows, tier_id)["kind"]
        same = [r["id"] for r in rows if r["kind"] == kind]
        place = same.index(tier_id)
        other = min(max(place + step, 0), len(same) - 1)
        if other == place:
            return
        same[place], same[other] = same[other], same[place]
        rest = [r["id"] for r in rows if r["kind"] != kind]
        await editing.order_tiers(db, row["id"], same + rest if kind == "tier" else rest + same)
        await _note(db, author, row, "tiers_ordered", _found(rows, tier_id)["title"], now)


async def save_zone(
    database: Database,
    author: Author,
    zone_id: int | None,
    base: int | None,
    zone: NewZone,
    now: datetime,
) -> int:
    """Add or change a zone with its fees; its id. Raises NotFound, Overtaken, Invalid."""
    async with unit(database) as db:
        row = await lock(db, author)
        zones = await tiers.zones_of(db, row["id"])
        if zone_id is not None and zone_id not in {z.id for z in zones}:
            raise NotFound(N_("There is no such zone."))
        others = [z for z in zones if z.id != zone_id]
        _check_zone(zone, others)
        ships = {r["id"] for r in await editing.tiers(db, row["id"])}
        fees = {tier: fee for tier, fee in zone.fees.items() if tier in ships}
        await save_part(db, author, f"zone-{zone_id or 'new'}", base, now)
        if zone_id is None:
            own = NewZone(zone.title, zone.countries, fees)
            zone_id = await create_zone(db, row["id"], own)
        else:
            _check_countries(zone.countries, "countries")
            await editing.save_zone(db, row["id"], zone_id, zone.title, zone.countries)
            await tiers.add_fees(db, zone_id, fees)
        was = {z.id: _zone_said(z.title, z.countries) for z in zones}
        said = _zone_said(zone.title, zone.countries)
        await _note(db, author, row, "zone_saved", zone.title, now, was.get(zone_id, {}), said)
    return zone_id


def _zone_said(title: str, countries: Iterable[str]) -> dict[str, Any]:
    return {"title": title, "sent_to": sorted(countries)}


async def remove_zone(database: Database, author: Author, zone_id: int, now: datetime) -> None:
    """Nothing is sent there any more; pledges made keep their fee. Raises NotFound."""
    async with unit(database) as db:
        row = await lock(db, author)
        zones = {z.id: z for z in await tiers.zones_of(db, row["id"])}
        if zone_id not in zones:
            raise NotFound(N_("There is no such zone."))
        await editing.remove_zone(db, row["id"], zone_id)
        await editing.gone(db, author.place(f"zone-{zone_id}"))
        await _note(db, author, row, "zone_removed", zones[zone_id].title, now)


async def save_excluded(
    database: Database, author: Author, base: int | None, countries: Iterable[str], now: datetime
) -> None:
    """Nothing is sent to these countries, whatever the zones say. Raises Overtaken, Invalid."""
    codes = sorted(set(countries))
    _check_countries(codes, "excluded")
    async with unit(database) as db:
        row = await lock(db, author)
        await save_part(db, author, "shipping", base, now)
        await editing.save_excluded(db, row["id"], codes)
        before, after = {"countries": row["excluded_countries"]}, {"countries": codes}
        await _note(db, author, row, "excluded_saved", row["title"], now, before, after)


def _check(tier: NewTier, claimed: int) -> None:
    if not tier.title:
        raise Invalid(N_("Give it a title."), about="title")
    if tier.price <= 0:
        raise Invalid(N_("A price is above zero."), about="price")
    if tier.slots is not None and tier.slots < claimed:
        raise Invalid(
            N_("%(claimed)s are claimed already, so there can't be fewer. Or close it."),
            about="slots",
            claimed=claimed,
        )
    if tier.opens_at and tier.closes_at and tier.opens_at >= tier.closes_at:
        raise Invalid(N_("It must open before it ends."), about="closes_at")


def _check_zone(zone: NewZone, others: Iterable[Any]) -> None:
    if not zone.title:
        raise Invalid(N_("Give the zone a name."), about="title")
    for other in others:
        if not zone.countries and not other.countries:
            raise Invalid(
                N_("“%(title)s” is everywhere else already. Name this zone's countries."),
                about="countries",
                title=other.title,
            )
        for code in zone.countries:
            if code in other.countries:
                raise Invalid(
                    N_("%(country)s is in the zone “%(title)s” already. A country is in one zone."),
                    about="countries",
                    country=Country(code),
                    title=other.title,
                )


def _check_countries(codes: Iterable[str], about: str) -> None:
    for code in codes:
        if code not in COUNTRIES:
            raise Invalid(
                N_("“%(typed)s” is not a country that we know. Choose one from the list."),
                about=about,
                typed=code[:40],
            )


async def _tier(db: Connection, campaign_id: int, tier_id: int) -> Any:
    return _found(await editing.tiers(db, campaign_id), tier_id)


def _found(rows: Iterable[Any], tier_id: int) -> Any:
    found = next((row for row in rows if row["id"] == tier_id), None)
    if found is None:
        raise NotFound(N_("There is no such reward."))
    return found


async def _note(
    db: Connection,
    author: Author,
    row: Any,
    what: str,
    about: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, about, before, after)
    await tell(db, row["id"])
