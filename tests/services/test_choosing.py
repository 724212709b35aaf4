"""A choice is checked and priced without claiming; slots are claimed all together or not (P3)."""

from typing import Any

import pytest

from milepost.domain.errors import Conflict, Invalid, SoldOut
from milepost.domain.lines import Line
from milepost.domain.shipping import Fee
from milepost.services.choosing import Choice, Chosen, choose_lines, claim_all
from milepost.services.preparing import NewZone, create_zone
from milepost.storage import pledges
from milepost.storage.database import reading, unit
from tests.world import NOON, World


async def choose(
    world: World, choice: Choice, holding: dict[int, int] | None = None, slug: str = "atlas"
) -> Chosen:
    async with reading(world.database) as db:
        campaign = await pledges.campaign_to_pledge(db, slug)
        return await choose_lines(db, campaign, choice, NOON, holding=holding)


async def claimed(world: World) -> dict[str, int]:
    rows = await world.rows("select title, claimed from tiers where slots is not null")
    return {row["title"]: row["claimed"] for row in rows}


@pytest.fixture
async def shop(world: World) -> dict[str, int]:
    """Three books, of which somebody has two; one print; as many lamps as anybody wants."""
    campaign_id = await world.campaign(slug="atlas", basis="money", currency="KWD", goal=10_000)
    addon: dict[str, Any] = {"kind": "addon", "units": 0}
    made = {
        "book": await world.tier(campaign_id, title="Book", price=4500, slots=3, ships=True),
        "print": await world.tier(campaign_id, title="Print", price=2000, slots=1, **addon),
        "lamp": await world.tier(campaign_id, title="Lamp", price=905, most=2, **addon),
    }
    async with unit(world.database) as db:
        await create_zone(db, campaign_id, NewZone("All", (), {made["book"]: Fee(1005, 300)}))
        await claim_all(db, {made["book"]: 2})
    return made


async def test_choosing_claims_nothing_and_says_what_there_is_to_claim(
    world: World, shop: dict[str, int]
) -> None:
    addons = {str(shop["print"]): "1", str(shop["lamp"]): "2"}
    choice = Choice(tier=str(shop["book"]), quantity="1", bonus="0,5", addons=addons)
    chosen = await choose(world, choice)
    assert chosen.lines == [
        Line("tier", "Book", 1, 4500, 1, shop["book"]),
        Line("addon", "Print", 1, 2000, 0, shop["print"]),
        Line("addon", "Lamp", 2, 905, 0, shop["lamp"]),
        Line("bonus", "", 1, 500),
        Line("shipping", "All", 1, 1005),
    ]
    assert chosen.claims == {shop["book"]: 1, shop["print"]: 1}
    assert (chosen.country, chosen.late) == (None, False)
    assert await claimed(world) == {"Book": 2, "Print": 0}


async def test_slots_that_the_backer_holds_count_as_free_for_them(
    world: World, shop: dict[str, int]
) -> None:
    choice = Choice(tier=str(shop["book"]), quantity="3", country="JP")
    with pytest.raises(SoldOut):
        await choose(world, choice)
    chosen = await choose(world, choice, {shop["book"]: 2})
    assert (chosen.claims, chosen.country) == ({shop["book"]: 3}, "JP")
    with pytest.raises(SoldOut):
        await choose(world, Choice(tier=str(shop["book"]), quantity="4"), {shop["book"]: 2})


async def test_a_pledge_that_is_changed_keeps_its_prices(
    world: World, shop: dict[str, int]
) -> None:
    """M3."""
    addons = {str(shop["lamp"]): "1"}
    async with reading(world.database) as db:
        campaign = await pledges.campaign_to_pledge(db, "atlas")
        choice = Choice(tier=str(shop["book"]), addons=addons)
        chosen = await choose_lines(db, campaign, choice, NOON, prices={shop["book"]: 3900})
    assert [line.unit_price for line in chosen.lines] == [3900, 905, 1005]


async def test_claims_are_made_all_together_or_not_at_all(
    world: World, shop: dict[str, int]
) -> None:
    with pytest.raises(SoldOut) as refused:
        async with unit(world.database) as db:
            await claim_all(db, {shop["book"]: 1, shop["print"]: 2, shop["lamp"]: 9})
    assert "“Print”" in str(refused.value)
    assert refused.value.about == f"addon-{shop['print']}"
    assert await claimed(world) == {"Book": 2, "Print": 0}
    async with unit(world.database) as db:
        await claim_all(db, {shop["book"]: 1, shop["print"]: 1})
    assert await claimed(world) == {"Book": 3, "Print": 1}


async def test_the_sum_that_was_shown_has_its_shipping_in_it(
    world: World, shop: dict[str, int]
) -> None:
    """P9."""
    own = Choice(tier=str(shop["book"]), shown_total="5505")
    assert await choose(world, own)
    with pytest.raises(Conflict):
        await choose(world, Choice(tier=str(shop["book"]), shown_total="4500"))


async def test_a_zone_of_a_country_that_nobody_knows_is_refused(world: World) -> None:
    campaign_id = await world.campaign()
    async with unit(world.database) as db:
        with pytest.raises(Invalid):
            await create_zone(db, campaign_id, NewZone("Nowhere", ("XX",)))
    with pytest.raises(Invalid):
        await world.campaign(excluded_countries=("Austria",))
