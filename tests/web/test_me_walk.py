"""Nobody sees or changes another's pledge: whoever may not walks every /me address there is."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from milepost.domain.lines import Line
from milepost.services.addressing import Address, send_to
from milepost.services.signing_in import LINK_LASTS
from milepost.services.surveying import NewQuestion, answer, ask
from milepost.storage.database import unit
from milepost.web.routes import ROUTES
from tests.web.client import Reader
from tests.web.kept import nothing_changes
from tests.web.me import ENTRANCE, INSIDE, atlas_of, do, key_of, mailed, shipped_campaign, sign_in
from tests.web.me import ask as ask_for_link
from tests.web.serving import Served
from tests.world import World

OF_A_PLEDGE = [path for path in INSIDE if "{key}" in path]
OF_A_PERSON = [path for path in INSIDE if "{" not in path]
LEAVING = [path for path in OF_A_PERSON if path.startswith("/me/sign-out")]
SECRETS = (
    "dana@example.org",
    "Dana",
    "Elm Road",
    "DANA-CODE",
    "For her alone",
    "Engrave: D.",
    "the-key-of-pledge-0000000",
)
# What a form of each page would send, were it allowed to.
TYPED: dict[str, dict[str, str]] = {
    "address": {"name": "Eli", "line1": "1 Mine St", "city": "Ours", "country": "DE",
                "postal_code": "10115"},
    "answers": {"q-1": "Mine"},
    "change": {"tier": "", "amount": "1"},
    "erase": {"email": "dana@example.org"},
}  # fmt: skip


def methods_of(path: str) -> list[str]:
    """What the route takes, by its own word."""
    (route,) = [r for r in ROUTES if getattr(r, "path", "") == path]
    return sorted(getattr(route, "methods", None) or set())


def walk(keys: list[str]) -> list[tuple[str, str]]:
    """Every method of every route inside, for each of the keys."""
    found = [(m, path.replace("{key}", key)) for path in OF_A_PLEDGE for key in keys
             for m in methods_of(path)]  # fmt: skip
    return found + [(m, path) for path in OF_A_PERSON for m in methods_of(path)]


async def send(reader: Reader, method: str, path: str) -> Any:
    """Ask for it as its own page would."""
    typed = TYPED.get(path.rpartition("/")[2]) if method == "POST" else None
    headers = reader.from_here if method == "POST" else {}
    return await reader.request(method, path, data=typed, headers=headers)


@dataclass
class Stage:
    """Dana's two pledges, with all that a pledge can have, and Eli who has one of his own."""

    served: Served
    world: World
    dana: list[str]
    eli: str

    @property
    def url(self) -> str:
        """Where the site is."""
        return self.served.url


@pytest.fixture
async def stage(served: Served, world: World) -> AsyncIterator[Stage]:
    """A charged pledge that is sent somewhere, and one whose card is saved."""
    campaign_id, tier_id = await shipped_campaign(world)
    await world.milestone(campaign_id, 1, codes=("DANA-CODE",), exclusive="For her alone")
    pledge_id, atlas = await atlas_of(world, campaign_id, tier_id, "Dana")
    async with unit(world.database) as db:
        await ask(db, campaign_id, [NewQuestion("What shall we engrave?")], world.now)
    (question,) = await world.rows("select id from questions")
    await answer(world.database, pledge_id, {question["id"]: "Engrave: D."}, world.now)
    home = Address(name="Dana", line1="5 Elm Road", city="Berlin", country="DE")
    await send_to(world.database, pledge_id, home, world.now)
    saving = await world.campaign(slug="saving", funding_model="all_or_nothing")
    saved_id = await world.pledged(saving, "Dana", Line("own_amount", "", 1, 4500, 1))
    await world.rows("update pledges set state = 'confirmed', paid = '{}' where id = $1"
                     " returning id", saved_id)  # fmt: skip
    saved = await key_of(world, saved_id)
    other = await world.campaign(slug="other", title="Another road")
    own = await key_of(world, await world.pledged(other, "Eli"))
    await world.rows("update pledges set key = 'eli-has-this-one' where key = $1 returning id", own)
    yield Stage(served, world, [atlas, saved], "eli-has-this-one")


def test_there_is_nothing_beside_the_routes_that_are_walked() -> None:
    assert len(OF_A_PLEDGE) == 7 and len(OF_A_PERSON) == 7 and len(ENTRANCE) == 4
    for path in OF_A_PLEDGE:
        assert "GET" in methods_of(path), path


async def test_whoever_owns_it_gets_every_page(stage: Stage) -> None:
    async with Reader(stage.url) as dana:
        await sign_in(dana, stage.world, "Dana")
        seen = dict.fromkeys(OF_A_PLEDGE, 0)
        for path, key in product(OF_A_PLEDGE, stage.dana):
            answer = await dana.get(path.replace("{key}", key))
            assert answer.status_code in (200, 303, 404), path
            if answer.status_code == 303:
                assert answer.headers["location"] == f"/me/pledges/{key}"
            seen[path] += answer.status_code == 200
        assert all(seen.values()), seen
        everything = (await dana.get("/me/data.json")).text
        assert all(secret in everything for secret in SECRETS)


async def test_another_backer_finds_nothing_and_changes_nothing(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    async with Reader(stage.url) as eli:
        await sign_in(eli, stage.world, "Eli")
        async with nothing_changes(stage.world):
            for method, path in walk(stage.dana):
                if path in LEAVING and method == "POST":
                    continue
                with subtests.test(f"{method} {path}"):
                    answer = await send(eli, method, path)
                    if "/pledges/" in path:
                        assert answer.status_code == 404
                    else:
                        assert answer.status_code in (200, 303, 422)
                    said = answer.text.replace('value="dana@example.org"', "")  # as typed
                    assert not [secret for secret in SECRETS if secret in said]
        assert "Another road" in (await eli.get("/me")).text
        assert (await eli.get(f"/me/pledges/{stage.eli}")).status_code == 200


async def test_what_is_another_s_looks_like_what_never_was(stage: Stage) -> None:
    async with Reader(stage.url) as eli:
        await sign_in(eli, stage.world, "Eli")
        for path in OF_A_PLEDGE:
            known = await eli.get(path.replace("{key}", stage.dana[0]))
            never = await eli.get(path.replace("{key}", "nobody-has-this-key-1234"))
            absurd = await eli.get(path.replace("{key}", "short"))
            assert known.text == never.text == absurd.text, path


async def stale_cookies(stage: Stage) -> dict[str, dict[str, str]]:
    """Cookies of visits that are over, and some that never were one."""
    found = {}
    async with Reader(stage.url) as reader:
        await sign_in(reader, stage.world, "Dana")
        found["signed out"] = dict(reader.cookies)
        await do(reader, "/me/sign-out")
        reader.cookies.clear()
        await sign_in(reader, stage.world, "Dana")
        found["signed out elsewhere"] = dict(reader.cookies)
        reader.cookies.clear()
        await sign_in(reader, stage.world, "Dana")
        await do(reader, "/me/sign-out/everywhere")
        reader.cookies.clear()
        stage.world.now += LINK_LASTS
        await sign_in(reader, stage.world, "Dana")
        found["too old"] = dict(reader.cookies)
        stage.world.now += timedelta(days=30, seconds=1)
    found["made up"] = {"milepost-visit": "a" * 43}
    found["absurd"] = {"milepost-visit": "'; drop table visits; --" + "x" * 3000}
    return found


async def test_a_stranger_and_a_visit_that_is_over_are_led_to_the_way_in(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    cookies = {"stranger": {}} | await stale_cookies(stage)
    async with nothing_changes(stage.world):
        for who, kept in cookies.items():
            with subtests.test(who):
                for method, path in walk(stage.dana):
                    async with Reader(stage.url, cookies=kept) as reader:
                        answer = await send(reader, method, path)
                    assert answer.status_code == 303, (method, path)
                    way_in = answer.headers["location"].partition("?")[0]
                    assert way_in in ("/me/sign-in", "/me"), (method, path)
                    assert way_in == "/me/sign-in" or path in LEAVING
                    assert not answer.content


async def test_a_link_that_was_used_or_is_too_old_opens_nothing(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    world = stage.world
    async with Reader(stage.url) as dana:
        used = await sign_in(dana, world, "Dana")
        await ask_for_link(dana, "Dana")
        old = (await mailed(world))[-1]
    world.now += timedelta(minutes=15)
    async with nothing_changes(world):
        for way_in in (used, old, used + "x", used[:-1]):
            for method in ("GET", "POST"):
                with subtests.test(f"{method} {way_in}"):
                    async with Reader(stage.url) as thief:
                        answer = await send(thief, method, way_in)
                        assert answer.status_code == 410
                        assert "set-cookie" not in answer.headers
                        assert not [secret for secret in SECRETS if secret in answer.text]
                        for inside, path in walk(stage.dana):
                            assert (await send(thief, inside, path)).status_code == 303


async def test_every_answer_is_kept_by_nobody(stage: Stage) -> None:
    async with Reader(stage.url) as dana:
        await sign_in(dana, stage.world, "Dana")
        for method, path in walk(stage.dana):
            if method == "GET":
                answer = await dana.get(path)
                assert answer.headers["cache-control"] == "no-store", path
                if answer.status_code == 200:
                    assert answer.headers["referrer-policy"] == "same-origin", path
