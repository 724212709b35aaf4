"""A backer's link to their campaign: a friend who pledges by it moves the trail (N7, S9)."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect

from milepost.domain.facts import Fact
from milepost.domain.program_plans import Step
from milepost.services.auditing import audit_all
from milepost.services.erasing import erase_person
from milepost.services.reckoning import reckon_all
from tests.acceptance.browser import barriers, visiting
from tests.loyalty import Programs, reward
from tests.shopping import Till
from tests.web.client import Reader
from tests.web.me import key_of, sign_in
from tests.web.serving import Served
from tests.web.test_me_pages import words
from tests.world import World

PAGE = "/c/recorder"


@pytest.fixture
async def tier(world: World) -> int:
    """The recorder, in units, all or nothing, with a milestone at 4 and a mystery at 6."""
    campaign_id = await world.campaign(slug="recorder", goal=10)
    await world.milestone(campaign_id, 4, title="A second colour")
    await world.milestone(campaign_id, 6, title="Steel case", mystery=True)
    return await world.tier(campaign_id)


async def campaign_of(world: World) -> int:
    return int((await world.row("select id from campaigns"))["id"])


async def own_page(dana: Reader, world: World) -> str:
    """The page of Dana's own pledge, where she has one."""
    row = await world.row(
        "select p.id from pledges p join customers c on c.id = p.customer_id"
        " where c.email = 'dana@example.org' order by p.id limit 1"
    )
    key = await key_of(world, row["id"])
    answer = await dana.get(f"/me/pledges/{key}")
    if answer.status_code == 303:
        await sign_in(dana, world, "Dana")
        answer = await dana.get(f"/me/pledges/{key}")
    assert answer.status_code == 200
    return answer.text


async def link_of(dana: Reader, world: World) -> str:
    """The link that Dana's page shows, as a path of the site."""
    found = re.search(r'value="(http[^"]*\?friend=[^"]+)"', await own_page(dana, world))
    assert found
    link = urlsplit(found[1])
    assert link.path == PAGE
    return f"{link.path}?{link.query}"


async def come(served: Served, world: World, who: str, link: str, tier: int, count: int = 1) -> int:
    """`who` follows the link, pledges from that page without a script, and it is confirmed."""
    async with Reader(served.url) as friend:
        page = await friend.get(link)
        assert "set-cookie" not in page.headers and "friend=" not in page.text
        headers = friend.from_here | {"referer": f"{served.url}{link}"}
        typed = {"tier": str(tier), "quantity": str(count)}
        answer = await friend.post(f"{PAGE}/pledge", data=typed, headers=headers)
        assert answer.status_code == 303, answer.text[:2000]
    row = await world.row("select id from pledges order by id desc limit 1")
    return await confirmed(world, row["id"], who)


async def proved(world: World) -> None:
    """C7: the overview's count of friends is what the pledges say."""
    await reckon_all(world.database, world.now)
    assert [d async for a in audit_all(world.database) for d in a.differences] == []


async def confirmed(world: World, pledge_id: int, who: str) -> int:
    detail = {"email": f"{who.lower()}@example.org", "name": who, "locale": "en"}
    await world.hear(await campaign_of(world), Fact("saved", pledge_id, detail=detail))
    await world.settle()
    return pledge_id


async def test_a_friend_s_pledge_moves_the_trail_and_the_backer_reads_what_came_of_it(
    served: Served, world: World, tier: int
) -> None:
    await world.pledged(await campaign_of(world), "Dana")
    link = await link_of(served.reader, world)
    assert await link_of(served.reader, world) == link, "the link stays the same"
    assert "Nobody has pledged by it yet." in await own_page(served.reader, world)
    await come(served, world, "Eli", link, tier, 2)
    page = re.sub(r"\s+", " ", await own_page(served.reader, world))
    assert "1 friend has pledged by your link.</strong> That is 2 of the 3 on the trail." in page
    assert "1 more, and the crowd reaches “A second colour”." in page
    await come(served, world, "Frank", link, tier)
    page = re.sub(r"\s+", " ", await own_page(served.reader, world))
    assert "2 friends have pledged by your link.</strong> That is 3 of the 4 on the trail." in page
    assert "2 more, and the crowd reaches the mystery at 6." in page
    assert "Steel case" not in page and "A second colour" in page
    await proved(world)


async def test_what_a_friend_takes_back_is_told_as_it_stands_on_the_trail(
    served: Served, world: World, tier: int
) -> None:
    """C5."""
    campaign_id = await campaign_of(world)
    await world.pledged(campaign_id, "Dana")
    link = await link_of(served.reader, world)
    friend = await come(served, world, "Eli", link, tier, 2)
    await world.hear(campaign_id, Fact("cancelled", friend))
    await world.settle()
    assert "Nobody has pledged by it yet." in await own_page(served.reader, world)
    await proved(world)


async def test_nobody_is_their_own_friend(served: Served, world: World, tier: int) -> None:
    await world.pledged(await campaign_of(world), "Dana")
    link = await link_of(served.reader, world)
    for who in ("Dana", "Dana+2"):
        await come(served, world, who, link, tier)
    assert "Nobody has pledged by it yet." in await own_page(served.reader, world)
    assert await world.rows("select from pledges where referrer_id is not null") == []


async def test_the_code_goes_along_through_a_refused_form_and_another_choice(
    served: Served, world: World, tier: int
) -> None:
    await world.pledged(await campaign_of(world), "Dana")
    code = (await link_of(served.reader, world)).partition("=")[2]
    async with Reader(served.url) as eli:
        form = await eli.get(f"{PAGE}/pledge?friend={code}")
        assert f'name="friend" value="{code}"' in form.text
        typed = {"tier": str(tier), "quantity": "x", "friend": code}
        refused = await eli.post(f"{PAGE}/pledge", data=typed, headers=eli.from_here)
        assert refused.status_code == 422 and f'name="friend" value="{code}"' in refused.text
        begun = await eli.post(f"{PAGE}/pledge", data=typed | {"quantity": "1"},
                               headers=eli.from_here)  # fmt: skip
        assert begun.status_code == 303
        first = await world.row("select id, key from pledges order by id desc limit 1")
        typed = {"tier": str(tier), "quantity": "2", "instead": first["key"]}
        again = await eli.post(f"{PAGE}/pledge", data=typed, headers=eli.from_here)
        assert again.status_code == 303
        for odd in ("", "x", code.upper(), f"{code}b", "%00", "<b>"):
            answer = await eli.get(f"{PAGE}/pledge?friend={odd}")
            assert answer.status_code == 200 and 'name="friend"' not in answer.text
    rows = await world.rows("select referrer_id from pledges order by id desc limit 2")
    assert rows[0]["referrer_id"] == rows[1]["referrer_id"] is not None


async def test_another_site_s_address_and_another_store_s_code_name_no_friend(
    served: Served, world: World, tier: int
) -> None:
    await world.pledged(await campaign_of(world), "Dana")
    link = await link_of(served.reader, world)
    async with Reader(served.url) as eli:
        headers = eli.from_here | {"referer": f"https://elsewhere.example{link}"}
        typed = {"tier": str(tier), "quantity": "1"}
        await eli.post(f"{PAGE}/pledge", data=typed, headers=headers)
        await world.rows("update accounts set store_id = 4711 returning 1")
        headers = eli.from_here | {"referer": f"{served.url}{link}"}
        await eli.post(f"{PAGE}/pledge", data=typed, headers=headers)
    assert len(await world.rows("select from pledges")) == 3
    assert await world.rows("select from pledges where referrer_id is not null") == []


async def test_a_charged_pledge_by_the_link_counts_once_for_the_backer_s_rewards(
    served: Served, world: World, loyal: Programs, till: Till
) -> None:
    """S9: whatever else the friend pledges."""
    await loyal.on("mixed", Step("referrals", 2, reward(asked=20)), name="Friends")
    campaign_id = await world.campaign(slug="recorder", funding_model="keep_it_all", goal=100)
    tier = await world.tier(campaign_id)
    await world.pledged(campaign_id, "Dana")
    link = await link_of(served.reader, world)
    assert "also counts for your rewards" in await own_page(served.reader, world)
    for _ in range(2):
        async with Reader(served.url) as eli:
            headers = eli.from_here | {"referer": f"{served.url}{link}"}
            typed = {"tier": str(tier), "quantity": "1"}
            answer = await eli.post(f"{PAGE}/pledge", data=typed, headers=headers)
        till.pay(str(answer.headers["location"]).rpartition("/")[2].partition("?")[0], "Eli")
        await till.catch_up()
    await loyal.settings(counts_pledges=False)
    assert "your rewards" not in await own_page(served.reader, world)
    assert "Straight to" not in (await served.reader.get("/me/rewards")).text
    await loyal.settings(counts_pledges=True)
    page = await served.reader.get("/me/rewards")
    assert "1 of 2 friends’ first orders, 1 more." in words(page)
    assert "Straight to “Field Recorder”" in words(page) and f'{link}"' in page.text
    assert "1 friend has pledged by your link." in await own_page(served.reader, world)


async def test_the_studio_says_how_many_pledges_came_by_friends(
    served: Served, world: World, tier: int, alice: Reader
) -> None:
    """B12."""
    await world.pledged(await campaign_of(world), "Gina")
    home = "/studio/larkfield/campaigns/recorder"
    assert "personal link" not in (await alice.get(home)).text
    own = await world.pledged(await campaign_of(world), "Dana")
    async with Reader(served.url) as dana:
        link = await link_of(dana, world)
    await come(served, world, "Eli", link, tier, 2)
    await come(served, world, "Frank", link, tier)
    assert "2 pledges came by a friend’s personal link: $135." in (await alice.get(home)).text
    await world.hear(await campaign_of(world), Fact("cancelled", own))
    await world.settle()
    await erase_person(world.database, "dana@example.org", world.now)
    assert "personal link" not in (await alice.get(home)).text, (
        "whose it was, nobody knows any more"
    )
    await proved(world)


async def test_once_the_campaign_is_closed_the_link_is_gone_and_what_came_of_it_stays(
    served: Served, world: World, tier: int
) -> None:
    await world.pledged(await campaign_of(world), "Dana")
    link = await link_of(served.reader, world)
    await come(served, world, "Eli", link, tier)
    await world.rows("update campaigns set closes_at = $1 returning 1", world.now)
    page = await own_page(served.reader, world)
    assert "?friend=" not in page and "1 friend has pledged by your link." in page


@pytest.mark.browser
async def test_the_link_is_shared_and_followed_in_a_real_browser(
    served: Served, world: World, browser: Browser, tier: int
) -> None:
    """With a script the code is in the form, whatever the browser says of where it came from."""
    await world.pledged(await campaign_of(world), "Dana")
    link = await link_of(served.reader, world)
    async with visiting(browser, served.url) as eli:
        await eli.open(link)
        code = link.partition("=")[2]
        form = eli.tier("One recorder").locator("form")
        await expect(form.locator('[name="friend"]')).to_have_value(code)
        german = eli.page.locator('.languages a[hreflang="de"]')
        assert f"friend={code}" in str(await german.get_attribute("href"))
        assert await eli.context.cookies() == []
        assert await barriers(eli.page) == []
