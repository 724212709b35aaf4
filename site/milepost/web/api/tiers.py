"""`/api/v1/campaigns/{slug}/tiers`: what can be chosen, tiers and add-ons alike (B1, B2)."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from milepost.domain.errors import NotFound
from milepost.domain.lines import MOST_AT_ONCE, TierKind, TierState
from milepost.domain.lines import Tier as Rule
from milepost.domain.money import LARGEST, check_charged
from milepost.services import rewarding
from milepost.services.arranging import save_language
from milepost.services.preparing import NewTier
from milepost.storage import api_tiers, editing, ledger
from milepost.storage.database import Connection, reading, unit
from milepost.web.api.campaigns import Editing, Seeing
from milepost.web.api.etags import IfMatch, etag_of, expect
from milepost.web.api.fields import (
    Count,
    Flag,
    Page,
    Paging,
    PathId,
    Sent,
    Slug,
    When,
    known_of,
    unsent,
)
from milepost.web.api.gate import Call
from milepost.web.api.operations import operations
from milepost.web.api.parts import (
    Locale,
    Short,
    Text,
    Title,
    Translations,
    author_at,
    campaign_of,
    check_locales,
    clean,
    texts_of,
)

router = operations("Tiers and add-ons")
NO_TIER = "There is no such tier or add-on in this campaign."
Price = Annotated[int, Field(strict=True, ge=1, le=LARGEST, description="Minor units.")]
Units = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
Most = Annotated[int, Field(strict=True, ge=1, le=MOST_AT_ONCE)]
PRICE = "Minor units, for whoever comes next: a pledge keeps the price that it was made with."
UNITS = "What one is worth on the meter of a campaign that counts units."
SLOTS = "How many there are for everybody; null for no end."
MOST = "How many may be in one pledge; null for the usual."
SHIPS = "It is sent by post, so it needs an address, and a fee in each zone that it goes to."


class Tier(BaseModel):
    """A tier, or an add-on beside one: what was set, not what is claimed (`…/claimed`)."""

    id: int
    kind: TierKind
    title: str
    text: str
    price: int = Field(description="Minor units.")
    currency: str
    units: int = Field(description=UNITS)
    slots: int | None = Field(description=SLOTS)
    most: int | None = Field(description=MOST)
    ships: bool = Field(description="It is sent by post.")
    opens_at: datetime | None = Field(description="From when on it can be chosen.")
    closes_at: datetime | None = Field(description="Until when it can be chosen.")
    position: int = Field(description="Its place in the campaign’s list.")
    translations: Translations = Field(
        description="By language: `title` and `text`, where they are there."
    )


class TierTexts(Sent):
    """A tier’s texts in another language; an empty one falls back to the original."""

    title: Short = unsent()
    text: Text = unsent()


class TierEdit(Sent):
    """What is to be changed; what is not sent stays. There can’t be fewer slots than are claimed.

    To close it, set `closes_at` to now: whoever has it keeps it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"slots": 250}]})

    title: Title = unsent()
    text: Text = unsent()
    price: Price = unsent(PRICE)
    units: Units = unsent(UNITS)
    slots: Count | None = unsent(SLOTS)
    most: Most | None = unsent(MOST)
    ships: Flag = unsent(SHIPS)
    opens_at: When | None = unsent()
    closes_at: When | None = unsent()
    translations: dict[Locale, TierTexts] = unsent("By language; those not sent stay.")


class TierNew(TierEdit):
    """A tier or an add-on, the last in its campaign’s list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "Recorder with a wind muff", "price": 12_900, "slots": 500}]
        }
    )

    kind: TierKind = "tier"
    title: Title
    price: Price = Field(description=PRICE)
    units: Units = unsent(f"{UNITS} 1 for a tier and 0 for an add-on, if it is not said.")


class TierClaims(BaseModel):
    """How many of a tier or an add-on are claimed."""

    id: int
    slots: int | None
    claimed: int = Field(description="By pledges, and by checkouts that are open just now.")
    left: int | None = Field(description="Null where there is no end.")
    state: TierState = Field(description="Whether it can be chosen now.")


@router.get("/campaigns/{slug}/tiers")
async def list_tiers(
    call: Seeing, slug: Slug, paging: Annotated[Paging, Query()], kind: TierKind | None = None
) -> Page[Tier]:
    """A campaign’s tiers and add-ons, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        rows = await api_tiers.tiers(db, campaign["id"], kind, after, paging.limit + 1)
    return paging.page(rows, [told(row, campaign) for row in rows], "id")


@router.get("/campaigns/{slug}/claimed")
async def list_claimed_tiers(
    call: Seeing, slug: Slug, paging: Annotated[Paging, Query()]
) -> Page[TierClaims]:
    """How many of each are claimed and left."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        campaign = await campaign_of(db, call, slug)
        rows = await api_tiers.tiers(db, campaign["id"], None, after, paging.limit + 1)
    return paging.page(rows, [_claims(row, call) for row in rows], "id")


@router.get("/campaigns/{slug}/tiers/{tier}")
async def get_tier(call: Seeing, slug: Slug, tier: PathId, response: Response) -> Tier:
    """One tier or add-on, with its `ETag`."""
    async with reading(call.database) as db:
        found = await _found(db, await campaign_of(db, call, slug), tier)
    response.headers["etag"] = etag_of(found)
    return found


@router.post("/campaigns/{slug}/tiers", status_code=201)
async def add_tier(call: Editing, slug: Slug, sent: TierNew, response: Response) -> Tier:
    """Add a tier or an add-on to a campaign."""
    async with unit(call.database) as db:
        campaign, own = await _locked(db, call, slug)
        wanted = _wanted(sent, campaign)
        said = wanted.pop("translations", {})
        check_locales(said, own)
        wanted.setdefault("units", 1 if sent.kind == "tier" else 0)
        new = NewTier(**wanted, translations=_texts(said))
        author = author_at(call, campaign["id"])
        made = await rewarding.add_tier(call.database, author, None, new, call.now)
        found = await _found(db, campaign, made)
    response.headers["etag"] = etag_of(found)
    response.headers["location"] = f"/api/v1/campaigns/{slug}/tiers/{made}"
    return found


@router.patch("/campaigns/{slug}/tiers/{tier}")
async def edit_tier(
    call: Editing,
    slug: Slug,
    tier: PathId,
    sent: TierEdit,
    response: Response,
    if_match: IfMatch = None,
) -> Tier:
    """Change a tier or an add-on for whoever comes next; pledges keep what they were made with."""
    async with unit(call.database) as db:
        campaign, own = await _locked(db, call, slug)
        present = await _found(db, campaign, tier)
        expect(if_match, present)
        wanted = _wanted(sent, campaign)
        said = wanted.pop("translations", {})
        check_locales(said, own)
        author = author_at(call, campaign["id"])
        if wanted:
            kept = present.model_dump(include=set(TierEdit.model_fields) - {"translations"})
            new = NewTier(kind=present.kind, **kept | wanted)
            await rewarding.save_tier(call.database, author, tier, None, new, call.now)
        for locale, texts in said.items():
            own_texts = {tier: texts}
            await save_language(call.database, author, locale, None, {}, own_texts, call.now)
        found = await _found(db, campaign, tier)
    response.headers["etag"] = etag_of(found)
    return found


@router.delete("/campaigns/{slug}/tiers/{tier}", status_code=204)
async def remove_tier(call: Editing, slug: Slug, tier: PathId, if_match: IfMatch = None) -> None:
    """Remove a draft’s tier that nothing names. Any other can be closed."""
    async with unit(call.database) as db:
        campaign, _ = await _locked(db, call, slug)
        expect(if_match, await _found(db, campaign, tier))
        author = author_at(call, campaign["id"])
        await rewarding.remove_tier(call.database, author, tier, call.now)


async def _locked(db: Connection, call: Call, slug: str) -> tuple[Any, str]:
    """The campaign, held until the transaction ends, and its store's own language."""
    campaign = await campaign_of(db, call, slug)
    await ledger.lock_campaign(db, campaign["id"])
    return campaign, (await editing.campaign(db, campaign["id"]))["store_locale"]


async def _found(db: Connection, campaign: Any, tier_id: int) -> Tier:
    row = await api_tiers.tier(db, campaign["id"], tier_id)
    if row is None:
        raise NotFound(NO_TIER)
    return told(row, campaign)


def told(row: Any, campaign: Any) -> Tier:
    """A tier as it is told."""
    known = known_of(row, Tier)
    own = {"currency": campaign["currency"], "translations": texts_of(row["translations"])}
    return Tier(**known | own)


def _claims(row: Any, call: Call) -> TierClaims:
    rule = Rule(
        **{
            name: row[name]
            for name in (
                *("id", "title", "price", "units", "slots", "claimed", "opens_at", "closes_at"),
                *("kind", "most", "ships"),
            )
        }
    )
    return TierClaims(
        id=rule.id,
        slots=rule.slots,
        claimed=rule.claimed,
        left=rule.left,
        state=rule.state(call.now),
    )


def _wanted(sent: TierEdit, campaign: Any) -> dict[str, Any]:
    """What was sent, as the studio would keep it; translations as their columns."""
    wanted: dict[str, Any] = {name: getattr(sent, name) for name in sent.model_fields_set}
    if "price" in wanted:
        check_charged(wanted["price"], campaign["currency"], "price")
    if "title" in wanted:
        wanted["title"] = clean(wanted["title"])
    if "text" in wanted:
        wanted["text"] = wanted["text"].replace("\r\n", "\n").strip()
    if "translations" in wanted:
        wanted["translations"] = {
            locale: {
                name: text.strip() for name, text in texts.model_dump(exclude_unset=True).items()
            }
            for locale, texts in wanted["translations"].items()
        }
    return wanted


def _texts(said: dict[str, dict[str, str]]) -> Translations:
    """Texts of a new tier; empty ones fall back anyway."""
    kept = {locale: {n: t for n, t in texts.items() if t} for locale, texts in said.items()}
    return {locale: texts for locale, texts in kept.items() if texts}
