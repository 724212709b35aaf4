"""Waiting for something to become true, and never for ever."""

import time
from collections.abc import Callable


def wait_until(condition: Callable[[], bool], what: str, within: float = 20.0) -> None:
    """Return as soon as `condition` holds; AssertionError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within:.0f} s"
        time.sleep(0.01)
