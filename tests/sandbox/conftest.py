"""The sandbox that tests share, as new for each that takes it as its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from milepost.gateways.stripe import StripeGateway
from tests.sandbox.door import door
from tests.sandbox.process import Endpoint, Sandbox


@pytest.fixture(scope="session")
def house() -> Iterator[Sandbox]:
    """One running sandbox with an endpoint, for all tests of a worker."""
    with Endpoint() as endpoint, Sandbox(endpoint) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(house: Sandbox) -> Sandbox:
    """A sandbox that remembers nothing, its switches all as they come."""
    assert house.endpoint is not None
    house.switch("reset")
    house.endpoint.bodies.clear()
    house.endpoint.answers.clear()
    return house


@pytest.fixture
def endpoint(sandbox: Sandbox) -> Endpoint:
    """Where the sandbox's events go."""
    assert sandbox.endpoint is not None
    return sandbox.endpoint


@pytest.fixture(scope="session")
def shared() -> Iterator[Sandbox]:
    """A sandbox without an endpoint, for tests that turn no switch."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
async def gateway(sandbox: Sandbox) -> AsyncIterator[StripeGateway]:
    """Milepost's own door to Stripe, with the sandbox behind it."""
    gateway = door(sandbox)
    yield gateway
    await gateway.close()
