"""Arranging a campaign: its page, its money and dates, its languages; each save is one deed.

What a published campaign has promised can't be arranged anew: its address, basis, currency, funding
model, zone and opening stand; its goal and deadline move only as `moving` lets them.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from milepost.domain.campaigns import FundingModel, instant
from milepost.domain.errors import Conflict, Invalid, NotFound
from milepost.domain.messages import N_
from milepost.domain.money import exponent
from milepost.domain.tracks import Basis
from milepost.services.author import Author
from milepost.services.editing import save_part
from milepost.services.moving import move_deadline, move_goal
from milepost.services.noting import note
from milepost.services.preparing import NewCampaign, create_campaign
from milepost.storage import editing, ledger, notices
from milepost.storage.database import Connection, Database, unit

NOT_A_CAMPAIGN = frozenset({"new"})  # addresses of the studio's own
LONGEST_SLUG = 80  # characters
BEGINNING = 200  # characters of a long text that the log keeps
_SLUG = re.compile("[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
TAKEN = N_("Another campaign is at this address. Choose another one.")


@dataclass(frozen=True, slots=True)
class Page:
    """What a campaign says of itself, its picture, and where its page is."""

    title: str
    slug: str
    blurb: str
    story: str
    image: str
    image_alt: str


@dataclass(frozen=True, slots=True)
class Terms:
    """A campaign's money and dates; the dates are local to its zone (P7), or instants."""

    basis: Basis
    currency: str
    goal: int
    funding_model: FundingModel
    zone: str
    opens_at: datetime
    closes_at: datetime
    late_pledges: bool
    review_limit: int | None
    last_day_guard: bool
    tax: bool


async def begin_campaign(
    database: Database, author: Author, new: NewCampaign, now: datetime
) -> str:
    """A new draft; its slug, made from the title where none is given.

    Raises Invalid, about its field, for what it can't be.
    """
    async with unit(database) as db:
        slug = new.slug or await _free_slug(db, new.title)
        await _check_slug(db, slug, 0)
        await create_campaign(db, author.store_id, replace(new, slug=slug))
        await note(db, author.store_id, author.creator_id, "campaign_begun", now, new.title)
    return slug


async def save_page(
    database: Database, author: Author, base: int | None, page: Page, now: datetime
) -> None:
    """Save the page's texts. Raises Overtaken, Conflict where the address stands, Invalid."""
    async with unit(database) as db:
        row = await lock(db, author)
        if page.slug != row["slug"]:
            if row["published"] or row["announced_at"] is not None:
                raise Conflict(
                    N_("The page is public, so links lead to its address. It stays as it is."),
                    about="slug",
                )
            await _check_slug(db, page.slug, row["id"])
        await save_part(db, author, "page", base, now)
        await editing.save_page(db, row["id"], **asdict(page))
        changed = [name for name, value in asdict(page).items() if row[name] != value]
        before = {name: row[name][:BEGINNING] for name in changed}
        after = {name: getattr(page, name)[:BEGINNING] for name in changed}
        await _done(db, author, row, "page_saved", now, before, after)


async def save_terms(
    database: Database, author: Author, base: int | None, terms: Terms, now: datetime
) -> None:
    """Save money and dates; of a published campaign what may still change, as promises.

    Raises Overtaken, Conflict, Invalid.
    """
    async with unit(database) as db:
        row = await lock(db, author)
        await save_part(db, author, "money", base, now)
        switches = {
            "late_pledges": terms.late_pledges,
            "review_limit": terms.review_limit,
            "last_day_guard": terms.last_day_guard,
            "tax": terms.tax,
        }
        if row["published"]:
            # In this very transaction: a unit within a unit is a part of it.
            if terms.goal != row["goal"]:
                await move_goal(database, row["id"], terms.goal, author.email, now)
            ends = row["closes_at"]
            if instant(terms.closes_at, row["zone"]) not in (ends, ends.replace(second=0)):
                await move_deadline(database, row["id"], terms.closes_at, author.email, now)
            await editing.save_switches(db, row["id"], **switches)
        else:
            columns = await _draft_terms(db, row, terms)
            await editing.save_terms(db, row["id"], **columns, **switches)
        before = {
            "campaign": {"basis": row["basis"], "currency": row["currency"]},
            "goal": row["goal"],
            "closes_at": row["closes_at"].isoformat(),
        }
        after = {
            "campaign": {"basis": terms.basis, "currency": terms.currency},
            "goal": terms.goal,
            "closes_at": instant(terms.closes_at, terms.zone).isoformat(),
        }
        await _done(db, author, row, "terms_saved", now, before, after)


async def _draft_terms(db: Connection, row: Any, terms: Terms) -> dict[str, Any]:
    """The columns of a draft's money and dates. Raises Invalid or Conflict about the field."""
    if not 0 < terms.goal < 2**53:
        raise Invalid(N_("A goal is a whole number above zero."), about="goal")
    opens_at, closes_at = instant(terms.opens_at, terms.zone), instant(terms.closes_at, terms.zone)
    if opens_at >= closes_at:
        raise Invalid(
            N_("A campaign must open before it closes. Choose a later deadline."), about="closes_at"
        )
    other_basis = terms.basis != row["basis"]
    other_places = exponent(terms.currency) != exponent(row["currency"])
    counted = (other_basis or other_places) and await editing.has_milestones(db, row["id"])
    if other_basis and counted:
        raise Conflict(
            N_("The milestones' targets count in the present basis. Archive them first."),
            about="basis",
        )
    if other_places and (counted or await editing.tiers(db, row["id"])):
        raise Conflict(
            N_("Prices are typed already, and this currency writes them otherwise. Remove the"
               " rewards first."),
            about="currency",
        )  # fmt: skip
    return {
        "basis": terms.basis,
        "currency": terms.currency,
        "goal": terms.goal,
        "funding_model": terms.funding_model,
        "zone": terms.zone,
        "opens_at": opens_at,
        "closes_at": closes_at,
    }


async def save_language(
    database: Database,
    author: Author,
    locale: str,
    base: int | None,
    texts: Mapping[str, str],
    tiers: Mapping[int, Mapping[str, str]],
    now: datetime,
) -> None:
    """Save the campaign's texts, and its rewards', in another language; empty ones fall back."""
    async with unit(database) as db:
        row = await lock(db, author)
        await save_part(db, author, f"language-{locale}", base, now)
        own = with_texts(row["translations"], locale, texts)
        await editing.save_translations(db, row["id"], own)
        for tier in await editing.tiers(db, row["id"]):
            if tier["id"] in tiers:
                said = with_texts(tier["translations"], locale, tiers[tier["id"]])
                await editing.save_tier_translations(db, row["id"], tier["id"], said)
        await _done(db, author, row, "language_saved", now, after={"language": locale})


def with_texts(
    translations: Mapping[str, Mapping[str, str]], locale: str, texts: Mapping[str, str]
) -> dict[str, Mapping[str, str]]:
    """The translations with these texts in this language; other keys of it stay as they are."""
    own = {**translations.get(locale, {}), **texts}
    own = {name: text for name, text in own.items() if text}
    others = {name: said for name, said in translations.items() if name != locale}
    return others | ({locale: own} if own else {})


async def lock(db: Connection, author: Author) -> Any:
    """The author's campaign, its row locked; the whole of it. Raises NotFound."""
    if await ledger.lock_campaign(db, author.campaign_id) is None:
        raise NotFound(N_("There is no such campaign."))
    return await editing.campaign(db, author.campaign_id)


def slug_from(title: str, otherwise: str = "campaign") -> str:
    """An address made from a title: “Für Große!” is fur-grosse; `otherwise` without letters."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss").lower())
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_SLUG].strip("-") or otherwise


async def _free_slug(db: Connection, title: str) -> str:
    """The title's own address, with a number behind it where others have it already."""
    slug = slug_from(title)
    numbered = (f"{slug[: LONGEST_SLUG - 4]}-{number}" for number in range(2, 1000))
    for one in (slug, *numbered):
        if one not in NOT_A_CAMPAIGN and not await editing.is_taken(db, one, 0):
            return one
    return slug


def check_slug(slug: str, reserved: Collection[str]) -> None:
    """Raises Invalid for what can't be an address, or is one of our own."""
    if not _SLUG.fullmatch(slug) or slug in reserved:
        raise Invalid(
            N_("An address has small letters a–z, digits and hyphens, like field-recorder."),
            about="slug",
        )


async def _check_slug(db: Connection, slug: str, campaign_id: int) -> None:
    check_slug(slug, NOT_A_CAMPAIGN)
    if await editing.is_taken(db, slug, campaign_id):
        raise Invalid(TAKEN, about="slug")


async def _done(
    db: Connection,
    author: Author,
    row: Any,
    what: str,
    now: datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    await note(db, author.store_id, author.creator_id, what, now, row["title"], before, after)
    await tell(db, row["id"])


async def tell(db: Connection, campaign_id: int) -> None:
    """The page shows something else from here on."""
    version = await ledger.bump_version(db, campaign_id)
    await notices.campaign_moved(db, campaign_id, version)
