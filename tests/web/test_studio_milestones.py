"""A creator manages milestones on the web: made, looked at, moved, changed, archived (S44–S56)."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from milepost.services.granting import fan_out
from milepost.services.milestones import add_milestone
from tests.web.client import Reader
from tests.web.kept import link_of, nothing_changes
from tests.web.serving import Served
from tests.web.studio import enter, log_of, staff
from tests.world import World, recorders

BASE = "/studio/larkfield/campaigns/recorder/milestones"


@pytest.fixture
async def alice(served: Served, world: World) -> Reader:
    """Alice at her desk."""
    await staff(world)
    await enter(served.reader, "Alice")
    return served.reader


async def sent(reader: Reader, path: str, files: Any = None, **typed: Any) -> httpx.Response:
    """Send the form of a milestone, as its page does."""
    common = {
        "kind": "reveal", "title": "A song", "code_kind": "none", "audience": "all_backers",
        "per": "backer", "reveal": "automatic", "do": "save",
    }  # fmt: skip
    fields = [
        (name, (None, one))
        for name, value in (common | typed).items()
        if value != ""
        for one in (value if isinstance(value, list) else [value])
    ]
    return await reader.post(path, files=fields + (files or []), headers=reader.from_here)


def seen_in(page: str) -> str:
    """What a preview has put into the form."""
    found = re.search(r'name="seen" value="([\d.]+)"', page)
    assert found, "the page shows no preview"
    return found[1]


def answer_in(page: str) -> str:
    """The words of the preview."""
    found = re.search(r'id="foresight"(.*?)</(?:section|div)>', page, re.DOTALL)
    assert found
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split())


async def milestone_row(world: World) -> Any:
    """The only milestone with its reward in use."""
    return await world.row(
        "select m.*, r.kind, r.title, r.text_before, r.text_after, r.exclusive, r.code_kind,"
        " r.shared_code, r.cost, r.product_id, r.translations, r.version"
        " from milestones m join rewards r on r.id = m.reward_id"
    )


async def test_the_section_offers_to_create_a_milestone_and_lists_several(
    alice: Reader, world: World
) -> None:
    """S44, S55."""
    campaign = await world.campaign(slug="recorder")
    empty = await alice.get(BASE)
    assert "There is no milestone yet." in empty.text and f"{BASE}/new" in empty.text
    await world.milestone(campaign, 20, title="First")
    await world.milestone(campaign, 10, title="Second")
    page = (await alice.get(BASE)).text
    assert page.index("Second") < page.index("First") and "Create milestone" in page


async def test_a_unit_campaign_s_target_is_units_sold(alice: Reader, world: World) -> None:
    """S45."""
    await world.campaign(slug="recorder")
    assert "Units sold" in (await alice.get(f"{BASE}/new")).text
    assert (await sent(alice, f"{BASE}/new", target="40")).status_code == 303
    assert (await milestone_row(world))["target"] == 40
    wrong = await sent(alice, f"{BASE}/new", target="12.50")
    assert wrong.status_code == 422 and "“12.50” is not a whole number." in wrong.text


async def test_a_money_campaign_s_target_is_an_amount(alice: Reader, world: World) -> None:
    """S45, M1."""
    await world.campaign(slug="recorder", basis="money", currency="KWD", goal=1_000_000)
    assert "Amount pledged, in KWD" in (await alice.get(f"{BASE}/new")).text
    assert (await sent(alice, f"{BASE}/new", target="12.505")).status_code == 303
    assert (await milestone_row(world))["target"] == 12505
    edit = await alice.get(f"{BASE}/1/edit")
    assert 'value="12.505"' in edit.text


async def test_a_reward_is_a_product_picked_by_browsing(alice: Reader, world: World) -> None:
    """S46, S47, R1."""
    campaign = await world.campaign(slug="recorder")
    mug = await world.product(title="Mug", stock=7)
    for number in range(30):
        await world.product(title=f"Thing {number}")
    page = (await alice.get(f"{BASE}/new")).text
    assert "Thing 29" in page and "Mug" not in page and "These are the newest." in page
    found = await sent(alice, f"{BASE}/new", kind="product", find="mug", do="find", target="1")
    assert found.status_code == 200 and "7 in stock" in found.text and "Thing 29" not in found.text
    made = await sent(
        alice, f"{BASE}/new", kind="product", product=str(mug), title="", target="1", cost="3.20"
    )
    assert made.status_code == 303
    row = await milestone_row(world)
    assert (row["product_id"], row["title"], row["cost"]) == (mug, "Mug", 320)
    pledge = await world.pledged(campaign, "dana", recorders(2))
    assert await world.grants(row["id"]) == {"dana": "owed"}
    own = await alice.get(await link_of(world, pledge))
    assert "Mug" in own.text, "added to her order by itself"


async def test_a_product_can_be_made_with_its_milestone(alice: Reader, world: World) -> None:
    """S47."""
    await world.campaign(slug="recorder")
    made = await sent(
        alice, f"{BASE}/new", kind="product", product="new", title="", product_title="Strap",
        product_stock="12", target="9",
    )  # fmt: skip
    assert made.status_code == 303
    row = await world.row("select p.* from products p join rewards r on r.product_id = p.id")
    assert (row["title"], row["stock"]) == ("Strap", 12)
    assert (await milestone_row(world))["title"] == "Strap"


async def test_another_store_s_product_and_another_campaign_s_tier_are_refused(
    alice: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    other = await world.campaign(slug="other")
    tier = await world.tier(other)
    elsewhere = await world.row("select id from stores where slug = 'elsewhere'")
    mine, world.store_id = world.store_id, elsewhere["id"]
    theirs = await world.product(title="Not yours")
    world.store_id = mine
    async with nothing_changes(world):
        refused = await sent(alice, f"{BASE}/new", kind="product", product=str(theirs), target="5")
        assert refused.status_code == 422 and "not in the store" in refused.text
        assert "Not yours" not in refused.text
        refused = await sent(alice, f"{BASE}/new", target="5", tiers=[str(tier)])
        assert refused.status_code == 422 and "qualify is gone" in refused.text


async def test_a_reveal_has_all_its_texts_in_two_languages(alice: Reader, world: World) -> None:
    """S48, S49."""
    await world.campaign(slug="recorder")
    typed = {
        "text_before": "Before.\nTwo lines.", "text_after": "After.", "exclusive": "*Only you*",
        "code_kind": "shared", "shared_code": "LARK", "de-title": "Ein Lied", "mystery": "on",
        "de-text_after": "Danach.", "reveal": "manual",
    }  # fmt: skip
    assert (await sent(alice, f"{BASE}/new", target="40", **typed)).status_code == 303
    row = await milestone_row(world)
    assert (row["text_before"], row["text_after"]) == ("Before.\nTwo lines.", "After.")
    assert (row["exclusive"], row["shared_code"]) == ("*Only you*", "LARK")
    assert row["translations"] == {"de": {"title": "Ein Lied", "text_after": "Danach."}}
    assert (row["reveal"], row["mystery"]) == ("manual", True)


async def test_codes_are_pasted_and_uploaded_and_those_there_twice_are_named(
    alice: Reader, world: World
) -> None:
    """R2."""
    await world.campaign(slug="recorder")
    file = ("codes_file", ("codes.txt", "\ufeffC3\r\nC1\r\n".encode(), "text/plain"))
    typed = {"target": "40", "code_kind": "pool", "codes": "C1\n C2 \n"}
    wrong = await sent(alice, f"{BASE}/new", [file], **typed)
    assert wrong.status_code == 422 and "or twice: C1" in wrong.text
    assert "C3" in wrong.text, "what the file held is kept in the form"
    file = ("codes_file", ("codes.txt", b"C3\n", "text/plain"))
    assert (await sent(alice, f"{BASE}/new", [file], **typed)).status_code == 303
    codes = await world.rows("select code from reward_codes order by position")
    assert [row["code"] for row in codes] == ["C1", "C2", "C3"]
    await alice.post(f"{BASE}/1/codes", data={"codes": "C4\nC5"}, headers=alice.from_here)
    again = await alice.post(f"{BASE}/1/codes", data={"codes": "C9\nC4"}, headers=alice.from_here)
    assert again.status_code == 422 and "or twice: C4" in again.text and "C9" in again.text
    assert len(await world.rows("select code from reward_codes")) == 5


@pytest.mark.parametrize("kind", ["all_backers", "new_backers"])
async def test_the_audience_is_all_backers_or_new_ones_with_every_switch(
    alice: Reader, world: World, kind: str
) -> None:
    """S51, S52, A1, A2, A6, A7."""
    campaign = await world.campaign(slug="recorder")
    tier = await world.tier(campaign)
    typed = {"audience": kind, "include_crossing": "on", "exclude_late": "on", "per": "unit",
             "tiers": [str(tier)], "cap": "30"}  # fmt: skip
    assert (await sent(alice, f"{BASE}/new", target="40", **typed)).status_code == 303
    row = await milestone_row(world)
    assert (row["audience"], row["exclude_late"], row["per"]) == (kind, True, "unit")
    assert (row["tiers"], row["cap"]) == ([tier], 30)
    assert row["include_crossing"] is (kind == "new_backers")


async def test_what_is_wrong_is_said_beside_its_field_and_all_that_was_typed_is_kept(
    alice: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    async with nothing_changes(world):
        wrong = await sent(
            alice, f"{BASE}/new", target="0", title="", cost="x", text_after="<b>kept</b>",
            code_kind="shared", cap="many",
        )  # fmt: skip
    assert wrong.status_code == 422
    for name in ("target", "title", "cost", "shared_code", "cap"):
        assert f'id="{name}-note"' in wrong.text, name
    assert "&lt;b&gt;kept&lt;/b&gt;" in wrong.text


async def test_the_preview_says_whom_what_and_when_before_anything_is_saved(
    alice: Reader, world: World
) -> None:
    """N4, without a script."""
    campaign = await world.campaign(slug="recorder", goal=100)
    world.now -= timedelta(days=14)
    await world.pledged(campaign, "dana", recorders(20))
    world.now += timedelta(days=14)
    await world.pledged(campaign, "eli", recorders(14))
    async with nothing_changes(world):
        page = await sent(alice, f"{BASE}/new", target="68", cost="5", title="", do="preview")
    assert page.status_code == 200 and "title-note" not in page.text, "nobody is asked to hurry"
    said = answer_in(page.text)
    assert "The crowd gets there about 18 June 2026." in said
    assert "a straight line through the last seven days: 14, which is 2 a day" in said
    assert "nobody yet" in said and "4 rewards" in said, "2 backers at 34 make 4 at 68"
    assert "$20, 1% of $3,060" in said


async def test_a_target_beyond_the_trend_is_said_to_be(alice: Reader, world: World) -> None:
    campaign = await world.campaign(slug="recorder", goal=100)
    world.now -= timedelta(days=3)
    await world.pledged(campaign, "dana", recorders(7))
    world.now += timedelta(days=3)
    page = await sent(alice, f"{BASE}/new", target="900", do="preview")
    assert "Not before the deadline at the present pace" in answer_in(page.text)
    page = await sent(alice, f"{BASE}/new", target="90000", do="preview")
    assert "does not get there" in answer_in(page.text)


async def test_below_the_total_it_is_reached_at_once_and_only_after_a_look(
    alice: Reader, world: World
) -> None:
    """A10."""
    campaign = await world.campaign(slug="recorder")
    product = await world.product(stock=1)
    for who in ("dana", "eli"):
        await world.pledged(campaign, who, recorders(2))
    typed = {"target": "3", "kind": "product", "product": str(product), "cost": "2"}
    async with nothing_changes(world):
        asked = await sent(alice, f"{BASE}/new", **typed)
    assert asked.status_code == 409 and "Look at what it would do" in asked.text
    said = answer_in(asked.text)
    assert "Reached at once: the crowd stands at 4." in said and "2 rewards" in said
    assert "1 missing of 2 needed" in said and "$4, 2% of $180" in said
    made = await sent(alice, f"{BASE}/new", seen=seen_in(asked.text), **typed)
    assert made.status_code == 303
    row = await milestone_row(world)
    assert row["reached_seq"] == 2
    await fan_out(world.database, row["id"])
    assert await world.grants(row["id"]) == {"dana": "owed", "eli": "owed"}


async def test_an_answer_that_is_no_longer_true_is_shown_again(alice: Reader, world: World) -> None:
    """A10: the campaign has moved between the look and the button."""
    campaign = await world.campaign(slug="recorder")
    await world.pledged(campaign, "dana", recorders(3))
    looked = await sent(alice, f"{BASE}/new", target="3", do="preview")
    await world.pledged(campaign, "eli", recorders(3))
    async with nothing_changes(world):
        stale = await sent(alice, f"{BASE}/new", target="3", seen=seen_in(looked.text))
    assert stale.status_code == 409 and "The campaign has moved meanwhile" in stale.text
    assert "2 rewards" in answer_in(stale.text)
    ahead = await sent(alice, f"{BASE}/new", target="7", do="preview")
    await world.pledged(campaign, "fay", recorders(1))
    async with nothing_changes(world):
        passed = await sent(alice, f"{BASE}/new", target="7", seen=seen_in(ahead.text))
    assert passed.status_code == 409, "it was ahead when it was looked at"


async def test_a_target_moves_after_a_look_and_the_change_is_kept(
    alice: Reader, world: World
) -> None:
    """A11, N4, B18."""
    campaign = await world.campaign(slug="recorder")
    await world.milestone(campaign, 40, title="A song")
    move = f"{BASE}/1/target"
    async with nothing_changes(world):
        looked = await alice.post(move, data={"target": "60"}, headers=alice.from_here)
        wrong = await alice.post(move, data={"target": "soon"}, headers=alice.from_here)
    assert looked.status_code == 200 and "from 40 to 60" in looked.text
    assert wrong.status_code == 422 and 'value="soon"' in wrong.text
    fields = {"target": "60", "seen": seen_in(looked.text)}
    moved = await alice.post(move, data=fields, headers=alice.from_here)
    assert moved.status_code == 303
    row = await milestone_row(world)
    assert row["target"] == 60
    change = await world.row("select * from milestone_changes where what = 'target'")
    assert (change["made_by"], change["before"], change["after"]) == (
        "Alice", {"target": 40}, {"target": 60},
    )  # fmt: skip
    who, what, about, before, after = (await log_of(world))[-1]
    assert (who, what, about) == ("Alice", "milestone_target", "A song")
    assert (before["target"], after["target"]) == (40, 60)
    log = await alice.get("/studio/larkfield/log")
    assert "Moved the milestone “A song”" in log.text and ">60<" in log.text
    assert "Moved from 40 to 60" in (await alice.get(f"{BASE}/1")).text


async def test_a_reached_one_is_locked_and_says_so(alice: Reader, world: World) -> None:
    """A11."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 2, title="A song")
    await world.pledged(campaign, "dana", recorders(2))
    page = (await alice.get(BASE)).text
    assert "Reached: its target and audience stand." in page and "data-handle" not in page
    async with nothing_changes(world):
        refused = await alice.post(
            f"{BASE}/{milestone}/target", data={"target": "9"}, headers=alice.from_here
        )
    assert refused.status_code == 409 and "what was promised stands" in refused.text
    edit = await alice.get(f"{BASE}/{milestone}/edit")
    assert "are locked" in edit.text and 'name="audience"' not in edit.text
    sent_all = {"target": "9", "audience": "new_backers", "cap": "1", "mystery": "on"}
    changed = await sent(alice, f"{BASE}/{milestone}/edit", title="Another song", **sent_all)
    assert changed.status_code == 303
    row = await milestone_row(world)
    assert (row["title"], row["target"], row["audience"]) == ("Another song", 2, "all_backers")
    assert (row["cap"], row["mystery"]) == (None, False)


async def test_every_detail_can_be_updated_and_only_what_differs_is_noted(
    alice: Reader, world: World
) -> None:
    """S56, A11, A12."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 40, title="A song")
    path = f"{BASE}/{milestone}/edit"
    assert (await sent(alice, path, target="40")).status_code == 303
    assert await log_of(world) == [], "nothing differs"
    assert (await sent(alice, path, target="40", cost="2.50")).status_code == 303
    assert (await milestone_row(world))["version"] == 1, "what it costs is no part of the promise"
    typed = {"audience": "new_backers", "reveal": "manual", "mystery": "on", "title": "A choir"}
    assert (await sent(alice, path, target="50", **typed)).status_code == 303
    row = await milestone_row(world)
    assert (row["target"], row["audience"], row["reveal"]) == (50, "new_backers", "manual")
    assert (row["mystery"], row["title"], row["version"]) == (True, "A choir", 2)
    assert [what for _, what, *_ in await log_of(world)] == [
        "milestone_cost", "milestone_reward", "milestone_opening", "milestone_audience",
        "milestone_target",
    ]  # fmt: skip
    assert (await alice.get("/studio/larkfield/log")).status_code == 200
    assert (await alice.get("/c/recorder/history")).status_code == 200


async def test_a_changed_reward_is_for_those_to_come_unless_the_others_are_looked_at(
    alice: Reader, world: World
) -> None:
    """A12."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 1, title="A song")
    for who in ("dana", "eli"):
        await world.pledged(campaign, who, recorders(1))
    path, typed = f"{BASE}/{milestone}/edit", {"title": "A choir", "cost": "1"}
    assert (await sent(alice, path, **typed)).status_code == 303
    versions = "select distinct r.version from grants g join rewards r on r.id = g.reward_id"
    assert [row["version"] for row in await world.rows(versions)] == [1]
    typed = {"title": "An orchestra", "cost": "1", "also_granted": "on"}
    async with nothing_changes(world):
        asked = await sent(alice, path, **typed)
    assert asked.status_code == 409
    assert "2 who have the reward get the new one." in answer_in(asked.text)
    assert "$2, 2% of $90" in answer_in(asked.text)
    assert (await sent(alice, path, seen=seen_in(asked.text), **typed)).status_code == 303
    assert [row["version"] for row in await world.rows(versions)] == [3]


async def test_archiving_says_what_stays_and_keeps_it(alice: Reader, world: World) -> None:
    """A13."""
    campaign = await world.campaign(slug="recorder")
    milestone = await world.milestone(campaign, 1, title="A song")
    await world.pledged(campaign, "dana", recorders(1))
    asked = await alice.get(f"{BASE}/{milestone}/archive")
    assert "1 reward that was granted stays granted" in asked.text
    gone = await alice.post(f"{BASE}/{milestone}/archive", headers=alice.from_here)
    assert gone.status_code == 303
    page = await alice.get(BASE)
    assert "1 archived" in page.text and "data-name" not in page.text
    assert await world.grants(milestone) == {"dana": "owed"}
    assert (await log_of(world))[-1][1] == "milestone_archived"


async def test_a_milestone_of_another_campaign_is_not_found_here(
    alice: Reader, world: World
) -> None:
    await world.campaign(slug="recorder")
    other = await world.milestone(await world.campaign(slug="other"), 5)
    async with nothing_changes(world):
        for path in ("", "/edit", "/archive", "/mail", "/reveal", "/codes", "/target"):
            for place in (str(other), "0", "x", "9" * 30):
                answer = await alice.get(f"{BASE}/{place}{path}")
                assert answer.status_code == 404, (place, path)
            if path not in ("", "/mail"):
                answer = await alice.post(
                    f"{BASE}/{other}{path}", data={"target": "7"}, headers=alice.from_here
                )
                assert answer.status_code == 404, path


@pytest.mark.parametrize("who", ["Carol", "Vic"])
async def test_fulfillers_and_viewers_see_milestones_without_secrets_and_controls(
    served: Served, world: World, who: str
) -> None:
    """R2, B18."""
    await staff(world)
    campaign = await world.campaign(slug="recorder")
    german = {"text_after": "zq-de", "exclusive": "zq-own-de"}
    secret = {"text_after": "zq-after", "exclusive": "zq-own", "translations": {"de": german}}
    await world.milestone(campaign, 1, reveal="manual", codes=("zq-pool",), **secret)
    await world.milestone(campaign, 90, code_kind="shared", shared_code="zq-shared", **secret)
    await world.pledged(campaign, "dana", recorders(2))
    await enter(served.reader, who)
    for path in (BASE, f"{BASE}/1", f"{BASE}/2"):
        page = await served.reader.get(path)
        assert page.status_code == 200 and "Reward at" in page.text
        assert "zq-" not in page.text and "zq-" not in str(page.headers)
        main = page.text[page.text.index("<main") :]
        assert "<form" not in main and "/edit" not in main


async def test_the_advice_is_beside_the_editor_with_the_numbers_that_made_it(
    alice: Reader, world: World
) -> None:
    """S53, S54; the rules themselves: tests/domain/test_advice.py."""
    campaign = await world.campaign(slug="recorder", goal=100)
    await world.milestone(campaign, 80)
    for page in (await alice.get(BASE), await alice.get(f"{BASE}/new")):
        assert "None stands at the goal of 100; the nearest is at 80." in page.text
    typed = await sent(alice, f"{BASE}/new", target="100", do="preview")
    assert "One stands at the goal of 100 itself." in typed.text, "what is typed is part of it"


@pytest.mark.parametrize("path", ["", "/new", "/1", "/1/edit"])
async def test_a_page_asks_as_often_for_a_thousand_pledges_as_for_two(
    alice: Reader, served: Served, world: World, path: str
) -> None:
    """V11."""
    campaign = await world.campaign(slug="recorder", goal=2000)
    await world.milestone(campaign, 1, product_id=await world.product(stock=5))
    for who in ("dana", "eli"):
        await world.pledged(campaign, who, recorders(1))

    async def asked() -> int:
        start = len(served.statements)
        assert (await alice.get(BASE + path)).status_code == 200
        return len(served.statements_since(start))

    await asked()
    few = await asked()
    await crowd(world, campaign, 1000)
    assert await asked() == few
    assert few <= 12


async def crowd(world: World, campaign: int, count: int) -> None:
    """So many more backers, as the ledger keeps them."""
    await world.rows(
        "with c as (insert into customers (store_id, email, created_at)"
        " select $1, 'many' || n || '@example.org', now() from generate_series(1, $3) n"
        " returning id), p as (insert into pledges (key, campaign_id, customer_id, state, units,"
        " money, entered, started_at, expires_at) select 'many-' || id, $2, id, 'charged', 1, 4500,"
        " true, now(), now() from c returning id, customer_id), b as (insert into backers"
        " (campaign_id, customer_id, first_seq, live, pledge_id) select $2, customer_id,"
        " 100 + row_number() over (), true, id from p returning 1) select count(*) from b",
        world.store_id,
        campaign,
        count,
    )


async def test_many_pledges_are_foreseen_as_few_are(alice: Reader, world: World) -> None:
    """N4: counted by the database, none of them comes here."""
    campaign = await world.campaign(slug="recorder", goal=2000)
    await world.pledged(campaign, "dana", recorders(1))
    await crowd(world, campaign, 1000)
    await world.rows("update campaigns set backers = 1001 where id = $1 returning id", campaign)
    for narrowed in ({}, {"exclude_late": "on"}, {"per": "pledge"}, {"per": "unit"}):
        page = await sent(alice, f"{BASE}/new", target="1", do="preview", **narrowed)
        assert "1,001 rewards" in answer_in(page.text), narrowed


async def test_the_service_asks_only_whom_the_form_asks(world: World) -> None:
    """The command line and the demo add what they add."""
    campaign = await world.campaign(slug="recorder")
    await world.pledged(campaign, "dana", recorders(3))
    assert await world.milestone(campaign, 1)
    assert add_milestone.__kwdefaults__["ask"] is False
