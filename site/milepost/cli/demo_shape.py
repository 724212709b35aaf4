"""The shape of the demo's texts: plain data in both of its languages."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

ART = Path(__file__).parent / "demo_art"


@dataclass(frozen=True, slots=True)
class Words:
    """One text in both of the demo's languages."""

    en: str
    de: str


@dataclass(frozen=True, slots=True)
class DemoZone:
    """A shipping zone; without countries it is everywhere else."""

    title: str
    countries: str = ""


@dataclass(frozen=True, slots=True)
class DemoTier:
    """A reward to pledge for; `price` in minor units, `limit` None for as many as come.

    `fees` are the first and the further piece's in each of the campaign's zones, None where it is
    not sent to; without any it needs no shipping. `opens` and `closes` count from the campaign's
    opening; `weight` is how likely the crowd chose it.
    """

    title: Words
    text: Words
    price: int
    units: int = 1
    limit: int | None = None
    most: int | None = None
    fees: tuple[tuple[int, int] | None, ...] = ()
    opens: timedelta | None = None
    closes: timedelta | None = None
    weight: int = 1


@dataclass(frozen=True, slots=True)
class DemoMilestone:
    """A milestone and its reward; `target` in the campaign's basis, `stock` of a product.

    `image` is the name of a picture in `ART`, which comes as `{image}-1600.avif` and `-800.avif`,
    both 4 : 3.
    """

    target: int
    reward: Literal["product", "reveal"]
    audience: Literal["all_backers", "new_backers"]
    title: Words
    text_before: Words
    text_after: Words
    image: str
    alt: Words
    exclusive: Words | None = None
    code_kind: Literal["shared", "pool"] | None = None
    mystery: bool = False
    reveal: Literal["automatic", "manual"] = "automatic"
    stock: int | None = None


@dataclass(frozen=True, slots=True)
class DemoCampaign:
    """A campaign with its five milestones; `goal` in the basis, `story` in Markdown."""

    slug: str
    title: Words
    blurb: Words
    story: Words
    basis: Literal["units", "money"]
    currency: str
    goal: int
    funding_model: Literal["keep_it_all", "all_or_nothing"]
    zone: str
    hero: str
    hero_alt: Words
    tiers: tuple[DemoTier, ...]
    addons: tuple[DemoTier, ...]
    zones: tuple[DemoZone, ...]
    excluded: tuple[str, ...]
    milestones: tuple[DemoMilestone, ...]
