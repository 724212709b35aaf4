"""For the operator: alive, able to serve, measures; and readers while the database is away."""

from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.databases import Databases
from tests.sandbox.process import Sandbox
from tests.web.kept import event, signed
from tests.web.serving import Served, serve
from tests.world import NOON, World


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder."""
    return await world.campaign(slug="recorder")


async def test_the_site_says_how_it_is(served: Served, campaign_id: int) -> None:
    reader = served.reader
    assert (await reader.get("/healthz")).text == "alive"
    assert (await reader.get("/readyz")).text == "ready"
    await reader.get("/c/recorder")
    async with reader.watching("/c/recorder/live") as frames:
        await anext(frames)
        said = (await reader.get("/metrics")).text
    numbers = dict(line.split(" ") for line in said.splitlines() if line.startswith("milepost_"))
    assert float(numbers["milepost_listeners"]) == 1
    assert float(numbers["milepost_facts_waiting"]) == 0
    assert float(numbers["milepost_pages_from_memory_total"]) >= 1


async def test_it_is_not_ready_before_the_first_migration(
    empty_database_url: str, payments: Sandbox
) -> None:
    async with serve(empty_database_url, payments.url, lambda: NOON) as served:
        answer = await served.reader.get("/readyz")
        assert answer.status_code == 503 and "database" in answer.text
        assert (await served.reader.get("/healthz")).status_code == 200


async def test_readers_keep_the_last_page_while_the_database_is_away(
    served: Served, campaign_id: int, databases: Databases, database_url: str
) -> None:
    reader, name = served.reader, urlsplit(database_url).path[1:]
    page = (await reader.get("/c/recorder")).text
    server = await asyncpg.connect(databases.server_url)
    try:
        await server.execute(f"alter database {name} with allow_connections false")
        await server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name
        )
        assert (await reader.get("/c/recorder")).text == page
        assert (await reader.get("/healthz")).status_code == 200
        assert (await reader.get("/readyz")).status_code == 503
        away = await reader.get("/c/recorder/pledge")
        assert away.status_code == 500 and "try again in a minute" in away.text
        refused = await reader.post("/webhooks/stripe", content=event(), headers=signed(event()))
        assert refused.status_code == 500
        await server.execute(f"alter database {name} with allow_connections true")
        assert (await reader.get("/readyz")).status_code == 200
        again = await reader.post("/webhooks/stripe", content=event(), headers=signed(event()))
        assert again.status_code == 200
    finally:
        await server.close()
