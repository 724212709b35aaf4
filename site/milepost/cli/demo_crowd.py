"""The demo's store and campaigns, and hundreds of past pledges through the ledger."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from milepost.cli.demo_loyalty import open_programs
from milepost.cli.demo_past import OPEN_SINCE, PastPledge, Stall, crowd
from milepost.cli.demo_people import COUNTRIES, STREETS, TOWNS
from milepost.cli.demo_shop import open_shop
from milepost.cli.demo_subscriber import House, subscribe_somebody
from milepost.cli.demo_talk import Room, talk
from milepost.cli.demo_texts import (
    ART,
    CAMPAIGNS,
    OWNER,
    OWNER_NAME,
    STORE_BRAND,
    STORE_NAME,
    STORE_SLUG,
    STORE_TAGLINE,
    DemoCampaign,
    DemoMilestone,
    DemoTier,
    Words,
)
from milepost.cli.demo_visits import origin_of, visit
from milepost.domain.audience import Audience
from milepost.domain.facts import Fact
from milepost.domain.lines import Tier, TierKind
from milepost.domain.roles import Role
from milepost.domain.shipping import Fee
from milepost.services.author import Author
from milepost.services.choosing import claim_all
from milepost.services.granting import fan_out, unfinished
from milepost.services.milestones import NewMilestone, NewReward, add_milestone, move_target
from milepost.services.moving import move_deadline, move_goal
from milepost.services.owning import join
from milepost.services.posting import tell_nobody_of_the_past
from milepost.services.preparing import (
    NewCampaign,
    NewProduct,
    NewStore,
    NewTier,
    NewZone,
    create_campaign,
    create_product,
    create_store,
    create_tier,
    create_zone,
)
from milepost.services.receiving import keep_events
from milepost.services.settling import settle_all
from milepost.storage import addresses, campaigns, creators, pledges, tiers
from milepost.storage.database import Connection, Database, reading, unit
from milepost.storage.inbox import Arrival

OPEN_FOR = timedelta(days=31)
FIRST_MORNING = timedelta(hours=9)
MAKER = "demo"


async def seed_demo(
    database: Database, media: Path, now: datetime, house: House | None = None
) -> int:
    """Make the demo unless its store is there; returns how many past pledges were made.

    Somebody has subscribed where there is a `house` to pay at.
    """
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
        owner_id = await creators.add(db, OWNER, OWNER_NAME, "en", opened)
        await join(db, store_id, owner_id, OWNER, Role.OWNER, opened)
    owner = Author(owner_id, OWNER, store_id, 0)
    sunrise = await open_shop(database, owner, opened)
    await open_programs(database, owner, opened)
    if house is not None:
        await subscribe_somebody(database, house, store_id, sunrise, opened + FIRST_MORNING, now)
    rooms = [await _seed_campaign(database, owner, demo, now) for demo in CAMPAIGNS]
    await talk(database, rooms, now)
    await tell_nobody_of_the_past(database, now)
    return sum(len(room.past) for room in rooms)


def _not_pictures(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".avif")]


async def _seed_campaign(
    database: Database, owner: Author, demo: DemoCampaign, now: datetime
) -> Room:
    opened, store_id = now - OPEN_SINCE, owner.store_id
    async with unit(database) as db:
        campaign_id, _ = await create_campaign(db, store_id, _campaign(demo, now), opened, MAKER)
        stall = await _stall(db, campaign_id, demo, opened)
        rewards = [await _product(db, store_id, m) for m in demo.milestones]
    for number, (milestone, product_id) in enumerate(zip(demo.milestones, rewards, strict=True)):
        if number == len(demo.milestones) - 1:  # it comes nearer later
            milestone = replace(milestone, target=milestone.target * 11 // 10)
        new = _milestone(milestone, product_id, f"{demo.slug}-{number}")
        last = await add_milestone(database, campaign_id, new, MAKER, opened)
    past = sorted(crowd(stall, now), key=lambda p: p.at)
    days = [list(day) for _, day in groupby(past, key=lambda p: p.at.date())]
    for number, day in enumerate(days):
        await visit(database, campaign_id, day)
        await _pledge(database, campaign_id, day)
        await _think_again(database, campaign_id, last, demo, number, day[-1].at, now)
    async with unit(database) as db:
        await addresses.type_many(db, campaign_id, STREETS, TOWNS, COUNTRIES)
    return Room(demo.slug, replace(owner, campaign_id=campaign_id), past)


async def _think_again(
    database: Database,
    campaign_id: int,
    last: int,
    demo: DemoCampaign,
    number: int,
    at: datetime,
    now: datetime,
) -> None:
    """What the makers changed on the evening of a day: each change is a promise of its own."""
    if number == 2:
        await move_deadline(database, campaign_id, _closes(demo, now), MAKER, at)
    elif number == 5:
        await move_goal(database, campaign_id, demo.goal, MAKER, at)
    elif number == 9:
        await move_target(database, last, demo.milestones[-1].target, MAKER, at)


async def _stall(db: Connection, campaign_id: int, demo: DemoCampaign, opened: datetime) -> Stall:
    """The tiers, the add-ons, and where they are sent to."""
    made = {
        await create_tier(db, campaign_id, _tier(one, "tier", opened)): one for one in demo.tiers
    } | {
        await create_tier(db, campaign_id, _tier(one, "addon", opened)): one for one in demo.addons
    }
    for place, zone in enumerate(demo.zones):
        fees = {tier_id: one.fees[place] for tier_id, one in made.items() if one.fees}
        sent = {tier_id: Fee(*fee) for tier_id, fee in fees.items() if fee is not None}
        await create_zone(db, campaign_id, NewZone(zone.title, tuple(zone.countries.split()), sent))
    known = [Tier(**row) for row in await tiers.chosen(db, campaign_id, made)]
    return Stall(
        demo,
        [tier for tier in known if tier.kind == "tier"],
        [tier for tier in known if tier.kind == "addon"],
        await tiers.zones_of(db, campaign_id),
    )


def _tier(one: DemoTier, kind: TierKind, opened: datetime) -> NewTier:
    evening = opened.replace(hour=19, minute=0, second=0, microsecond=0)
    return NewTier(
        one.title.en,
        one.price,
        one.text.en,
        one.units,
        one.limit,
        opens_at=evening + one.opens if one.opens else None,
        closes_at=evening + one.closes if one.closes else None,
        kind=kind,
        most=one.most,
        ships=bool(one.fees),
        translations={"de": {"title": one.title.de, "text": one.text.de}},
    )


def _opens(demo: DemoCampaign, now: datetime) -> datetime:
    local = (now - OPEN_SINCE).astimezone(ZoneInfo(demo.zone))
    return local.replace(tzinfo=None, second=0, microsecond=0)


def _closes(demo: DemoCampaign, now: datetime) -> datetime:
    return (_opens(demo, now) + OPEN_FOR).replace(hour=20, minute=0)


def _campaign(demo: DemoCampaign, now: datetime) -> NewCampaign:
    """The campaign as it began: higher and shorter than it stands today."""
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
        goal=demo.goal * 11 // 10,
        opens_at=_opens(demo, now) - timedelta(minutes=1),
        closes_at=_closes(demo, now) - timedelta(days=3),
        zone=demo.zone,
        funding_model=demo.funding_model,
        blurb=demo.blurb.en,
        story=demo.story.en,
        image=f"/media/demo/{demo.hero}-1600.avif",
        image_alt=demo.hero_alt.en,
        excluded_countries=demo.excluded,
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


async def _pledge(database: Database, campaign_id: int, day: list[PastPledge]) -> None:
    """One day's pledges, settled as their payments would have been."""
    arrivals = []
    async with unit(database) as db:
        for past in day:
            await claim_all(db, past.claims)
            pledge_id = await pledges.add(
                db,
                key=random.Random(f"{campaign_id}{past.email}").randbytes(16).hex(),
                campaign_id=campaign_id,
                locale=past.locale,
                lines=past.lines,
                late=False,
                claiming=bool(past.claims),
                country=past.country,
                now=past.at,
                expires_at=past.at + timedelta(minutes=31),
                origin=origin_of(past),
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
