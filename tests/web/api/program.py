"""A program that speaks to the API with a token."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from milepost.services.api_tokens import make_token
from milepost.services.author import Author
from tests.web.serving import Served
from tests.web.studio import address
from tests.world import World

HOME = "/api/v1"


@dataclass
class Program:
    """Whoever has this token; each unsafe call has a key of its own, unless one is given."""

    served: Served
    http: httpx.AsyncClient
    token: str
    _keys: Any = field(default_factory=lambda: count(1))

    async def get(self, path: str, **asked: Any) -> httpx.Response:
        """Ask for what is at `path` below `/api/v1`."""
        return await self.http.get(f"{HOME}{path}", params=asked)

    async def send(
        self, method: str, path: str, sent: Any = None, *, key: str = "", **headers: str
    ) -> httpx.Response:
        """Change something; headers are named with underscores."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told["idempotency-key"] = key or f"call-{next(self._keys)}"
        return await self.http.request(method, f"{HOME}{path}", json=sent, headers=told)

    async def every(self, path: str, **asked: Any) -> list[Any]:
        """All that a list has, page by page."""
        found: list[Any] = []
        while True:
            page = (await self.get(path, **asked)).json()
            found += page["data"]
            if page["next"] is None:
                return found
            asked["after"] = page["next"]


@asynccontextmanager
async def program_of(
    served: Served, world: World, *scopes: str, store_id: int = 0, who: str = "Alice"
) -> AsyncIterator[Program]:
    """A program with a token of `who`, that may do these things in Alice's store or another."""
    (row,) = await world.rows("select id from creators where email = $1", address(who))
    author = Author(row["id"], address(who), store_id or world.store_id, 0)
    await world.rows(
        "insert into members (store_id, creator_id, role, made_at) values ($1, $2, 'owner', $3)"
        " on conflict do nothing returning 1",
        author.store_id,
        author.creator_id,
        world.now,
    )
    token = await make_token(world.database, author, "Warehouse", scopes, world.now)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=60) as http:
        yield Program(served, http, token)
