"""The demo's shop: its shelves, how orders travel, a code, and the milestones of the cart."""

from datetime import datetime

from milepost.cli.demo_shape import Words
from milepost.cli.demo_shelf import CELLS, LISTINGS, SHELVES, SUNRISE, DemoListing, DemoVariant
from milepost.domain.cart_plans import Rule, TierPlan
from milepost.services.author import Author
from milepost.services.cart_campaigns import make_campaign, save_rule, turn_on
from milepost.services.collecting import add_collection, save_currencies, save_zone
from milepost.services.discounting import CodeTerms, make_code
from milepost.services.offering import NewVariant, add_variant
from milepost.services.preparing import NewProduct
from milepost.services.routing import Route, save_option
from milepost.services.selling import NewListing, add_listing, publish_listing
from milepost.storage import listings
from milepost.storage.database import Database, reading

STANDARD = Words("By post, 4 to 6 days", "Mit der Post, 4 bis 6 Tage")
TRACKED = Words("Tracked, 2 to 3 days", "Mit Sendungsnummer, 2 bis 3 Tage")


async def open_shop(database: Database, owner: Author, now: datetime) -> int:
    """Fill the shelves, and let the cart's bar promise 10 %, then the shipping, then the cells.

    The id of the listing that is sold by subscription.
    """
    await save_currencies(database, owner, ("USD", "EUR"), (), now)
    await save_zone(database, owner, "Europe/Berlin", now)
    shelves = [
        await add_collection(database, owner, one.en, {"de": {"title": one.de}}, now)
        for one in SHELVES
    ]
    made = {
        listing.title.en: await _listing(database, owner, listing, shelves, now)
        for listing in LISTINGS
    }
    for title, dollars, euros in ((STANDARD, 600, 550), (TRACKED, 1200, 1100)):
        route = Route(title.en, (), {"USD": dollars, "EUR": euros}, {"de": {"title": title.de}})
        await save_option(database, owner.store_id, None, route, owner.creator_id, now)
    ten = CodeTerms("percent", percent=1000)
    await make_code(database, owner.store_id, "WALK10", ten, owner.creator_id, now)
    async with reading(database) as db:
        (cells,) = await listings.variants(db, made[CELLS.title.en])
    await _milestones(database, owner, cells["id"], now)
    return made[SUNRISE.title.en]


async def _listing(
    database: Database, owner: Author, one: DemoListing, shelves: list[int], now: datetime
) -> int:
    page = NewListing(
        one.title.en,
        text=one.text.en,
        is_gift_card=one.is_gift_card,
        collections=(shelves[one.shelf],),
        translations={"de": {"title": one.title.de, "text": one.text.de}},
    )
    first, *others = [_variant(one, variant) for variant in one.variants]
    made = await add_listing(database, owner, page, first, now)
    for variant in others:
        await add_variant(database, owner, made, variant, now)
    await publish_listing(database, owner, made, now)
    return made


def _variant(listing: DemoListing, one: DemoVariant) -> NewVariant:
    product = NewProduct(
        listing.title.en,
        f"/media/demo/{one.image}-1600.avif",
        one.alt.en,
        one.stock,
        {"de": {"title": listing.title.de, "label": one.label.de, "image_alt": one.alt.de}},
    )
    prices = {"USD": one.dollars, "EUR": one.euros}
    return NewVariant(product, one.label.en, prices, listing.ships, one.every)


async def _milestones(database: Database, owner: Author, gift: int, now: datetime) -> None:
    tiers = (
        TierPlan("t0", "percent", {"USD": 4000, "EUR": 3800}, percent=1000),
        TierPlan("t1", "shipping", {"USD": 6000, "EUR": 5700}),
        TierPlan("t2", "gift", {"USD": 8000, "EUR": 7600}, product_id=gift),
    )
    made = await make_campaign(database, owner, "Fill the rucksack", "value", now)
    await save_rule(database, owner, made, 0, Rule("Fill the rucksack", tiers=tiers), now)
    await turn_on(database, owner, made, now)
