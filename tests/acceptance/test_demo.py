"""The demo as a newcomer meets it: its address, its state, and the pledge that opens more."""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

from tests.cli.test_demo import address, demo, has_ended

Shape = dict[str, Callable[[Any], bool]]


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_named(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def is_instant(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value))


def maybe(check: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or check(value)


def one_of(*known: object) -> Callable[[Any], bool]:
    return lambda value: value in known


CAMPAIGN: Shape = {
    "slug": is_named,
    "title": is_named,
    "state": one_of("upcoming", "live", "closed"),
    "basis": one_of("units", "money"),
    "currency": lambda value: bool(re.fullmatch("[A-Z]{3}", value)),
    "goal": is_count,
    "total": is_count,
    "raised": is_count,
    "units": is_count,
    "backers": is_count,
    "version": is_count,
    "opens_at": is_instant,
    "closes_at": is_instant,
    "milestones": lambda value: isinstance(value, list),
    "tiers": lambda value: isinstance(value, list),
}
MILESTONE: Shape = {
    "id": is_named,
    "target": is_count,
    "audience": one_of("all_backers", "new_backers"),
    "reward": one_of("product", "reveal"),
    "title": is_text,
    "text": is_text,
    "image": maybe(is_named),
}
AHEAD: Shape = MILESTONE | {"state": one_of("ahead"), "left": is_count}
REACHED: Shape = MILESTONE | {
    "state": one_of("reached", "revealed"),
    "reached_at": is_instant,
    "reached_seq": is_count,
}
TIER: Shape = {
    "id": is_named,
    "title": is_named,
    "price": is_count,
    "left": maybe(is_count),
    "state": one_of("open", "soon", "sold_out", "ended"),
}


def wrong(told: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """What is missing or not of its type; more than the shape has may be told."""
    missing = object()
    found = {name: told.get(name, missing) for name in shape}
    return {
        name: "missing" if value is missing else value
        for name, value in found.items()
        if value is missing or not shape[name](value)
    }


def check_state(told: dict[str, Any]) -> None:
    """The public state is exactly what `docs` promise to others."""
    assert wrong(told, CAMPAIGN) == {}
    assert told["total"] == told["units" if told["basis"] == "units" else "raised"]
    targets = [m["target"] for m in told["milestones"]]
    assert targets == sorted(targets)
    for milestone in told["milestones"]:
        assert wrong(milestone, AHEAD if milestone["state"] == "ahead" else REACHED) == {}
        if milestone["state"] == "ahead":
            assert milestone["left"] == milestone["target"] - told["total"] > 0
            assert "reached_seq" not in milestone
        else:
            assert 0 < milestone["reached_seq"] <= told["version"]
    assert told["tiers"]
    for tier in told["tiers"]:
        assert wrong(tier, TIER) == {}


def state(http: httpx.Client) -> dict[str, Any]:
    answer = http.get("/c/field-recorder.json")
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = answer.json()
    return told


def pledge(http: httpx.Client, tier: str) -> httpx.Response:
    """Choose, pay on the hosted page, and come back to the pledge's own page."""
    chosen = http.post(
        "/c/field-recorder/pledge",
        data={"tier": tier},
        headers={"origin": str(http.base_url).rstrip("/")},
    )
    assert chosen.status_code == 303, chosen.text
    form = {
        "method": "card",
        "email": "dana@example.org",
        "name": "Dana Backer",
        "number": "4242 4242 4242 4242",
        "expiry": "12 / 34",
        "cvc": "123",
        "country": "US",
        "postal_code": "94107",
    }
    paid = http.post(chosen.headers["location"], data=form)
    assert paid.status_code == 303, paid.text
    back = urlsplit(paid.headers["location"])
    assert back.path.startswith("/p/")
    return http.get(back.path)


def wait_for_milestone(http: httpx.Client, target: int) -> dict[str, Any]:
    """The state once the milestone at `target` is no longer ahead."""
    deadline = time.monotonic() + 30
    while True:
        told = state(http)
        milestone = next(m for m in told["milestones"] if m["target"] == target)
        if milestone["state"] != "ahead":
            return told
        assert time.monotonic() < deadline, "the milestone did not open within 30 s"


def test_one_pledge_of_one_unit_opens_the_next_milestone_and_a_second_start_remembers_it(
    tmp_path: Path,
) -> None:
    with demo(tmp_path) as running:
        with httpx.Client(base_url=address(running), trust_env=False, timeout=30) as http:
            before = state(http)
            check_state(before)
            assert (before["basis"], before["state"]) == ("units", "live")
            ahead = next(m for m in before["milestones"] if m["state"] == "ahead")
            assert (ahead["target"], ahead["left"]) == (400, 1)
            tier = next(t for t in before["tiers"] if t["state"] == "open" and t["units"] == 1)
            page = pledge(http, tier["id"])
            assert page.status_code == 200
            after = wait_for_milestone(http, 400)
            check_state(after)
            assert after["total"] == before["total"] + 1 == 400
            assert after["raised"] == before["raised"] + tier["price"]
            assert after["backers"] == before["backers"] + 1
            assert after["version"] > before["version"]
            secret = next(m for m in after["milestones"] if m["target"] == 400)
            assert secret["state"] in ("reached", "revealed") and secret["title"]
        everything = psutil.Process(running.pid).children(recursive=True)
        assert len(everything) >= 4
        running.send_signal(signal.SIGINT)
        rest, complaints = running.communicate(timeout=30)
        assert (running.returncode, rest, complaints) == (0, "", "")
        assert all(has_ended(process) for process in everything)

    with demo(tmp_path) as again:
        with httpx.Client(base_url=address(again), trust_env=False, timeout=30) as http:
            told = state(http)
            check_state(told)
            assert (told["total"], told["raised"]) == (after["total"], after["raised"])
        again.send_signal(signal.SIGINT)
        assert again.wait(30) == 0
