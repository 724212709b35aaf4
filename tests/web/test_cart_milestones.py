"""A milestone campaign is drawn up in the studio: rule, activation, who may (S25, S36–S40)."""

import asyncio
from typing import Any

import pytest

from milepost.services.author import Author
from milepost.services.cart_campaigns import make_campaign, turn_on
from milepost.storage.database import open_database, reading
from tests.shop import listing, sells_in
from tests.web.client import Reader
from tests.web.serving import Served
from tests.web.studio import address, enter, log_of, send, staff
from tests.world import World

HOME = "/studio/larkfield/cart-milestones"
RULE = {
    "name": "Spring",
    "trigger": "value",
    "adds_up": "all",
    "after_codes": "before",
    "base": "0",
}
PERCENT = {"t0": "new", "t0-kind": "percent", "t0-percent": "7,5", "t0-target-USD": "40"}
SHIPPING = {"t1": "new", "t1-kind": "shipping", "t1-target-USD": "60"}


async def author(world: World, who: str = "Alice") -> Author:
    row = await world.row("select id from creators where email = $1", address(who))
    return Author(row["id"], address(who), world.store_id, 0)


async def begun(world: World, served: Served, name: str = "Spring", trigger: str = "value") -> int:
    """Alice has begun a draft; its id."""
    answer = await send(served.reader, f"{HOME}/new", name=name, trigger=trigger)
    assert answer.status_code == 303, answer.text
    return int(answer.headers["location"].split("/")[-2])


async def ruled(served: Served, cart: int, **typed: str) -> Any:
    """What the rule's form answers to what was typed."""
    return await send(served.reader, f"{HOME}/{cart}/rule", **(RULE | {"do": "save"} | typed))


async def tiers(world: World) -> list[tuple[Any, ...]]:
    rows = await world.rows(
        "select kind, targets, percent, amounts, product_id from cart_tiers order by position"
    )
    return [tuple(row) for row in rows]


async def test_several_tiers_of_different_rewards_are_saved_and_shown_again(
    served: Served, world: World
) -> None:
    await staff(world)
    await sells_in(world, "USD", "EUR")
    pin = (await listing(world, title="Enamel pin")).product
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    euros = {"t0-target-EUR": "35", "t1-target-EUR": "55", "t2-target-EUR": "75.50"}
    gift = {"t2": "new", "t2-kind": "gift", "t2-product": str(pin), "t2-target-USD": "80"}
    answer = await ruled(served, cart, **PERCENT, **SHIPPING, **gift, **euros)
    assert answer.status_code == 303, answer.text
    assert await tiers(world) == [
        ("percent", {"USD": 4000, "EUR": 3500}, 750, {}, None),
        ("shipping", {"USD": 6000, "EUR": 5500}, None, {}, None),
        ("gift", {"USD": 8000, "EUR": 7550}, None, {}, pin),
    ]
    page = (await served.reader.get(f"{HOME}/{cart}/rule")).text
    assert 'value="75.50"' in page and 'value="7.5"' in page and "Enamel pin" in page
    _, what, about, before, after = (await log_of(world))[-1]
    assert (what, about, before["steps"]) == ("cart_rule_saved", "Spring", [])
    assert after["steps"][2] == {"starts": "80.00 USD / 75.50 EUR", "gives": "Enamel pin"}
    log = (await served.reader.get("/studio/larkfield/log")).text
    assert "Saved the rule of the cart milestones “Spring”" in log and "Free shipping" in log


async def test_a_tier_keeps_its_place_when_another_is_taken_out(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    await ruled(served, cart, **PERCENT, **SHIPPING)
    second = (await world.row("select max(id) as id from cart_tiers"))["id"]
    answer = await ruled(served, cart, **(SHIPPING | {"t1": str(second)}), base="1")
    assert answer.status_code == 303
    assert [tuple(r) for r in await world.rows("select id, kind from cart_tiers")] == [
        (second, "shipping")
    ]


@pytest.mark.parametrize(
    "typed, said",
    [
        (
            SHIPPING | {"t0": "new", "t0-kind": "shipping", "t0-target-USD": "4"},
            "one free-shipping",
        ),
        (PERCENT | SHIPPING | {"t1-target-USD": "40"}, "which stands at $40"),
        (PERCENT | {"t0-target-USD": ""}, "from where on"),
        (PERCENT | {"t0-target-USD": "forty"}, "is not an amount in USD"),
        (PERCENT | {"t0-percent": "0"}, "above 0"),
        (PERCENT | {"t0-percent": "1e1"}, "is not a percentage"),
        (PERCENT | {"t0-kind": "amount"}, "how much this tier takes off"),
        (PERCENT | {"t0-kind": "gift"}, "Pick the gift"),
        (PERCENT | {"t0-kind": "gift", "t0-product": "999"}, "no such product"),
        (PERCENT | {"x-product-999": "on"}, "no such product"),
        ({"name": " "}, "Give it a name"),
    ],
)
async def test_a_rule_that_cannot_stand_is_refused_and_kept_as_typed(
    served: Served, world: World, typed: dict[str, str], said: str
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    answer = await ruled(served, cart, **typed)
    assert answer.status_code == 422 and said in answer.text
    assert await tiers(world) == []
    again = (await served.reader.get(f"{HOME}/{cart}/rule")).text
    for value in typed.values():
        assert value in ("", " ", "999", "on") or f'value="{value}"' in again


async def test_the_second_free_shipping_is_greyed_out_with_its_reason(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    page = (await ruled(served, cart, **PERCENT, **SHIPPING, do="add")).text
    (first,) = [row for row in page.split("<label") if 'name="t0-kind" value="shipping"' in row]
    assert " disabled" in first and "one free-shipping tier in a campaign" in first
    (own,) = [row for row in page.split("<label") if 'name="t1-kind" value="shipping"' in row]
    assert " disabled" not in own and " checked" in own
    assert 'name="t2" value="new"' in page
    page = (await ruled(served, cart, **PERCENT, **SHIPPING, do="remove-t1")).text
    assert 'name="t1"' not in page and 'name="t0"' in page
    assert await tiers(world) == []


async def test_another_trigger_resets_every_message_and_asks_first(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    await ruled(served, cart, **PERCENT)
    await world.rows("update cart_campaigns set messages = $1", {"de": {"before": "Noch"}})
    await world.rows("update cart_tiers set messages = $1", {"en": {"reward": "Yes"}})
    (tier,) = [str(row["id"]) for row in await world.rows("select id from cart_tiers")]
    other = PERCENT | {"t0": tier, "t0-target-items": "3", "trigger": "items", "base": "1"}
    asked = await ruled(served, cart, **other)
    assert asked.status_code == 409 and "in all languages, go back to the defaults" in asked.text
    assert (await world.row("select trigger, messages from cart_campaigns"))["trigger"] == "value"
    assert (await ruled(served, cart, **other, do="reset")).status_code == 303
    row = await world.row(
        "select k.trigger, k.messages, t.messages as own, t.targets from cart_campaigns k"
        " join cart_tiers t using (track_id)"
    )
    assert tuple(row) == ("items", {}, {}, {"items": 3})


async def test_one_campaign_is_active_and_the_next_is_told_which_and_by_whom(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    first, second = await begun(world, served), await begun(world, served, "Summer")
    empty = await send(served.reader, f"{HOME}/{first}/turn", do="activate")
    assert empty.status_code == 409 and "would give nothing" in empty.text
    await ruled(served, first, **PERCENT)
    await ruled(served, second, **PERCENT, name="Summer")
    assert (await send(served.reader, f"{HOME}/{first}/turn", do="activate")).status_code == 303
    refused = await send(served.reader, f"{HOME}/{second}/turn", do="activate")
    assert refused.status_code == 409 and "“Spring” is active, turned on by Alice" in refused.text
    await send(served.reader, f"{HOME}/{first}/turn", do="pause")
    assert (await send(served.reader, f"{HOME}/{second}/turn", do="activate")).status_code == 303
    rows = await world.rows("select state from cart_campaigns order by id")
    assert [row["state"] for row in rows] == ["paused", "active"]
    assert [what for _, what, *_ in await log_of(world)][-3:] == [
        *("cart_campaign_activated", "cart_campaign_paused", "cart_campaign_activated"),
    ]


async def test_of_two_who_press_together_one_activates_and_the_other_is_told(
    world: World, database_url: str
) -> None:
    await staff(world)
    people = [await author(world, who) for who in ("Alice", "Bob")]
    carts = [
        await make_campaign(world.database, one, name, "value", world.now)
        for one, name in zip(people, ("Spring", "Summer"), strict=True)
    ]
    await world.rows(
        "insert into cart_tiers (track_id, position, targets, kind)"
        " select track_id, 0, $1, 'shipping' from cart_campaigns",
        {"USD": 100},
    )
    for turn in range(5):
        await world.rows("update cart_campaigns set state = 'paused'")
        async with open_database(database_url) as one, open_database(database_url) as other:
            answers = await asyncio.gather(
                turn_on(one, people[0], carts[0], world.now),
                turn_on(other, people[1], carts[1], world.now),
                return_exceptions=True,
            )
        (lost,) = [answer for answer in answers if answer is not None]
        winner = ("Spring", "Alice") if answers[0] is None else ("Summer", "Bob")
        assert f"“{winner[0]}” is active, turned on by {winner[1]}" in str(lost), turn
        rows = await world.rows("select name from cart_campaigns where state = 'active'")
        assert [row["name"] for row in rows] == [winner[0]]


async def test_whoever_saves_second_is_told_and_overwrites_nothing(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    async with Reader(served.url) as bob:
        await enter(bob, "Bob")
        assert (await ruled(served, cart, **PERCENT)).status_code == 303
        late = RULE | SHIPPING | {"do": "save", "name": "Bob’s"}
        answer = await send(bob, f"{HOME}/{cart}/rule", **late)
    assert answer.status_code == 409 and "Alice saved this part" in answer.text
    assert 'value="Bob’s"' in answer.text
    assert [kind for kind, *_ in await tiers(world)] == ["percent"]


async def test_an_active_campaign_keeps_a_tier(served: Served, world: World) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    await ruled(served, cart, **PERCENT)
    await send(served.reader, f"{HOME}/{cart}/turn", do="activate")
    answer = await ruled(served, cart, base="1")
    assert answer.status_code == 409 and "Pause it" in answer.text
    assert len(await tiers(world)) == 1


async def test_a_campaign_of_another_store_is_not_there(served: Served, world: World) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    async with Reader(served.url) as charlie:
        await enter(charlie, "Charlie")
        for path in (f"{cart}/rule", f"{cart}", f"{cart}/turn"):
            answer = await charlie.get(f"/studio/elsewhere/cart-milestones/{path}")
            assert answer.status_code == 404
    async with reading(world.database) as db:
        assert await db.fetchval("select count(*) from cart_campaigns") == 1


async def test_a_draft_is_thrown_away_after_a_question_and_what_carts_have_shown_stays(
    served: Served, world: World
) -> None:
    await staff(world)
    await enter(served.reader, "Alice")
    cart = await begun(world, served)
    await ruled(served, cart, **PERCENT)
    await send(served.reader, f"{HOME}/{cart}/keep/rule", name="Half typed", base="1")
    own = f"{HOME}/{cart}/discard"
    assert own in (await served.reader.get(f"{HOME}/{cart}/rule")).text
    page = (await served.reader.get(own)).text
    assert "Throw “Spring” away?" in page
    assert len(await world.rows("select from cart_campaigns")) == 1
    answer = await send(served.reader, own)
    assert answer.headers["location"] == f"{HOME}?done=discarded"
    for table in ("cart_campaigns", "cart_tiers", "tracks", "unsaved"):
        assert await world.rows(f"select from {table}") == [], table
    assert (await log_of(world))[-1][:3] == ("Alice", "cart_campaign_discarded", "Spring")
    assert "Threw the draft" in (await served.reader.get("/studio/larkfield/log")).text
    assert (await send(served.reader, own)).status_code == 404

    shown = await begun(world, served, "Summer")
    await ruled(served, shown, **(PERCENT | {"name": "Summer"}))
    for do in ("activate", "pause"):
        await send(served.reader, f"{HOME}/{shown}/turn", do=do)
        answer = await send(served.reader, f"{HOME}/{shown}/discard")
        assert answer.status_code == 409 and "Carts have shown it" in answer.text
        assert f"{shown}/discard" not in (await served.reader.get(f"{HOME}/{shown}/rule")).text
    assert len(await world.rows("select from cart_tiers")) == 1
