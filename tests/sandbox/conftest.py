"""Sandboxes for tests: one that a module shares, and one of a test's own."""

from collections.abc import Iterator

import pytest

from tests.sandbox.process import Endpoint, Sandbox


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """A sandbox without an endpoint, for tests that turn no switch."""
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """Where events go."""
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture
def sandbox(endpoint: Endpoint) -> Iterator[Sandbox]:
    """A sandbox of the test's own, with its endpoint."""
    with Sandbox(endpoint) as sandbox:
        yield sandbox
