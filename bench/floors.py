"""The floors: the least that a server can do for the same answer."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from milepost.services.carting import token_hash
from milepost.storage import carts
from milepost.storage.database import open_database, reading, unit

HTML = "text/html; charset=utf-8"


def bytes_app() -> Any:
    """Bare ASGI: the same bytes, the same length header."""
    body = Path(os.environ["FLOOR_FILE"]).read_bytes()
    headers = [(b"content-type", HTML.encode()), (b"content-length", b"%d" % len(body))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def starlette_app() -> Starlette:
    """A bare Starlette route that answers the same bytes."""
    body = Path(os.environ["FLOOR_FILE"]).read_bytes()

    async def page(request: Request) -> Response:
        return Response(body, media_type=HTML)

    return Starlette(routes=[Route("/", page)])


def naive_intake_app() -> Starlette:
    """One event, one `construct_event`, one transaction: what most Stripe webhooks do."""
    database = open_database(os.environ["DATABASE_URL"])
    connected = False

    async def event(request: Request) -> Response:
        nonlocal connected
        if not connected:
            await database.connect()
            connected = True
        payload = await request.body()
        signature = request.headers["stripe-signature"]
        found = stripe.Webhook.construct_event(
            payload, signature, os.environ["STRIPE_WEBHOOK_SECRET"]
        )
        async with unit(database) as db:
            await db.execute(
                "insert into inbox (provider_id, type, created_at, received_at, payload)"
                " values ($1, $2, now(), now(), $3) on conflict (provider_id) do nothing",
                found.id,
                found.type,
                payload.decode(),
            )
        return PlainTextResponse("kept")

    async def ready(request: Request) -> Response:
        return PlainTextResponse("ready")

    return Starlette(routes=[Route("/webhooks/stripe", event, methods=["POST"]), Route("/", ready)])


def cart_app() -> Starlette:
    """A cart's two statements: one reads it with all it is judged by, one writes it."""
    database = open_database(os.environ["DATABASE_URL"], plans="auto")
    connected = False

    async def change(request: Request) -> Response:
        nonlocal connected
        if not connected:
            await database.connect()
            connected = True
        await request.body()
        own, now = token_hash(request.headers["milepost-cart"]), datetime.now(UTC)
        async with reading(database) as db:
            row = await carts.as_judged(db, own, None, None, now)
            same = {name: row[name] for name in ("lines", "declined", "code_id", "country")}
            also = ("shipping_id", "currency", "uses_credit", "later")
            same |= {name: row[name] for name in also}
            await carts.keep(db, row["id"], row["version"], now, **same)
        return PlainTextResponse("kept")

    async def ready(request: Request) -> Response:
        return PlainTextResponse("ready")

    return Starlette(routes=[Route("/", change, methods=["POST"]), Route("/", ready)])
