"""The shelf: what it serves is never older than the last notice for longer than a moment."""

import asyncio
from typing import Any

import pytest

from milepost.services.publishing import Published, publish
from milepost.settings import read_settings
from milepost.storage import ledger
from milepost.storage.database import unit
from milepost.web import shelf
from milepost.web.site import make_site
from tests.world import World, open_world


async def test_a_campaign_that_moves_while_it_is_first_made_is_made_again(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(
        base_url="http://localhost:8000",
        database_url=database_url,
        secret_key="a-secret-for-the-shelf",
        stripe_secret_key="sk_test_shelf",
        stripe_webhook_secret="whsec_shelf",
    )
    site = make_site(settings)
    async with open_world(database_url) as world, site.database:
        campaign = await world.campaign(slug="field-recorder")
        moved = await _moved_after_the_first_look(world, campaign, site.shelf, monkeypatch)
        first = await site.shelf.get("field-recorder")
        assert first is not None and first.version < moved[0]
        async with asyncio.timeout(10):
            while (await site.shelf.get("field-recorder")).version < moved[0]:  # type: ignore[union-attr]
                await asyncio.wait(site.shelf._keepers.values(), timeout=0.05)
        site.shelf.close()


async def _moved_after_the_first_look(
    world: World, campaign: int, seen: shelf.Shelf, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """The version that the campaign gets right after it was read for the first time."""
    moved: list[int] = []

    async def look(db: Any, *rest: Any) -> Published | None:
        found = await publish(db, *rest)
        if not moved:
            async with unit(world.database) as other:
                moved.append(await ledger.bump_version(other, campaign))
            seen.moved(f"{campaign}:{moved[0]}")
        return found

    monkeypatch.setattr(shelf, "publish", look)
    return moved
