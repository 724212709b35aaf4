"""People of two stores who sign in to the studio as creators do."""

from typing import Any

import httpx

from milepost.services.owning import create_owner
from milepost.services.passwords import hashed
from milepost.services.preparing import NewStore, create_store
from milepost.storage import creators
from milepost.storage.database import unit
from milepost.web.routes import ROUTES
from tests.web.client import Reader
from tests.world import World

PASSWORD = "four words in a row"
_known: dict[str, str] = {}  # hashing takes a while, as it should
STUDIO = [
    path for r in ROUTES if f"{(path := getattr(r, 'path', ''))}/".startswith("/studio/")
]  # fmt: skip
STAFF = {"Alice": "owner", "Bob": "editor", "Carol": "fulfiller", "Vic": "viewer"}


def address(who: str) -> str:
    """The mail address of `who`."""
    return f"{who.lower()}@example.org"


async def creator(world: World, who: str, role: str = "", store_id: int | None = None) -> int:
    """`who` has a password, and works in Alice's store, or in another, if a role is given."""
    kept = _known.get("hash") or _known.setdefault("hash", await hashed(PASSWORD))
    async with unit(world.database) as db:
        id_ = await creators.add(db, address(who), who, "en", world.now)
        await creators.keep_password(db, id_, kept)
        if role:
            await creators.keep_member(db, store_id or world.store_id, id_, role, world.now)
    return id_


async def staff(world: World) -> dict[str, int]:
    """Alice owns, Bob edits, Carol fulfils, Vic looks on; Charlie owns another store."""
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    found = {who: await creator(world, who, role) for who, role in STAFF.items()}
    return found | {"Charlie": await creator(world, "Charlie", "owner", other)}


async def send(reader: Reader, path: str, **typed: str) -> httpx.Response:
    """Send a form of the studio's own."""
    return await reader.post(path, data=typed, headers=reader.from_here)


async def enter(reader: Reader, who: str, password: str = PASSWORD) -> httpx.Response:
    """Sign in by password; the reader has the cookie from here on."""
    answer = await send(reader, "/studio/sign-in", email=address(who), password=password)
    assert answer.status_code == 303, answer.text
    return answer


async def mailed(world: World, kind: str) -> list[str]:
    """The links of this kind of mail, oldest first: each as a path of the site."""
    rows = await world.rows("select detail from mails where kind = $1 order by id", kind)
    return ["/studio/" + row["detail"]["url"].split("/studio/")[1] for row in rows]


async def first_link(world: World, who: str = "Alice") -> str:
    """What `milepost create-owner` prints for `who`: a path."""
    return (await create_owner(world.database, address(who), who, "larkfield", world.now))[1]


async def log_of(world: World) -> list[tuple[Any, ...]]:
    """Who did what to whom, from what to what, oldest first; nobody: the operator."""
    rows = await world.rows(
        "select c.name, d.what, d.about, d.before, d.after from deeds d"
        " left join creators c on c.id = d.creator_id where d.store_id = $1 order by d.id",
        world.store_id,
    )
    return [tuple(row) for row in rows]
