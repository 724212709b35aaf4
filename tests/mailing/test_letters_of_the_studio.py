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
