"""Every operation with every scope, with another store's token and with none, as the table says."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from itertools import count
from typing import Any

import httpx
import pytest

from milepost.domain.scopes import SCOPES
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import reading, unit
from milepost.web.api.app import make_api
from tests.web.api.full import DRAFT, SLUG, a_full_store
from tests.web.api.program import HOME, Program, program_of
from tests.web.api.table import TABLE, Row
from tests.web.kept import DIGEST, TABLES
from tests.web.serving import Served
from tests.web.studio import creator
from tests.world import World

keys = count(1)
DIGITS = re.compile(r"(?<=/)[0-9]+")


@pytest.fixture
async def programs(served: Served, world: World) -> AsyncIterator[dict[str, Program]]:
    """One for each scope, and one that may do everything in another store."""
    await a_full_store(world)
    await creator(world, "Alice", "owner")
    async with unit(world.database) as db:
        other = await create_store(db, NewStore("elsewhere", "Elsewhere"), world.now)
    async with AsyncExitStack() as stack:
        found = {
            scope: await stack.enter_async_context(program_of(served, world, scope))
            for scope in SCOPES
        }
        elsewhere = program_of(served, world, *SCOPES, store_id=other)
        yield found | {"elsewhere": await stack.enter_async_context(elsewhere)}


async def call(http: httpx.AsyncClient, row: Row, etag: str = "") -> httpx.Response:
    headers = {"idempotency-key": f"table-{next(keys)}"}
    if row.edits:
        headers["if-match"] = etag or '"read-by-nobody"'
    return await http.request(row.method, f"{HOME}{row.path}", json=row.sent, headers=headers)


def test_the_table_has_each_operation_with_its_scope() -> None:
    said: dict[str, str] = {}
    for path in make_api().openapi()["paths"].values():
        for operation in path.values():
            scopes = [s for one in operation.get("security", ()) for s in one["token"]]
            said[operation["operationId"]] = " ".join(scopes)
    assert said == {name: row.scope for name, row in TABLE.items()}


async def test_nobody_and_no_other_scope_may_do_it(
    served: Served, world: World, programs: dict[str, Program], subtests: pytest.Subtests
) -> None:
    before = await _of_alice(world)
    async with httpx.AsyncClient(base_url=served.url) as nobody:
        for name, row in TABLE.items():
            if not row.scope:
                continue
            with subtests.test(f"{name} without a token"):
                assert (await call(nobody, row)).status_code == 401
            for scope in SCOPES.keys() - {row.scope}:
                with subtests.test(f"{name} with {scope}"):
                    answer = await call(programs[scope].http, row)
                    assert answer.status_code == 403, answer.text
                    assert row.scope in answer.json()["detail"]
    assert await _of_alice(world) == before


async def test_another_store_s_token_reaches_nothing_here(
    world: World, programs: dict[str, Program], subtests: pytest.Subtests
) -> None:
    before = await _of_alice(world)
    for name, row in TABLE.items():
        if not row.scope:
            continue
        with subtests.test(name):
            etag = await _etag(programs, row)
            answer = await call(programs["elsewhere"].http, row, etag)
            assert answer.status_code == row.elsewhere, answer.text
            if row.method == "GET" and row.elsewhere == 200:
                assert answer.json().get("data", []) == []
    assert await _of_alice(world) == before


async def test_its_own_scope_alone_does_it(
    programs: dict[str, Program], subtests: pytest.Subtests
) -> None:
    for name, row in TABLE.items():
        with subtests.test(name):
            own = programs[row.scope or "elsewhere"]
            answer = await call(own.http, row, await _etag(programs, row))
            assert answer.status_code == row.answered, answer.text


async def _etag(programs: dict[str, Program], row: Row) -> str:
    """What an edit stands on, which takes another scope to read."""
    if not row.edits:
        return ""
    path = row.path.partition("?")[0]
    kind = DIGITS.sub("1", path.replace(DRAFT, SLUG))
    (reading,) = {
        each.scope
        for each in TABLE.values()
        if DIGITS.sub("1", each.call.partition("?")[0]) == f"GET {kind}"
    }
    return (await programs[reading].get(path)).headers["etag"]


async def _of_alice(world: World) -> dict[str, Any]:
    """All that is kept, of tables that tell of stores what is Alice's; not who has asked."""
    async with reading(world.database) as db:
        told = {row["name"] for row in await db.fetch(TABLES_OF_STORES)}
        names = [row["name"] for row in await db.fetch(TABLES)]
        return {
            name: await db.fetchval(f"{DIGEST} from {name} t" + ALICE * (name in told))
            for name in names
            if name not in ("api_tokens", "api_calls", "stores")
        }


ALICE = " where store_id = 1"
TABLES_OF_STORES = (
    "select format('%I', table_name) as name from information_schema.columns"
    " where table_schema = 'public' and column_name = 'store_id'"
)
