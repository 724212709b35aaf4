"""Changes of a cart with ten milestones judged (V9), against the same two statements alone."""

import itertools
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from bench.load import send_all
from bench.rows import Row
from bench.stage import Stage, environment, free_port, now, wait_until
from milepost.services.carting import token_hash
from milepost.services.preparing import NewStore, create_store
from milepost.storage.database import Database, open_database, unit

CARTS, CHANGES, TIERS, LINES = 500, 1500, 10, 3
API, KEYED = "/api/v1/cart/changes", "/api/v1/cart/changes?keyed"
_turn = itertools.count()


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V9: the API's answer, and the drawer's with its HTML."""
    url = await stage.database()
    what = "a bare handler of one SELECT and one UPDATE"
    api = Row(f"V9 cart change, ten milestones / {what}", "/s", "≥ 0.8 ×", reach=0.8)
    drawer = Row(
        f"V9 the same with the drawer’s HTML / {what}", "/s", "(what the shop’s pages ask)"
    )
    keyed = Row(f"V9 the same under a key / {what}", "/s", "(what `<milepost-cart>` asks)")
    async with open_database(url) as database:
        tokens, products = await _shop(database)
    port = free_port()
    with stage.process("serve", port=port, url=url), _floor(url) as floor_port:
        for _ in range(rounds):
            ours = await send_all(_changes(tokens, products, port, API), port)
            bare = await send_all(_changes(tokens, products, floor_port, "/"), floor_port)
            html = await send_all(_changes(tokens, products, port, "/cart/change"), port)
            once = await send_all(_changes(tokens, products, port, KEYED), port)
            keyed.ours.append(once.rate)
            api.ours.append(ours.rate)
            drawer.ours.append(html.rate)
            for row in (api, drawer, keyed):
                row.floor.append(bare.rate)
    return [api, drawer, keyed]


async def _shop(database: Database) -> tuple[list[str], list[int]]:
    """A store with three listings and ten tiers; the tokens of many carts, and the products."""
    tokens = [secrets.token_urlsafe(32) for _ in range(CARTS)]
    async with unit(database) as db:
        store_id = await create_store(db, NewStore("bench", "Bench"), now())
        products = [
            await db.fetchval(
                "with page as (insert into listings"
                " (store_id, slug, title, published, published_at, made_at)"
                " values ($1, $2, $2, true, $3, $3) returning id)"
                " insert into products (store_id, title, listing_id, prices)"
                " select $1, $2, id, $4 from page returning id",
                store_id,
                f"thing-{number}",
                now(),
                {"USD": 900 + number},
            )
            for number in range(LINES)
        ]
        track_id = await db.fetchval(
            "insert into tracks (store_id, scope) values ($1, 'cart') returning id", store_id
        )
        await db.execute(
            "insert into cart_campaigns (store_id, track_id, name, state, made_at)"
            " values ($1, $2, 'Ten', 'active', now())",
            store_id,
            track_id,
        )
        await db.execute(
            "insert into cart_tiers (track_id, position, targets, kind, percent)"
            " select $1, n, jsonb_build_object('USD', 1000 * n), 'percent', 100"
            " from generate_series(1, $2::int) n",
            track_id,
            TIERS,
        )
        lines = [{"product": product, "quantity": 1} for product in products]
        await db.execute(
            "insert into carts (store_id, token_hash, currency, lines, made_at, changed_at)"
            " select $1, t, 'USD', $3, now(), now() from unnest($2::bytea[]) t",
            store_id,
            [token_hash(token) for token in tokens],
            lines,
        )
    return tokens, products


def _changes(tokens: list[str], products: list[int], port: int, path: str) -> list[bytes]:
    """Prepared requests, each sets one quantity in one of the carts."""
    found = []
    for _ in range(CHANGES):
        turn = next(_turn)
        fields = {"do": "set", "product": products[turn % LINES], "quantity": 1 + turn % 7}
        token = tokens[turn % CARTS]
        if path == "/cart/change":
            kind, body = "application/x-www-form-urlencoded", "&".join(
                f"{name}={value}" for name, value in fields.items()
            ).encode()  # fmt: skip
        else:
            kind, body = "application/json", orjson.dumps(fields)
        head = (
            f"POST {path} HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-type: {kind}\r\n"
            f"origin: http://localhost:{port}\r\naccept: application/json\r\n"
            f"milepost-cart: {token}\r\ncookie: milepost_cart={token}\r\n"
            f"content-length: {len(body)}\r\n"
        )
        if path == KEYED:
            head += f"idempotency-key: {secrets.token_hex(16)}\r\n"
        found.append(f"{head}\r\n".encode() + body)
    return found


@contextmanager
def _floor(url: str) -> Iterator[int]:
    """A server of the same kind that makes the same two statements and nothing else."""
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "uvicorn", "bench.floors:cart_app", "--factory"),
            *("--port", str(port), "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--log-level", "warning"),
        ],
        cwd=Path(__file__).parent.parent,
        env={**os.environ, **environment(url, port)},
    )
    try:
        wait_until(port, process, "/")
        yield port
    finally:
        process.terminate()
        process.wait(10)
