"""A world whose backers get mail, and a mail server that takes it."""

from collections.abc import AsyncIterator

import pytest

from milepost.gateways.mail import Post
from tests.mailing.mailserver import MailServer
from tests.mailing.people import BASE_URL
from tests.world import World, open_world


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A store of Alice's, in a database of the test's own, where it is noon on 1 June 2026."""
    async with open_world(database_url) as world:
        yield world


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    """A mail server that takes everything."""
    async with MailServer() as server:
        yield server


@pytest.fixture
async def post(server: MailServer) -> Post:
    """The way to it."""
    return Post(server.url, BASE_URL)
