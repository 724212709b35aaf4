"""`/api/v1/campaigns`: campaigns as their creators have set them, edited, and what came of them."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict, Field

from milepost.domain.errors import Conflict, NotFound
from milepost.domain.money import check_currency
from milepost.domain.scopes import EDIT_CAMPAIGNS, SEE_CAMPAIGNS
from milepost.services.arranging import Page as Texts
from milepost.services.arranging import Terms, save_language, save_page, save_terms
from milepost.storage import api_campaigns, editing, ledger
from milepost.storage.database import Connection, reading, unit
from milepost.web.api.etags import IfMatch, etag_of, expect
from milepost.web.api.fields import Amount, Flag, Page, Paging, Sent, Slug, When, known_of, unsent
from milepost.web.api.gate import Call, may
from milepost.web.api.operations import operations
from milepost.web.api.parts import (
    NO_CAMPAIGN,
    Address,
    Alt,
    Blurb,
    Currency,
    Locale,
    Picture,
    Short,
    State,
    Story,
    Title,
    Translations,
    Zone,
    author_at,
    campaign_of,
    check_alt,
    check_locales,
    clean,
    picture_sent,
    pictured,
    state_of,
    texts_of,
)

router = operations("Campaigns")
Seeing = Annotated[Call, may(SEE_CAMPAIGNS)]
Editing = Annotated[Call, may(EDIT_CAMPAIGNS)]
Basis = Literal["units", "money"]
FundingModel = Literal["keep_it_all", "all_or_nothing"]
STANDS = "The campaign is published, so this stands as it is."
# What is a part of which of the editor's forms; of a published campaign the last ones stand.
TEXTS = ("title", "slug", "blurb", "story", "image", "image_alt")
STAND = ("basis", "currency", "funding_model", "zone", "opens_at")
TERMS = ("goal", "closes_at", "late_pledges", "review_limit", "last_day_guard", "tax", *STAND)


class Campaign(BaseModel):
    """A campaign: what was set, not what came of it (`…/totals`)."""

    slug: str
    url: str = Field(description="Its public page.")
    title: str
    blurb: str
    story: str = Field(description="Markdown.")
    image: str | None
    image_alt: str
    translations: Translations = Field(
        description="By language: `title`, `blurb`, `story` and `image_alt`, where they are there."
    )
    state: State
    basis: Basis
    currency: str
    goal: int = Field(description="In the basis: units, or minor units of the currency.")
    funding_model: FundingModel
    zone: str = Field(description="The IANA time zone in which its days are counted.")
    opens_at: datetime
    closes_at: datetime
    late_pledges: bool
    review_limit: int | None = Field(description="Minor units; pledges above it are held.")
    last_day_guard: bool = Field(
        description="In the last 24 hours nobody may cancel what would sink a funded campaign."
    )
    tax: bool = Field(description="Tax is reckoned at the payment.")
    published: bool
    outcome: Literal["funded", "failed"] | None = Field(description="Once it has closed.")


class CampaignTexts(Sent):
    """A campaign's texts in another language; an empty one falls back to the original."""

    title: Short = unsent()
    blurb: Blurb = unsent()
    story: Story = unsent()
    image_alt: Alt = unsent()


class CampaignEdit(Sent):
    """What is to be changed; what is not sent stays.

    Of a published campaign the goal may come down and the deadline move later (before anybody has
    pledged, both ways) until it closes; its address, basis, currency, funding model, zone and
    opening stand.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"blurb": "A recorder that hears what you hear."}]}
    )

    title: Title = unsent()
    slug: Address = unsent("Stands once the page is public.")
    blurb: Blurb = unsent()
    story: Story = unsent("Markdown.")
    image: Picture | None = unsent("The address of a picture that the store has uploaded.")
    image_alt: Alt = unsent()
    translations: dict[Locale, CampaignTexts] = unsent("By language; those not sent stay.")
    basis: Basis = unsent()
    currency: Currency = unsent()
    goal: Annotated[int, Field(strict=True, ge=1, lt=2**53)] = unsent(
        "In the basis: units, or minor units of the currency."
    )
    funding_model: FundingModel = unsent()
    zone: Zone = unsent("An IANA time zone.")
    opens_at: When = unsent()
    closes_at: When = unsent()
    late_pledges: Flag = unsent()
    review_limit: Amount | None = unsent("Minor units; pledges above it are held.")
    last_day_guard: Flag = unsent()
    tax: Flag = unsent()


class CampaignTotals(BaseModel):
    """What came of a campaign so far. `version` grows with each change that its page shows."""

    state: State
    outcome: Literal["funded", "failed"] | None
    basis: Basis
    currency: str
    goal: int
    total: int = Field(description="The meter: units, or minor units, as the basis says.")
    units: int
    raised: int = Field(description="Minor units of goods, without shipping and tax.")
    backers: int
    seq: int = Field(description="The last entry of its ledger.")
    version: int


@router.get("/campaigns")
async def list_campaigns(
    call: Seeing, paging: Annotated[Paging, Query()], published: bool | None = None
) -> Page[Campaign]:
    """The store’s campaigns, oldest first."""
    (after,) = paging.place()
    async with reading(call.database) as db:
        rows = await api_campaigns.campaigns(db, call.store_id, published, after, paging.limit + 1)
    return paging.page(rows, [told(row, call) for row in rows], "id")


@router.get("/campaigns/{slug}")
async def get_campaign(call: Seeing, slug: Slug, response: Response) -> Campaign:
    """One campaign, with its `ETag`."""
    async with reading(call.database) as db:
        found = await _found(db, call, slug)
    response.headers["etag"] = etag_of(found)
    return found


@router.get("/campaigns/{slug}/totals")
async def get_campaign_totals(call: Seeing, slug: Slug) -> CampaignTotals:
    """Where a campaign stands: its meter, its backers, its version."""
    async with reading(call.database) as db:
        row = await campaign_of(db, call, slug)
    known = known_of(row, CampaignTotals)
    return CampaignTotals(**known | {"state": state_of(row, call.now), "raised": row["money"]})


@router.patch("/campaigns/{slug}")
async def edit_campaign(
    call: Editing, slug: Slug, sent: CampaignEdit, response: Response, if_match: IfMatch = None
) -> Campaign:
    """Change a campaign’s texts, and of its terms what may still change.

    A goal or a deadline that moves is a promise that changes: it is kept, and its page can show it.
    """
    async with unit(call.database) as db:
        campaign_id = (await campaign_of(db, call, slug))["id"]
        await ledger.lock_campaign(db, campaign_id)
        expect(if_match, await _found(db, call, slug))
        row = await editing.campaign(db, campaign_id)
        wanted = {name: getattr(sent, name) for name in sent.model_fields_set}
        await _save_texts(db, call, row, wanted)
        await _save_terms(call, row, wanted)
        await _save_languages(call, row, wanted.get("translations", {}))
        edited = await _found(db, call, wanted.get("slug", slug))
    response.headers["etag"] = etag_of(edited)
    return edited


async def _found(db: Connection, call: Call, slug: str) -> Campaign:
    row = await api_campaigns.campaign(db, call.store_id, slug)
    if row is None:
        raise NotFound(NO_CAMPAIGN)
    return told(row, call)


def told(row: Any, call: Call) -> Campaign:
    """A campaign as it is told."""
    known = known_of(row, Campaign)
    own = {
        "url": f"{call.site.settings.base_url}/c/{row['slug']}",
        "image": pictured(call, row["image"]),
        "state": state_of(row, call.now),
        "translations": texts_of(row["translations"]),
    }
    return Campaign(**known | own)


async def _save_texts(db: Connection, call: Call, row: Any, wanted: dict[str, Any]) -> None:
    sent = {name: wanted[name] for name in TEXTS if name in wanted}
    if not sent:
        return
    for name in ("title", "blurb", "image_alt"):
        if name in sent:
            sent[name] = clean(sent[name])
    if "story" in sent:
        sent["story"] = sent["story"].replace("\r\n", "\n").strip()
    if "image" in sent:
        sent["image"] = await picture_sent(db, call, sent["image"], row["image"])
    present = {name: row[name] for name in TEXTS}
    texts = present | sent
    if not texts["image"]:
        texts["image_alt"] = ""
    if {"image", "image_alt"} & sent.keys():
        check_alt(texts["image"], texts["image_alt"])
    if texts != present:
        await save_page(call.database, author_at(call, row["id"]), None, Texts(**texts), call.now)


async def _save_terms(call: Call, row: Any, wanted: dict[str, Any]) -> None:
    """Raises Conflict for what a published campaign has promised."""
    sent = {name: wanted[name] for name in TERMS if name in wanted}
    for name in ("opens_at", "closes_at"):
        if name in sent:
            sent[name] = sent[name].replace(microsecond=0)
    changed = {name: value for name, value in sent.items() if row[name] != value}
    if not changed:
        return
    stands = [name for name in STAND if name in changed] if row["published"] else []
    if stands:
        raise Conflict(STANDS, about=stands[0])
    if "currency" in changed:
        check_currency(changed["currency"], "currency")
    if "review_limit" in changed:
        changed["review_limit"] = changed["review_limit"] or None
    terms = Terms(**{name: row[name] for name in TERMS} | changed)
    await save_terms(call.database, author_at(call, row["id"]), None, terms, call.now)


async def _save_languages(call: Call, row: Any, wanted: dict[str, CampaignTexts]) -> None:
    check_locales(wanted, row["store_locale"])
    for locale, texts in wanted.items():
        said = texts.model_dump(exclude_unset=True)
        said = {name: t.strip() if name == "story" else clean(t) for name, t in said.items()}
        author = author_at(call, row["id"])
        await save_language(call.database, author, locale, None, said, {}, call.now)
