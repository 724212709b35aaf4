"""What the database holds, to say that nothing of it has changed."""

import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson

from milepost.storage import pledges
from milepost.storage.database import reading
from tests.sandbox.process import SECRET
from tests.world import World

TABLES = (
    "select format('%I', tablename) as name from pg_tables"
    " where schemaname = 'public' and tablename not like 'pgqueuer%' order by 1"
)
DIGEST = "select count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '')"


async def everything(world: World) -> dict[str, str]:
    """Each table's number of rows and a digest of them."""
    async with reading(world.database) as db:
        names = [row["name"] for row in await db.fetch(TABLES)]
        return {name: await db.fetchval(f"{DIGEST} from {name} t") for name in names}


@asynccontextmanager
async def nothing_changes(world: World) -> AsyncIterator[None]:
    """Whatever is done inside leaves every row as it was."""
    before = await everything(world)
    yield
    assert await everything(world) == before


async def link_of(world: World, pledge_id: int) -> str:
    """The address of the pledge's own page, which gets a key as long as a real one."""
    key = f"the-key-of-pledge-{pledge_id:08}"
    async with reading(world.database) as db:
        await db.execute("update pledges set key = $2 where id = $1", pledge_id, key)
        assert await pledges.by_key(db, key)
    return f"/p/{key}"


def signed(payload: bytes, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    """The header by which Stripe shows that it sent `payload`, so many seconds ago.

    Source: Stripe, "Verify webhook signatures manually".
    """
    at = int(time.time()) - age
    digest = hmac.new(secret.encode(), b"%d." % at + payload, hashlib.sha256).hexdigest()
    return {"stripe-signature": f"t={at},v1={digest}"}


def event(number: int = 1, kind: str = "customer.created", **columns: object) -> bytes:
    """A small event, as Stripe would send it."""
    return orjson.dumps(
        {
            "id": f"evt_{number}",
            "object": "event",
            "type": kind,
            "created": int(time.time()),
            "data": {"object": {"id": "cus_1"}},
            **columns,
        }
    )
