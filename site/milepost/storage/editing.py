"""Parts of a campaign as they are edited: what was saved, what is typed, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.storage.database import Connection, named_queries, rows_of

_sql = named_queries("editing")


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a campaign, or, where the campaign is 0, of the store itself."""

    store_id: int
    campaign_id: int
    part: str

    @property
    def columns(self) -> dict[str, Any]:
        """What names it in a query."""
        return {"store_id": self.store_id, "campaign_id": self.campaign_id, "part": self.part}


async def held(db: Connection, place: Place, creator_id: int, since: datetime) -> Any:
    """The part's revision, what this creator has typed on it, and who else has typed `since`."""
    return await _sql.held_part(db, creator_id=creator_id, since=since, **place.columns)


async def save(db: Connection, place: Place, creator_id: int, base: int, now: datetime) -> bool:
    """Claim the next revision; False when somebody has saved the part since `base`."""
    made = await _sql.save_part(db, creator_id=creator_id, base=base, now=now, **place.columns)
    return made is not None


async def pass_by(db: Connection, place: Place, creator_id: int, now: datetime) -> None:
    """The part's next revision, whatever the last one is."""
    await _sql.pass_part(db, creator_id=creator_id, now=now, **place.columns)


async def keep(
    db: Connection,
    place: Place,
    creator_id: int,
    base: int,
    typed: Mapping[str, str],
    now: datetime,
) -> None:
    """Keep what was typed and not saved, in place of what was kept before."""
    await _sql.keep_typed(
        db, creator_id=creator_id, base=base, typed=dict(typed), now=now, **place.columns
    )


async def forget(db: Connection, place: Place, creator_id: int) -> None:
    """What this creator typed is saved, or not wanted."""
    await _sql.forget_typed(db, creator_id=creator_id, **place.columns)


async def gone(db: Connection, place: Place) -> None:
    """There is no such part any more."""
    await _sql.forget_part(db, **place.columns)


async def unsaved(db: Connection, store_id: int, campaign_id: int, creator_id: int) -> list[Any]:
    """The parts in which this creator has typed something that is not saved."""
    rows: list[Any] = await rows_of(
        _sql.unsaved_parts(db, store_id=store_id, campaign_id=campaign_id, creator_id=creator_id)
    )
    return rows


async def campaign(db: Connection, campaign_id: int) -> Any:
    """The campaign's whole row, with its store's language and whether it has pledges."""
    return await _sql.campaign_to_edit(db, campaign_id=campaign_id)


async def is_taken(db: Connection, slug: str, campaign_id: int) -> bool:
    """True when another campaign has this address."""
    return bool(await _sql.slug_is_taken(db, slug=slug, campaign_id=campaign_id))


async def save_page(db: Connection, campaign_id: int, **columns: str) -> None:
    """The campaign's own texts, picture and address."""
    await _sql.save_page(db, campaign_id=campaign_id, **columns)


async def save_terms(db: Connection, campaign_id: int, **columns: Any) -> None:
    """A draft's money and dates."""
    await _sql.save_terms(db, campaign_id=campaign_id, **columns)


async def save_switches(db: Connection, campaign_id: int, **columns: Any) -> None:
    """Of these, what may change while a campaign runs."""
    await _sql.save_switches(db, campaign_id=campaign_id, **columns)


async def save_translations(
    db: Connection, campaign_id: int, translations: Mapping[str, Any]
) -> None:
    """The campaign's texts in other languages."""
    await _sql.save_translations(db, campaign_id=campaign_id, translations=dict(translations))


async def save_excluded(db: Connection, campaign_id: int, countries: Sequence[str]) -> None:
    """Where nothing is sent."""
    await _sql.save_excluded(db, campaign_id=campaign_id, countries=sorted(countries))


async def has_milestones(db: Connection, campaign_id: int) -> bool:
    """True when milestones count in the campaign's basis."""
    return bool(await _sql.counts_something(db, campaign_id=campaign_id))


async def tiers(db: Connection, campaign_id: int) -> list[Any]:
    """All tiers and add-ons in order, each with whether it is `used`."""
    rows: list[Any] = await rows_of(_sql.tiers_to_edit(db, campaign_id=campaign_id))
    return rows


async def save_tier(db: Connection, campaign_id: int, tier_id: int, **columns: Any) -> None:
    """What a tier or an add-on is from here on; pledges keep what they were made with (M3)."""
    await _sql.save_tier(db, campaign_id=campaign_id, tier_id=tier_id, **columns)


async def end_tier(
    db: Connection, campaign_id: int, tier_id: int, closes_at: datetime | None
) -> None:
    """Until when it can be chosen; None: as long as the campaign runs."""
    await _sql.end_tier(db, campaign_id=campaign_id, tier_id=tier_id, closes_at=closes_at)


async def save_tier_translations(
    db: Connection, campaign_id: int, tier_id: int, translations: Mapping[str, Any]
) -> None:
    """The tier's texts in other languages."""
    await _sql.save_tier_translations(
        db, campaign_id=campaign_id, tier_id=tier_id, translations=dict(translations)
    )


async def order_tiers(db: Connection, campaign_id: int, tier_ids: Sequence[int]) -> None:
    """The campaign's tiers stand in this order."""
    await _sql.order_tiers(db, campaign_id=campaign_id, tier_ids=list(tier_ids))


async def remove_tier(db: Connection, campaign_id: int, tier_id: int) -> None:
    """A tier that nothing names any more goes, with its fees."""
    await _sql.remove_tier(db, campaign_id=campaign_id, tier_id=tier_id)


async def save_zone(
    db: Connection, campaign_id: int, zone_id: int, title: str, countries: Sequence[str]
) -> None:
    """A zone's name and its countries; its fees are gone until they are added again."""
    await _sql.save_zone(
        db, campaign_id=campaign_id, zone_id=zone_id, title=title, countries=sorted(countries)
    )
    await _sql.remove_fees(db, zone_id=zone_id)


async def remove_zone(db: Connection, campaign_id: int, zone_id: int) -> None:
    """A zone and its fees go."""
    await _sql.remove_fees(db, zone_id=zone_id)
    await _sql.remove_zone(db, campaign_id=campaign_id, zone_id=zone_id)


async def store(db: Connection, store_id: int) -> Any:
    """The store as its brand page shows it."""
    return await _sql.store_to_edit(db, store_id=store_id)


async def save_brand(db: Connection, store_id: int, **columns: Any) -> None:
    """Name, tagline and colour."""
    await _sql.save_brand(db, store_id=store_id, **columns)


async def shown(db: Connection, store_id: int) -> list[int]:
    """The store's campaigns that the public can see."""
    return [row["id"] for row in await rows_of(_sql.campaigns_shown(db, store_id=store_id))]
