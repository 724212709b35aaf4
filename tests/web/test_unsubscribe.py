"""Leaving the news: a page, one click, a way back."""

from milepost.services.unsubscribing import Subscriptions
from tests.mailing.people import backer
from tests.web.client import Reader
from tests.web.serving import Served
from tests.world import World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def link_of_dana(world: World, served: Served) -> str:
    """The way out that stands in Dana's mails."""
    await backer(world, await world.campaign(slug="recorder"), "Dana")
    row = await world.row("select id from customers")
    return f"/unsubscribe/{Subscriptions(served.settings.secret_key).token(row['id'])}"


async def wants_news(world: World) -> bool:
    return bool((await world.row("select news from customers"))["news"])


async def test_looking_at_the_page_changes_nothing(
    world: World, served: Served, reader: Reader
) -> None:
    link = await link_of_dana(world, served)
    for _ in range(2):  # mail programs look at links before anybody does
        page = await reader.get(link)
        assert page.status_code == 200
        assert "Send no more news" in page.text
        assert "dana@example.org" not in page.text
    assert await wants_news(world)


async def test_a_mail_program_leaves_the_news_with_one_click_from_nowhere(
    world: World, served: Served, reader: Reader
) -> None:
    link = await link_of_dana(world, served)
    for headers in ({}, {"origin": "https://mail.example"}, {"sec-fetch-site": "cross-site"}):
        answer = await reader.post(link, data=ONE_CLICK, headers=headers)
        assert answer.status_code == 200
        assert "You get no more news" in answer.text
        assert not await wants_news(world)


async def test_there_is_a_way_back_on(world: World, served: Served, reader: Reader) -> None:
    link = await link_of_dana(world, served)
    page = await reader.post(f"{link}?lang=de", headers=reader.from_here)
    assert "Du bekommst keine Neuigkeiten mehr" in page.text
    assert 'name="news" value="on"' in page.text
    back = await reader.post(link, data={"news": "on"}, headers=reader.from_here)
    assert "You get news again" in back.text
    assert await wants_news(world)


async def test_a_link_that_we_did_not_sign_leads_nowhere(
    world: World, served: Served, reader: Reader
) -> None:
    link = await link_of_dana(world, served)
    forged = Subscriptions("another-secret-of-somebody").token(1)
    for token in (link.removeprefix("/unsubscribe/")[:-1], "1", "nonsense", forged, "x" * 500):
        for method in ("GET", "POST"):
            answer = await reader.request(method, f"/unsubscribe/{token}")
            assert answer.status_code == 404
    assert await wants_news(world)


async def test_a_person_who_was_erased_is_unknown_there(
    world: World, served: Served, reader: Reader
) -> None:
    link = await link_of_dana(world, served)
    async with world.database.connection() as db:
        await db.execute("update customers set erased_at = now()")
    assert (await reader.get(link)).status_code == 404
    assert (await reader.post(link, data=ONE_CLICK)).status_code == 404
