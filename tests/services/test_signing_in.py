"""What no page shows of signing in: who counts as the same network, what is forgotten when."""

from datetime import timedelta

import pytest
from starlette.requests import Request

from milepost.domain.errors import Invalid
from milepost.services.signing_in import (
    Asking,
    TooOften,
    address_behind,
    address_of,
    ask_for_link,
    ask_for_pledge,
    find_visit,
    forget_old,
    own_page,
    use_link,
)
from milepost.web.me.visit import client_of
from tests.world import World

BASE = "https://fund.example.org"


async def link(world: World) -> str:
    """The token of the last link that was promised."""
    rows = await world.rows("select detail from mails where kind = 'sign_in' order by id desc")
    return str(rows[0]["detail"]["url"]).rpartition("/")[2]


async def test_a_link_to_a_pledge_is_written_in_the_language_of_the_pledge(world: World) -> None:
    pledge_id = await world.pledged(await world.campaign(), "Dana")
    await world.rows("update pledges set key = 'a-key-of-danas-own', locale = 'de' where id = $1"
                     " returning id", pledge_id)  # fmt: skip
    asking = Asking("192.0.2.1", "en")
    await ask_for_pledge(world.database, BASE, "a-key-of-danas-own", asking, world.now)
    (mail,) = await world.rows("select * from mails where kind = 'sign_in'")
    assert (mail["recipient"], mail["locale"]) == ("dana@example.org", "de")
    assert mail["detail"]["url"].startswith(f"{BASE}/me/sign-in/")
    token = await link(world)
    assert await address_behind(world.database, token, world.now) == "dana@example.org"
    used = await use_link(world.database, token, world.now)
    assert used is not None and used[1] == "/me/pledges/a-key-of-danas-own"
    visit = await find_visit(world.database, used[0], world.now)
    assert visit is not None and visit.locale == "de" and not visit.renewed
    assert await use_link(world.database, token, world.now) is None


async def test_one_network_s_tries_do_not_stop_another(world: World) -> None:
    await world.pledged(await world.campaign(), "Dana")
    for n in range(20):
        await ask_for_link(
            world.database, BASE, f"guess{n}@example.org", Asking("192.0.2.1", "en"), world.now
        )
    with pytest.raises(TooOften):
        await ask_for_link(
            world.database, BASE, "dana@example.org", Asking("192.0.2.1", "en"), world.now
        )
    await ask_for_link(
        world.database, BASE, "dana@example.org", Asking("192.0.2.2", "en"), world.now
    )
    assert len(await world.rows("select 1 from mails where kind = 'sign_in'")) == 1


async def test_what_is_over_is_forgotten_a_day_later(world: World) -> None:
    await world.pledged(await world.campaign(), "Dana")
    asking = Asking("192.0.2.1", "en")
    await ask_for_link(world.database, BASE, "dana@example.org", asking, world.now)
    assert await use_link(world.database, await link(world), world.now)
    tries = await world.rows("select who from sign_in_tries")
    assert len(tries) == 2
    assert not [r["who"] for r in tries if "dana" in r["who"] or "192" in r["who"]]
    world.now += timedelta(days=1, hours=1)
    await forget_old(world.database, world.clock)
    for table, left in (("sign_in_tries", 0), ("sign_in_links", 0), ("visits", 1)):
        assert len(await world.rows(f"select 1 from {table}")) == left
    world.now += timedelta(days=31)
    await forget_old(world.database, world.clock)
    assert await world.rows("select 1 from visits") == []


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("a socket", "a socket"),
        (None, ""),
    ],
)
def test_somebody_with_ipv6_is_one_network(host: str | None, network: str) -> None:
    client = (host, 1) if host is not None else None
    assert client_of(Request({"type": "http", "client": client})) == network


def test_only_our_own_pages_are_led_to() -> None:
    for path in ("/me", "/me/erase", "/me/pledges/0123456789abcdef/address"):
        assert own_page(path) == path
    for path in ("", "/", "/meander", "//me", "/me/sign-out", "/me/pledges/x", "/me\n", "http:/me"):
        assert own_page(path) == ""


def test_an_address_is_kept_in_small_letters_and_must_look_like_one() -> None:
    assert address_of(" Dana@Example.ORG ") == "dana@example.org"
    with pytest.raises(Invalid):
        address_of("dana at example.org")
