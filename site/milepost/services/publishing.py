"""Publishing: a campaign as the public may see it: page, JSON and stream alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from milepost.domain.lines import Tier
from milepost.domain.shipping import Zone
from milepost.services.choosing import calendar_of
from milepost.storage import campaigns, ledger, notices
from milepost.storage.database import Connection

State = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Published:
    """A campaign's rows at one version; `stands_until` is when time alone will change the page."""

    campaign: Any
    milestones: list[Any]
    tiers: list[Any]
    zones: list[Zone]
    stands_until: datetime | None

    def state(self, locale: str, now: datetime) -> State:
        """The public state of `interfaces.md`, its texts in `locale` where they are translated."""
        c = self.campaign
        if not c["published"]:
            return self._announced(locale)
        total = c["units"] if c["basis"] == "units" else c["money"]
        text = in_language(c, locale)
        return {
            "slug": c["slug"],
            "title": text("title"),
            "state": calendar_of(c).phase(now),
            "basis": c["basis"],
            "currency": c["currency"],
            "goal": c["goal"],
            "total": total,
            "raised": c["money"],
            "units": c["units"],
            "backers": c["backers"],
            "version": c["version"],
            "outcome": c["outcome"],
            "opens_at": c["opens_at"],
            "closes_at": c["closes_at"],
            "milestones": [_milestone(m, total, locale) for m in self.milestones],
            "tiers": [_tier(t, locale, now) for t in self.tiers if t["kind"] == "tier"],
            "addons": [_tier(t, locale, now) for t in self.tiers if t["kind"] == "addon"],
            **({"followers": c["followers"]} if c["followers"] is not None else {}),
        }

    def _announced(self, locale: str) -> State:
        """What the public may know of a campaign that is announced and not published."""
        c = self.campaign
        return {
            "slug": c["slug"],
            "title": in_language(c, locale)("title"),
            "state": "announced",
            "version": c["version"],
            "opens_at": c["opens_at"],
            "followers": c["followers"],
        }


async def publish(
    db: Connection, slug: str, now: datetime, *, announced: bool = False
) -> Published | None:
    """The published campaign at `slug`, or one that is only `announced`; or None."""
    return _published(await campaigns.public(db, slug, now, announced=announced), now)


async def preview(db: Connection, key: str, now: datetime) -> Published | None:
    """The campaign behind the secret key, as it would look if it were published; or None."""
    found = await campaigns.public(db, "", now, key=key)
    if found is None:
        return None
    campaign = {**found[0], "published": True, "is_public": found[0]["published"]}
    return _published((campaign, *found[1:]), now)


def _published(found: Any, now: datetime) -> Published | None:
    if found is None:
        return None
    campaign, milestones, tiers, zones = found
    instants = [campaign["opens_at"], campaign["closes_at"]]
    instants += [t[side] for t in tiers for side in ("opens_at", "closes_at") if t[side]]
    stands_until = min((instant for instant in instants if instant > now), default=None)
    return Published(campaign, milestones, tiers, zones, stands_until)


async def page_moved(db: Connection, campaign_id: int) -> None:
    """What the public sees of the campaign changes with this transaction: its next version."""
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)


def in_language(row: Mapping[str, Any], locale: str, prefix: str = "") -> Any:
    """A function that gives a column's text in `locale`, or as it was first written (B15)."""
    translated = row[f"{prefix}translations"].get(locale, {})
    return lambda column: translated.get(column) or row[f"{prefix}{column}"]


def _milestone(m: Any, total: int, locale: str) -> State:
    """One milestone; translated texts come from the same open or closed columns as the original."""
    revealed, reached = m["revealed_at"] is not None, m["reached_seq"] is not None
    state: State = {
        "id": str(m["id"]),
        "target": m["target"],
        "state": "revealed" if revealed else "reached" if reached else "ahead",
        "audience": m["audience"],
        "reward": m["kind"],
        "mystery": m["mystery"],
    }
    if reached:
        state |= {"reached_at": m["reached_at"], "reached_seq": m["reached_seq"]}
    else:
        state["left"] = max(0, m["target"] - total)
    translated = m["translations"].get(locale, {})
    shown = {"title": "title", "image_alt": "image_alt"}
    shown["text"] = "text_after" if revealed else "text_before"
    for key, column in shown.items():
        state[key] = (translated.get(column) or m[key]) if m[key] else ""
    state["image"] = m["image"] or None
    return state


_COLUMNS = (
    *("id", "title", "price", "units", "slots", "claimed", "opens_at", "closes_at"),
    *("kind", "most", "ships"),
)


def _tier(t: Any, locale: str, now: datetime) -> State:
    """A tier or an add-on; `most` of it may be in one pledge, `left` for everybody."""
    tier = Tier(**{column: t[column] for column in _COLUMNS})
    text = in_language(t, locale)
    return {
        "id": str(tier.id),
        "title": text("title"),
        "text": text("text"),
        "price": tier.price,
        "units": tier.units,
        "left": tier.left,
        "most": tier.most,
        "ships": tier.ships,
        "state": tier.state(now),
        "opens_at": tier.opens_at,
        "closes_at": tier.closes_at,
    }
