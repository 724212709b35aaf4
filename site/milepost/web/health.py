"""For the operator: alive, able to serve, measures."""

from functools import cache

import asyncpg
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from milepost.storage import inbox, schema
from milepost.storage.database import reading
from milepost.web.measures import LISTENERS, REFUSED, WAITING

newest_revision = cache(schema.head)


async def alive(request: Request) -> Response:
    """200 while the process runs."""
    return PlainTextResponse("alive")


async def ready(request: Request) -> Response:
    """200 when the database answers and is migrated; 503 with the reason when not."""
    try:
        async with reading(request.state.site.database) as db:
            present = await db.fetchval("select version_num from alembic_version")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        return PlainTextResponse(f"The database does not answer: {type(error).__name__}", 503)
    if present != newest_revision():
        return PlainTextResponse(
            f"The database is at {present}, not {newest_revision()}. Run: milepost migrate",
            503,
        )
    return PlainTextResponse("ready")


async def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    site = request.state.site
    async with reading(site.database) as db:
        waiting, refused = await inbox.counts(db)
    LISTENERS.set(site.hub.listeners)
    WAITING.set(waiting)
    REFUSED.set(refused)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
