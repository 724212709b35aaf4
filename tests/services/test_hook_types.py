"""Each type of a hook happens, and holds what `docs/hooks.md` says of it."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema_rs import validator_for

from milepost.domain.facts import Fact
from milepost.domain.hooks import TEST, TYPES
from milepost.domain.lines import Line
from milepost.domain.program_plans import Step
from milepost.services.batching import correct_parcel
from milepost.services.fulfilling import ship
from milepost.services.hooking import test_hook as send_test
from milepost.services.milestones import reveal_milestone
from milepost.services.minding_orders import correct_order
from milepost.services.sending_orders import ship_orders
from milepost.web.api.app import make_api
from tests.loyalty import Programs, reward
from tests.post import Post, post
from tests.receiver import Receiver, receiving
from tests.shop import bought, listing
from tests.world import World, paid, recorders

__all__ = ["post"]
DOCS = Path(__file__).parents[2] / "docs" / "hooks.md"
SECTION = re.compile(r"^### (.+?)$(.*?)```json\n(.*?)```", re.MULTILINE | re.DOTALL)


def documented() -> dict[str, Any]:
    """What the reference shows of each type: a heading names types, and its sample is of each."""
    return {
        name: orjson.loads(sample)
        for heading, _, sample in SECTION.findall(DOCS.read_text())
        for name in re.findall(r"`([a-z_.]+)`", heading)
    }


def shape(value: Any) -> Any:
    """The keys of a body, all the way down."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


async def pledges_live(world: World) -> None:
    """Everything that may become of a pledge, in a campaign of each kind."""
    campaign = await world.campaign(slug="field-recorder")
    await world.milestone(campaign, 5, product_id=await world.product(stock=9))
    dana, eli = await world.pledged(campaign, "Dana"), await world.pledged(campaign, "Eli")
    finn = await world.pledged(campaign, "Finn", recorders(3))
    refund = Fact("refund", finn, amount=4500, ref="re_1", payment=f"pi_{finn}")
    await world.hear(campaign, refund)
    for pledge in (dana, eli):
        told: dict[str, Any] = {"ref": f"dp_{pledge}", "payment": f"pi_{pledge}", "amount": 4500}
        await world.hear(campaign, Fact("disputed", pledge, **told))
        await world.settle()
        over: Any = "dispute_won" if pledge == dana else "dispute_lost"
        await world.hear(campaign, Fact(over, pledge, **told))
    await world.settle()
    waits = await world.campaign(slug="wind-harp", funding_model="all_or_nothing")
    for who in ("Dana", "Eli"):
        pledge = await world.started(waits)
        await world.hear(waits, Fact("saved", pledge, detail=paid(pledge, who).detail))
        await world.settle()
        await world.rows("update pledges set money = money + 100 where id = $1 returning 1", pledge)
        if who == "Dana":
            await world.hear(waits, Fact("cancelled", pledge))
            continue
        await world.rows("update pledges set state = 'past_due' where id = $1 returning 1", pledge)
        await world.hear(waits, Fact("dropped", pledge))
    await world.settle()


async def rewards_move(world: World, post: Post) -> None:
    """A milestone is revealed, what it grants becomes more, and is lost; one is sent and is not."""
    campaign = await world.campaign(slug="recorder")
    product = await world.product()
    milestone = await world.milestone(campaign, 1, product_id=product, reveal="manual")
    line = Line("tier", "One recorder", 1, 4500, 1, await world.tier(campaign, ships=True))
    gone, kept = await world.pledged(campaign, "Dana"), await world.pledged(campaign, "Eli", line)
    await reveal_milestone(world.database, milestone, "alice", world.now)
    await world.rows("update grants set quantity = 2 where pledge_id = $1 returning 1", gone)
    refund = Fact("refund", gone, amount=4500, ref="re_2", payment=f"pi_{gone}")
    await world.hear(campaign, refund)
    await world.settle()
    await ship(world.database, milestone, world.now, carrier="DHL", tracking="0034")
    await correct_parcel(
        world.database, world.store_id, campaign, kept, milestone, post.author.creator_id, world.now
    )


async def shop_sells(world: World, post: Post) -> None:
    """An order is sent and is not after all; the money of one is in dispute, and goes back."""
    listed = await listing(world)
    sent, disputed = await bought(world, "Dana", listed), await bought(world, "Eli", listed)
    await ship_orders(world.database, post.author, [(sent, "DHL", "0034")], world.now)
    await correct_order(world.database, post.author, sent, world.now)
    await world.rows(
        'update orders set disputes = \'{"dp_1": {"state": "open"}}\' where id = $1 returning 1',
        disputed,
    )
    await world.rows("update orders set refunded = 100 where id = $1 returning 1", disputed)


async def programs_give(world: World, post: Post) -> None:
    """A customer reaches a milestone of a program, and falls below it."""
    programs = Programs(world, post.author)
    await programs.settings()
    await programs.on("orders", Step("orders", 1, reward()), name="Thanks")
    source = await programs.order("Dana")
    await world.rows("update grants set quantity = quantity + 1 where pledge_id = 0 returning 1")
    await programs.order("Dana", 0, source)


@pytest.fixture
async def receiver(world: World, post: Post) -> Any:
    """Somebody who was told everything that can happen."""
    async with receiving() as receiver:
        hook = await post.hook(receiver)
        await pledges_live(world)
        await rewards_move(world, post)
        await shop_sells(world, post)
        await programs_give(world, post)
        await send_test(world.database, post.author, hook, post.clock())
        await post.send()
        yield receiver


async def test_each_type_happens_and_holds_what_the_reference_shows(receiver: Receiver) -> None:
    reference = documented()
    assert set(reference) == {*TYPES, TEST}
    assert {one["type"] for one in receiver.taken} == {*TYPES, TEST}
    for one in receiver.taken:
        sample = reference[one["type"]]
        assert set(sample) == {"type", "timestamp", "data"}
        assert set(one) == {"id", "headers", *sample}
        assert shape(one["data"]) == shape(sample["data"]), one["type"]


async def test_the_document_describes_each_type_for_programs_that_read_it(
    receiver: Receiver,
) -> None:
    document = make_api().openapi()
    assert set(document["webhooks"]) == {*TYPES, TEST}
    for one in receiver.taken:
        told = document["webhooks"][one["type"]]["post"]
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        body = {name: one[name] for name in schema["required"]}
        validator_for({**schema, "components": document["components"]}).validate(body)
        name = schema["properties"]["data"]["$ref"].rpartition("/")[2]
        known = document["components"]["schemas"][name].get("properties", {})
        assert set(known) == set(body["data"]), one["type"]


async def test_no_body_names_a_person_or_opens_a_page(world: World, receiver: Receiver) -> None:
    told = str([one["data"] for one in receiver.taken])
    keys = await world.rows("select key from pledges union select key from orders")
    assert keys and not any(row["key"] in told for row in keys)
    assert "@" not in told and "Dana" not in told
