"""What one rebuild of a campaign's page costs after a change (V3)."""

import time

from bench.crowd import campaign
from bench.rows import Row
from bench.stage import Stage, now, settings
from milepost.services.publishing import publish
from milepost.storage.database import open_database, reading
from milepost.web.rendering import Renderer
from milepost.web.shelf import Finished


async def measure(stage: Stage, rounds: int) -> list[Row]:
    """V3."""
    url = await stage.database()
    row = Row("V3 rebuild of the page: render", "ms", "≤ 2 ms", better="less", reach=2)
    whole = Row("V3 rebuild of the page: read, render, squeeze", "ms", "(for information)")
    renderer = Renderer("http://localhost:8000")
    async with open_database(url) as database:
        await campaign(database, "road", 1000)
        for _ in range(rounds * 20):
            begun = time.perf_counter()
            async with reading(database) as db:
                published = await publish(db, "road", now())
            assert published is not None
            finished = Finished(published, renderer, settings(url), now())
            rendering = time.perf_counter()
            finished.plain("html", "en")
            row.ours.append((time.perf_counter() - rendering) * 1000)
            finished.ready("html", "en", "br")
            finished.ready("json", "en", "br")
            whole.ours.append((time.perf_counter() - begun) * 1000)
    return [row, whole]
