"""The demo's past: its store, its campaigns, and hundreds of pledges through the ledger."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from milepost.cli.demo_people import a_person
from milepost.cli.demo_texts import (
    ART,
    CAMPAIGNS,
    STORE_BRAND,
    STORE_NAME,
    STORE_SLUG,
    STORE_TAGLINE,
    DemoCampaign,
    DemoMilestone,
    Words,
)
from milepost.domain.audience import Audience
from milepost.domain.facts import Fact
from milepost.domain.lines import Line
from milepost.services.granting import fan_out, unfinished
from milepost.services.milestones import NewMilestone, NewReward, add_milestone
from milepost.services.preparing import (
    NewCampaign,
    NewProduct,
    NewStore,
    NewTier,
    create_campaign,
    create_product,
    create_store,
    create_tier,
)
from milepost.services.receiving import keep_events
from milepost.services.settling import settle_all
from milepost.storage import campaigns, pledges
from milepost.storage.database import Connection, Database, reading, unit
from milepost.storage.inbox import Arrival

OPEN_FOR, OPEN_SINCE = timedelta(days=31), timedelta(days=18)
STOPS_AT = {"field-recorder": 399, "night-atlas": 19_981_00}  # one pledge before a milestone
MAKER = "demo"


@dataclass(frozen=True, slots=True)
class PastPledge:
    """A pledge that the demo's crowd once made."""

    at: datetime
    lines: tuple[Line, ...]
    name: str
    email: str
    locale: str


async def seed_demo(database: Database, media: Path, now: datetime) -> int:
    """Make the demo unless its store is there; returns how many past pledges were made."""
    async with reading(database) as db:
        if await campaigns.brand_of(db, STORE_SLUG) is not None:
            return 0
    shutil.copytree(ART, media / "demo", dirs_exist_ok=True, ignore=_not_pictures)
    opened = now - OPEN_SINCE
    async with unit(database) as db:
        tagline = {"de": {"tagline": STORE_TAGLINE.de}}
        store = NewStore(
            STORE_SLUG, STORE_NAME, STORE_TAGLINE.en, STORE_BRAND, translations=tagline
        )
        store_id = await create_store(db, store, opened)
    return sum([await _seed_campaign(database, store_id, demo, now) for demo in CAMPAIGNS])


def _not_pictures(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".avif")]


async def _seed_campaign(
    database: Database, store_id: int, demo: DemoCampaign, now: datetime
) -> int:
    opened = now - OPEN_SINCE
    tiers: list[tuple[int, int | None]] = []
    async with unit(database) as db:
        campaign_id, _ = await create_campaign(db, store_id, _campaign(demo, now))
        for tier in demo.tiers:
            texts = {"title": tier.title.de, "text": tier.text.de}
            made = NewTier(
                tier.title.en,
                tier.price,
                tier.text.en,
                tier.units,
                tier.limit,
                translations={"de": texts},
            )
            tiers.append((await create_tier(db, campaign_id, made), tier.limit))
        rewards = [await _product(db, store_id, m) for m in demo.milestones]
    for number, (milestone, product_id) in enumerate(zip(demo.milestones, rewards, strict=True)):
        new = _milestone(milestone, product_id, f"{demo.slug}-{number}")
        await add_milestone(database, campaign_id, new, MAKER, opened)
    crowd = sorted(_crowd(demo, tiers, now), key=lambda p: p.at)
    for _, day in groupby(crowd, key=lambda p: p.at.date()):
        await _pledge(database, campaign_id, list(day), dict(tiers))
    return len(crowd)


def _campaign(demo: DemoCampaign, now: datetime) -> NewCampaign:
    zone = ZoneInfo(demo.zone)
    opens = (now - OPEN_SINCE).astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
    closes = (opens + OPEN_FOR).replace(hour=20, minute=0)
    german = {
        "title": demo.title.de,
        "blurb": demo.blurb.de,
        "story": demo.story.de,
        "image_alt": demo.hero_alt.de,
    }
    return NewCampaign(
        slug=demo.slug,
        title=demo.title.en,
        basis=demo.basis,
        currency=demo.currency,
        goal=demo.goal,
        opens_at=opens - timedelta(minutes=1),
        closes_at=closes,
        zone=demo.zone,
        funding_model=demo.funding_model,
        blurb=demo.blurb.en,
        story=demo.story.en,
        image=f"/media/demo/{demo.hero}-1600.avif",
        image_alt=demo.hero_alt.en,
        translations={"de": german},
    )


async def _product(db: Connection, store_id: int, milestone: DemoMilestone) -> int | None:
    if milestone.reward != "product":
        return None
    product = NewProduct(
        milestone.title.en,
        f"/media/demo/{milestone.image}-800.avif",
        milestone.alt.en,
        milestone.stock,
        {"de": {"title": milestone.title.de}},
    )
    return await create_product(db, store_id, product)


def _milestone(demo: DemoMilestone, product_id: int | None, seed: str) -> NewMilestone:
    exclusive = demo.exclusive or Words("", "")
    german = {
        "title": demo.title.de,
        "image_alt": demo.alt.de,
        "text_before": demo.text_before.de,
        "text_after": demo.text_after.de,
        "exclusive": exclusive.de,
    }
    reward = NewReward(
        title=demo.title.en,
        product_id=product_id,
        image=f"/media/demo/{demo.image}-800.avif",
        image_alt=demo.alt.en,
        text_before=demo.text_before.en,
        text_after=demo.text_after.en,
        exclusive=exclusive.en,
        code_kind=demo.code_kind or "none",
        shared_code="STARWHEEL-HALF" if demo.code_kind == "shared" else "",
        translations={"de": german},
    )
    codes = tuple(_codes(seed)) if demo.code_kind == "pool" else ()
    return NewMilestone(
        demo.target, reward, Audience(demo.audience), demo.reveal, demo.mystery, codes
    )


def _codes(seed: str) -> Iterator[str]:
    draw = random.Random(seed)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    seen = {"LARK-" + "".join(draw.choices(letters, k=6)) for _ in range(400)}
    yield from sorted(seen)


def _crowd(
    demo: DemoCampaign, tiers: list[tuple[int, int | None]], now: datetime
) -> Iterator[PastPledge]:
    """Pledges up to one pledge before the next milestone; dense at first, as launches are."""
    draw = random.Random(demo.slug)
    total, claimed, number = 0, dict.fromkeys(range(len(demo.tiers)), 0), 0
    goal = STOPS_AT[demo.slug]
    seconds = OPEN_SINCE.total_seconds() - 900
    while total < goal:
        lines = _lines(demo, tiers, claimed, draw)
        worth = sum(x.units if demo.basis == "units" else x.amount for x in lines)
        rest = goal - total
        if worth > rest:
            if demo.basis == "units":
                first = demo.tiers[1]
                lines = (Line("tier", first.title.en, rest, first.price, rest, tiers[1][0]),)
            else:
                lines = (Line("own_amount", "", 1, rest),)
            worth = rest
        total += worth
        number += 1
        name, email = a_person(draw, number)
        at = now - OPEN_SINCE + timedelta(seconds=60 + seconds * draw.random() ** 1.4)
        yield PastPledge(at, lines, name, email, "de" if draw.random() < 0.2 else "en")


def _lines(
    demo: DemoCampaign,
    tiers: list[tuple[int, int | None]],
    claimed: dict[int, int],
    draw: random.Random,
) -> tuple[Line, ...]:
    if draw.random() < 0.06:
        return (Line("own_amount", "", 1, draw.choice((500, 1000, 1500, 2500, 5000))),)
    weights = [40, 45, 12, 3, 2, 1][: len(tiers)]
    while True:
        (choice,) = draw.choices(range(len(tiers)), weights)
        limit = tiers[choice][1]
        if limit is None or claimed[choice] < (limit if choice == 0 else limit - 3):
            break
    claimed[choice] += 1
    tier = demo.tiers[choice]
    line = Line("tier", tier.title.en, 1, tier.price, tier.units, tiers[choice][0])
    if draw.random() < 0.12:
        return line, Line("bonus", "", 1, draw.choice((300, 500, 700, 1000, 2000)))
    return (line,)


async def _pledge(
    database: Database, campaign_id: int, day: list[PastPledge], limits: dict[int, int | None]
) -> None:
    """One day's pledges, settled as their payments would have been."""
    arrivals = []
    async with unit(database) as db:
        for past in day:
            tier_id = past.lines[0].tier_id
            limited = tier_id is not None and limits[tier_id] is not None
            if tier_id is not None and limited:
                await pledges.claim_slots(db, tier_id, past.lines[0].quantity)
            pledge_id = await pledges.add(
                db,
                key=random.Random(f"{campaign_id}{past.email}").randbytes(16).hex(),
                campaign_id=campaign_id,
                locale=past.locale,
                lines=past.lines,
                late=False,
                claiming=limited,
                now=past.at,
                expires_at=past.at + timedelta(minutes=31),
            )
            detail = {"email": past.email, "name": past.name, "locale": past.locale}
            money = sum(line.amount for line in past.lines)
            fact = Fact("paid", pledge_id, amount=money, payment="", detail=detail)
            name = f"demo_{campaign_id}_{pledge_id}"
            arrivals.append(Arrival(name, "milepost.demo", past.at, "{}", fact, campaign_id))
    last = day[-1].at
    await keep_events(database, arrivals, last)
    await settle_all(database, lambda: last)
    async with reading(database) as db:
        reached = await unfinished(db)
    for milestone_id in reached:
        await fan_out(database, milestone_id)
