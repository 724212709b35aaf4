"""Preparing: a store, its products, a campaign with its tiers, before anyone can pledge."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.campaigns import FundingModel, instant
from milepost.domain.errors import Invalid
from milepost.domain.lines import TierKind
from milepost.domain.messages import N_
from milepost.domain.shipping import COUNTRIES, Fee
from milepost.domain.tracks import Basis
from milepost.services.promising import begin
from milepost.storage import campaigns, tiers
from milepost.storage.database import Connection

Translations = dict[str, dict[str, str]]  # locale → column → text


NOT_A_STORE = frozenset({"account", "sign-in", "sign-out", "invitations"})


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store, with its brand colour as hex."""

    slug: str
    name: str
    tagline: str = ""
    brand: str = "#2f6f5e"
    locale: str = "en"
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product; `stock` None never runs out."""

    title: str
    image: str = ""
    image_alt: str = ""
    stock: int | None = None
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign; times are local to `zone` (P7), `goal` is in its basis.

    `tax` has Stripe Tax reckon the tax at the payment (B17); nothing is shipped to
    `excluded_countries` (ISO 3166-1 alpha-2), whatever the zones say.
    """

    slug: str
    title: str
    basis: Basis
    currency: str
    goal: int
    opens_at: datetime
    closes_at: datetime
    zone: str = "Etc/UTC"
    funding_model: FundingModel = "keep_it_all"
    blurb: str = ""
    story: str = ""
    image: str = ""
    image_alt: str = ""
    late_pledges: bool = False
    published: bool = True
    review_limit: int | None = None
    tax: bool = False
    excluded_countries: tuple[str, ...] = ()
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewTier:
    """A tier, or an add-on beside one, at `price` minor units (B1, B2).

    It is worth `units` on a unit campaign's meter; `slots` limit it for all, `most` in one pledge.
    What `ships` needs an address, and a fee in each zone that it goes to.
    """

    title: str
    price: int
    text: str = ""
    units: int = 1
    slots: int | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    kind: TierKind = "tier"
    most: int | None = None
    ships: bool = False
    translations: Translations = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NewZone:
    """A shipping zone: its countries (ISO 3166-1 alpha-2; none: everywhere else), fees by tier."""

    title: str
    countries: tuple[str, ...] = ()
    fees: Mapping[int, Fee] = field(default_factory=dict)


async def create_store(db: Connection, store: NewStore, now: datetime) -> int:
    """Make the store; returns its id. Raises Invalid for a slug that the studio's pages use."""
    if store.slug in NOT_A_STORE:
        raise Invalid(
            N_("“%(slug)s” is an address of the studio. Choose another one for the store."),
            about="slug",
            slug=store.slug,
        )
    return await campaigns.add_store(db, now=now, **_columns(store))


async def create_product(db: Connection, store_id: int, product: NewProduct) -> int:
    """Make the product; returns its id."""
    return await campaigns.add_product(db, store_id=store_id, **_columns(product))


async def create_campaign(
    db: Connection,
    store_id: int,
    campaign: NewCampaign,
    now: datetime | None = None,
    by: str = "",
) -> tuple[int, int]:
    """Make the campaign and its track; returns both ids. Raises Invalid for times out of order.

    A published one promises its goal and its deadline from `now` on, or else with its next change.
    """
    opens_at = instant(campaign.opens_at, campaign.zone)
    closes_at = instant(campaign.closes_at, campaign.zone)
    if opens_at >= closes_at:
        raise Invalid(
            N_("A campaign must open before it closes. Choose a later deadline."), about="closes_at"
        )
    _check_countries(campaign.excluded_countries, "excluded_countries")
    columns = _columns(campaign) | {"opens_at": opens_at, "closes_at": closes_at}
    campaign_id, track_id = await campaigns.add_campaign(db, store_id, **columns)
    if now is not None:
        await begin(db, campaign_id, by, now)
    return campaign_id, track_id


async def create_tier(db: Connection, campaign_id: int, tier: NewTier) -> int:
    """Make the tier, last in its campaign's list; returns its id."""
    return await campaigns.add_tier(db, campaign_id=campaign_id, **_columns(tier))


async def create_zone(db: Connection, campaign_id: int, zone: NewZone) -> int:
    """Make the zone with its fees, last in its campaign's list; returns its id.

    Raises Invalid for a country that nobody knows.
    """
    _check_countries(zone.countries, "countries")
    return await tiers.add_zone(db, campaign_id, zone.title, zone.countries, zone.fees)


def _check_countries(codes: Iterable[str], about: str) -> None:
    for code in codes:
        if code not in COUNTRIES:
            raise Invalid(
                N_("“%(typed)s” is not a country that we know. Choose one from the list."),
                about=about,
                typed=code[:40],
            )


def _columns(thing: Any) -> dict[str, Any]:
    return asdict(thing)
