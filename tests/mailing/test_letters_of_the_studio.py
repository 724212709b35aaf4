"""What the studio's two mails say, each in its reader's language, and that no link is kept."""

import pytest

from milepost.storage import mails
from milepost.storage.database import unit
from tests.mailing.people import BASE_URL, kept
from tests.world import World

INVITED = {
    "en": ["You are invited to Larkfield", "Alice invites you", "as editor"],
    "de": ["Du bist zu Larkfield eingeladen", "Alice lädt dich ein", "Redaktion"],
}
SIGN_IN = {"en": ["Your link to the studio"], "de": ["Dein Link zum Studio"]}


@pytest.mark.parametrize("locale", ["en", "de"])
@pytest.mark.parametrize(("kind", "facts"), [("invitation", INVITED), ("studio_sign_in", SIGN_IN)])
async def test_it_says_what_matters_with_its_link_and_keeps_no_link(
    world: World, kind: str, facts: dict[str, list[str]], locale: str
) -> None:
    url = f"{BASE_URL}/studio/the-token"
    detail = {"url": url, "store": "Larkfield", "by": "Alice", "role": "editor"}
    async with unit(world.database) as db:
        await mails.promise_to(db, kind, "one", "bob@example.org", locale, detail, world.now)
    (row,) = await kept(world)
    for fact in facts[locale]:
        assert fact in row["subject"] + row["text"], fact
    assert url in row["text"] and f'href="{url}"' in row["html"]
    assert row["detail"] == {}


async def test_a_link_to_the_studio_that_is_over_is_not_sent(world: World) -> None:
    async with unit(world.database) as db:
        detail = {"url": f"{BASE_URL}/studio/sign-in/t"}
        await mails.promise_to(
            db, "studio_sign_in", "late", "bob@example.org", "en", detail, world.now
        )
    await world.rows("update mails set due_at = due_at - interval '16 minutes' returning id")
    (row,) = await kept(world)
    assert (row["state"], row["error"]) == ("skipped", "its link is no longer good")


@pytest.mark.parametrize(
    ("why", "fact"), [("dead", "has not taken what we sent for three days"), ("gone", "is gone")]
)
async def test_a_paused_endpoint_is_told_of_with_the_way_to_it(
    world: World, why: str, fact: str
) -> None:
    address = "https://shop.example.org/hooks?key=not-for-a-mail"
    detail = {"url": address, "store": "larkfield", "hook": 7, "why": why}
    async with unit(world.database) as db:
        await mails.promise_to(db, "hook_paused", "one", "bob@example.org", "en", detail, world.now)
    (row,) = await kept(world)
    assert "Hooks to shop.example.org are paused" in row["subject"]
    assert fact in row["text"] and f"{BASE_URL}/studio/larkfield/hooks/7" in row["text"]
    assert "not-for-a-mail" not in row["text"] + row["html"]
