"""Somebody who signs in as a backer does: by the link in their mail."""

from typing import Any

from milepost.domain.lines import Line
from milepost.domain.shipping import Fee
from milepost.services.preparing import NewZone, create_zone
from milepost.storage.database import unit
from milepost.web.routes import ROUTES
from tests.web.client import Reader
from tests.web.kept import link_of
from tests.world import World

OWN = [path for r in ROUTES if f"{(path := getattr(r, 'path', ''))}/".startswith("/me/")]
ENTRANCE = [path for path in OWN if path.startswith(("/me/sign-in", "/me/gift-card"))]
INSIDE = [path for path in OWN if path not in ENTRANCE]


async def key_of(world: World, pledge_id: int) -> str:
    """The pledge's key, as long as a real one."""
    return (await link_of(world, pledge_id)).removeprefix("/p/")


async def mailed(world: World) -> list[str]:
    """The ways in that wait to be mailed, oldest first: each as a path of the site."""
    rows = await world.rows("select detail from mails where kind = 'sign_in' order by id")
    return ["/me/" + row["detail"]["url"].split("/me/")[1] for row in rows]


async def ask(reader: Reader, who: str, **more: str) -> Any:
    """Type an address into the form."""
    typed = {"email": f"{who.lower()}@example.org"} | more
    return await reader.post("/me/sign-in", data=typed, headers=reader.from_here)


async def sign_in(reader: Reader, world: World, who: str) -> str:
    """Sign in as `who`, whose cookie the reader has from here on; the link that was used up."""
    assert (await ask(reader, who)).status_code == 200
    way_in = (await mailed(world))[-1]
    answer = await reader.post(way_in, headers=reader.from_here)
    assert (answer.status_code, answer.headers["location"]) == (303, "/me"), answer.text
    return way_in


async def do(reader: Reader, path: str, **typed: str) -> Any:
    """Send a form of the site's own."""
    return await reader.post(path, data=typed, headers=reader.from_here)


async def shipped_campaign(world: World, **columns: Any) -> tuple[int, int]:
    """A keep-it-all campaign in euros with one reward that is sent by post; both ids."""
    known = {"slug": "atlas", "title": "Atlas", "basis": "money", "currency": "EUR", "goal": 9000}
    campaign_id = await world.campaign(**known | columns)
    tier_id = await world.tier(campaign_id, title="The atlas", price=4500, ships=True)
    async with unit(world.database) as db:
        zone = NewZone("Europe", ("AT", "DE"), {tier_id: Fee(900, 300)})
        await create_zone(db, campaign_id, zone)
    return campaign_id, tier_id


async def atlas_of(world: World, campaign_id: int, tier_id: int, who: str) -> tuple[int, str]:
    """`who` has paid for one atlas, to be sent to Germany; the pledge's id and key."""
    lines = (
        Line("tier", "The atlas", 1, 4500, 1, tier_id),
        Line("shipping", "Europe", 1, 900),
    )
    pledge_id = await world.pledged(campaign_id, who, *lines)
    async with unit(world.database) as db:
        await db.execute("update pledges set country = 'DE' where id = $1", pledge_id)
    return pledge_id, await key_of(world, pledge_id)


async def with_atlas(reader: Reader, world: World) -> Reader:
    """Dana's browser, signed in; her pledge to an atlas is `atlas-of-dana-0001`."""
    campaign_id, tier_id = await shipped_campaign(world)
    _, key = await atlas_of(world, campaign_id, tier_id, "Dana")
    async with unit(world.database) as db:
        await db.execute("update pledges set key = 'atlas-of-dana-0001' where key = $1", key)
    await sign_in(reader, world, "Dana")
    return reader
