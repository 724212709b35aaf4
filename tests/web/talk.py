"""What a creator tells and backers say, made through the use-cases themselves."""

from typing import Any

from milepost.services.author import Author
from milepost.services.commenting import Said, Thread, comment
from milepost.services.explaining import Faq, add_faq
from milepost.services.updating import Draft, publish_update, start
from milepost.storage.database import unit
from tests.world import World


async def alice_at(world: World, campaign_id: int) -> Author:
    """Alice at work on a campaign of hers."""
    row = await world.rows("select id from creators where email = 'alice@example.org'")
    creator_id = row[0]["id"] if row else None
    if creator_id is None:
        async with unit(world.database) as db:
            creator_id = await db.fetchval(
                "insert into creators (email, name, made_at) values ('alice@example.org', 'Alice',"
                " $1) returning id",
                world.now,
            )
    return Author(creator_id, "alice@example.org", world.store_id, campaign_id)


async def drafted(world: World, campaign_id: int, **said: Any) -> int:
    """A draft of Alice's; its id."""
    at = await alice_at(world, campaign_id)
    count = (await world.row("select count(*) as many from updates"))["many"]
    draft = Draft(**{"title": "Cases arrived", "text": "All **forty** of them."} | said)
    made, _ = await start(world.database, at, f"form-{count}", draft, None, world.now)
    return made


async def published(world: World, campaign_id: int, **said: Any) -> int:
    """An update of Alice's that is out; its number."""
    at, update_id = await alice_at(world, campaign_id), await drafted(world, campaign_id, **said)
    return await publish_update(world.database, at, update_id, 1, world.now)


async def asked(world: World, campaign_id: int, question: str, answer: str) -> int:
    """A question with its answer on the campaign's page; its id."""
    at = await alice_at(world, campaign_id)
    return await add_faq(world.database, at, Faq(question, answer), world.now)


async def said(
    world: World, campaign_id: int, who: str, text: str, number: int | None = None, **more: Any
) -> int:
    """`who`, a backer, says something about the campaign, or below an update; the comment's id."""
    customer = await world.row(
        "select id from customers where email = $1", f"{who.lower()}@example.org"
    )
    update_id = None
    if number is not None:
        update = await world.row(
            "select id from updates where campaign_id = $1 and number = $2", campaign_id, number
        )
        update_id = update["id"]
    thread, words = Thread(campaign_id, update_id), Said(who, text, **more)
    await comment(world.database, thread, customer["id"], words, world.now)
    return int((await world.row("select max(id) as id from comments"))["id"])


async def states(world: World) -> list[str]:
    """What became of each comment, in their order."""
    return [row["state"] for row in await world.rows("select state from comments order by id")]
