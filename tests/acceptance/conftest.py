"""Real processes for a module's tests, and their logs when one of those fails."""

from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.acceptance.browser import Visit, visiting
from tests.acceptance.crowd import Crowd, crowd_at, world_of
from tests.acceptance.processes import Milepost
from tests.databases import Databases
from tests.world import World


@pytest.fixture(scope="module")
def milepost(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Milepost]:
    """Milepost on a database of the module's own."""
    url = databases.create()
    with Milepost(tmp_path_factory.mktemp("milepost"), url) as milepost:
        yield milepost
    databases.drop(url)


@pytest.fixture
async def crowd(milepost: Milepost) -> AsyncIterator[Crowd]:
    """Backers at its doors."""
    async with crowd_at(milepost) as crowd:
        yield crowd


@pytest.fixture
async def world(milepost: Milepost) -> AsyncIterator[World]:
    """Alice's store behind it; the same one for every test of the module."""
    async with world_of(milepost) as world:
        yield world


@pytest.fixture
def visit(browser: Browser, milepost: Milepost) -> Visit:
    """Opens a window on the first web process."""
    return lambda **options: visiting(browser, milepost.webs[0], **options)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, Any]:
    """Show what the processes said when a test of theirs fails."""
    report = yield
    if report.failed:
        for value in getattr(item, "funcargs", {}).values():
            if isinstance(value, Milepost):
                report.sections += [(f"log of {name}", text) for name, text in value.logs()]
    return report
