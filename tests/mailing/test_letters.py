"""What the mails say: every kind, in both languages, with what matters in it."""

from datetime import timedelta
from typing import Any

import html5lib
import pytest

from milepost.domain.lines import Line
from milepost.mailing.letters import LETTERS
from milepost.storage import mails
from milepost.storage.database import unit
from milepost.storage.mails import Letter
from milepost.wording.mail_names import MAIL_NAMES
from tests.mailing.people import BASE_URL, backer, composer, kept, mail_of, promise, reach
from tests.world import World


def test_every_letter_has_a_name_for_the_studio() -> None:
    assert LETTERS.keys() <= MAIL_NAMES.keys()


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
LOCALES = ("en", "de")
# Per kind and language: what must stand in it. The pledge is 2 recorders and $5: $95, with $7.90
# for shipping $102.90; the campaign closes on 30 June at 22:00 UTC, Berlin's midnight.
FACTS: dict[str, dict[str, list[str]]] = {
    "receipt": {
        "en": ["$102.90", "is paid", "2 × One recorder", "$7.90", "2 of 100 pledged"],
        "de": ["102,90\xa0$", "bezahlt", "2 × One recorder", "7,90\xa0$", "2 von 100 zugesagt"],
    },
    "charged": {"en": ["was charged $102.90"], "de": ["mit 102,90\xa0$ belastet"]},
    "changed": {"en": ["holds now", "Total: $102.90"], "de": ["jetzt", "Summe: 102,90\xa0$"]},
    "cancelled": {"en": ["$102.90", "is cancelled"], "de": ["102,90\xa0$", "storniert"]},
    "refunded": {
        "en": ["$12.50", "5 to 10 working days"],
        "de": ["12,50\xa0$", "5 bis 10 Werktage"],
    },
    "charge_due": {"en": ["charged $102.90 now"], "de": ["jetzt mit 102,90\xa0$ belastet"]},
    "charge_failed": {
        "en": ["$102.90", "has expired", "again on 4 June", "by 8 June", "/pay"],
        "de": ["102,90\xa0$", "ist abgelaufen", "Am 4. Juni", "bis 8. Juni", "/pay"],
    },
    "dropped": {"en": ["was dropped", "$102.90"], "de": ["hinfällig", "102,90\xa0$"]},
    "funded": {"en": ["closed at 2 of 100", "$102.90"], "de": ["schloss bei 2 von 100"]},
    "failed": {"en": ["Every pledge stands"], "de": ["Jede Zusage bleibt bestehen"]},
    "milestone": {
        "en": ["reached 2", "You have this because everyone", "Now it is open."],
        "de": ["hat 2 erreicht", "Du hast das, weil alle", "Jetzt ist es offen."],
    },
    "code": {"en": ["Your code: LARK-1", "Now it is open."], "de": ["Dein Code: LARK-1"]},
    "shipped": {"en": ["Carrier: DHL", "JD0146 0003"], "de": ["Versand mit: DHL", "JD0146 0003"]},
    "survey": {"en": ["needs your answers"], "de": ["braucht deine Antworten"]},
    "survey_reminder": {"en": ["still missing"], "de": ["fehlen noch"]},
    "locks_soon": {"en": ["21 June 2026, 00:00, Berlin"], "de": ["21. Juni 2026, 00:00 Uhr"]},
}
MANAGED = ("charge_failed", "survey", "survey_reminder", "locks_soon")


async def dana(world: World, locale: str = "en", **campaign: Any) -> tuple[int, int]:
    """Dana's pledge, and a milestone that it reached."""
    campaign_id = await world.campaign(zone="Europe/Berlin", **campaign)
    lines = (Line("tier", "One recorder", 2, 4500, 2), Line("bonus", "", 1, 500, 0))
    pledge_id = await backer(world, campaign_id, "Dana", *lines, locale=locale, shipping=790)
    milestone_id = await world.milestone(
        campaign_id, 2, codes=("LARK-1", "LARK-2"), title="Dawn", text_before="Not yet.",
        text_after="Now it is open.", exclusive="For *you* alone.",
        translations={"de": {"text_after": "Jetzt ist es offen."}},
    )  # fmt: skip
    await reach(world, milestone_id, 1)
    return pledge_id, milestone_id


def parsed(html: str) -> Any:
    """The mail as a tree, parsed strictly; nothing in it runs, and its links lead somewhere."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    names = [str(e.tag) for e in tree.iter()]
    assert not {"script", "iframe", "form", "object", "link"} & set(names)
    assert names.count("h1") == 1
    for element in tree.iter():
        assert not [name for name in element.attrib if str(name).startswith("on")]
        for name in ("href", "src"):
            assert element.get(name, "https:").startswith("https:")
        if element.tag == "img":
            assert "alt" in element.attrib
    return tree


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("kind", FACTS)
async def test_each_kind_says_what_matters_in_its_readers_language(
    world: World, kind: str, locale: str
) -> None:
    pledge_id, milestone_id = await dana(world, locale)
    about = milestone_id if kind in ("milestone", "code") else None
    row = await mail_of(world, kind, pledge_id, milestone_id=about)
    assert row["state"] == "sent", row["error"]
    plain = " ".join(parsed(row["html"]).itertext())
    for fact in FACTS[kind][locale]:
        assert fact in row["text"] or fact in row["subject"], fact
        if ": " not in fact and not fact.startswith("/"):
            assert fact in " ".join(plain.split(" ")) or fact in row["html"], fact
    own = f"{BASE_URL}/me/pledges/key-of-dana-" if kind in MANAGED else f"{BASE_URL}/"
    assert own in row["text"]
    assert f'href="{own}' in row["html"]
    assert f'lang="{locale}"' in row["html"]
    assert len(row["html"].encode()) < 102 * 1024
    said = row["subject"] + row["text"].replace("http", "")
    assert "!" not in (said if kind != "milestone" else row["text"])
    assert "%(" not in said + row["html"]
    assert "\n\n\n" not in row["text"]


def test_every_kind_is_tried_here() -> None:
    elsewhere = {"sign_in", "studio_sign_in", "invitation", "hook_paused", "follow", "launch"}
    elsewhere |= {"order", "order_shipped", "order_refunded"}
    elsewhere |= {"reward_earned", "come_back", "reward_expiring", "gift_cards"}
    elsewhere |= {"subscribed", "cycle_failed"}  # tests/web/test_subscriptions.py
    elsewhere |= {"subscription_cancelled", "subscription_ended"}
    assert set(LETTERS) == {*FACTS, "update", *elsewhere}


@pytest.mark.parametrize("locale", LOCALES)
async def test_an_all_or_nothing_receipt_says_when_the_card_is_charged_and_on_which_condition(
    world: World, locale: str
) -> None:
    rule: dict[str, Any] = {
        "funding_model": "all_or_nothing", "basis": "money", "goal": 1_000_000, "currency": "EUR",
    }  # fmt: skip
    campaign_id = await world.campaign(zone="Europe/Berlin", **rule)
    pledge_id = await backer(world, campaign_id, "Dana", state="confirmed", locale=locale)
    row = await mail_of(world, "receipt", pledge_id)
    said = {
        "en": "saved today and charged on 1 July only if the campaign reaches €10,000.",
        "de": "am 1. Juli nur dann belastet, wenn die Kampagne 10.000\xa0€ erreicht.",
    }
    assert said[locale] in row["text"]
    failed = await mail_of(world, "failed", pledge_id)
    assert {"en": "No card was charged.", "de": "Keine Karte wurde belastet."}[locale] in (
        failed["text"]
    )


async def test_a_bank_that_wants_a_confirmation_is_named_and_the_way_leads_there(
    world: World,
) -> None:
    pledge_id, _ = await dana(world)
    detail = {"code": "authentication_required", "next_at": None, "drop_at": None}
    row = await mail_of(world, "charge_failed", pledge_id, detail=detail)
    assert "Your bank wants you to confirm the payment of $102.90" in row["text"]
    assert "Confirm the payment:\nhttps://fund.example.org/me/pledges/" in row["text"]
    assert "tried again" not in row["text"]


async def test_whoever_backed_before_is_told_why_the_milestone_is_not_for_them(
    world: World,
) -> None:
    campaign_id = await world.campaign()
    pledge_id = await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(campaign_id, 2, "new_backers", title="Wind muff")
    await backer(world, campaign_id, "Eli")
    await reach(world, milestone_id, 2)
    row = await mail_of(world, "milestone", pledge_id, milestone_id=milestone_id)
    assert "you backed it before (you: entry 1, the reach: entry 2)" in row["text"]
    assert "See the trail" in row["text"]


@pytest.mark.parametrize("kind", ["milestone", "code"])
async def test_nothing_of_a_milestone_goes_out_before_it_opens(world: World, kind: str) -> None:
    campaign_id = await world.campaign()
    pledge_id = await backer(world, campaign_id, "Dana")
    milestone_id = await world.milestone(
        campaign_id, 1, reveal="manual", mystery=True, code_kind="shared", shared_code="LARK",
        exclusive="EXCLUSIVE", title="TITLE", text_after="AFTER",
    )  # fmt: skip
    await reach(world, milestone_id, 1, revealed=False)
    row = await mail_of(world, kind, pledge_id, milestone_id=milestone_id)
    assert (row["state"], row["error"]) == ("skipped", "the milestone is not open")
    assert row["html"] is None


async def test_a_code_goes_to_no_one_whose_grant_is_not_owed(world: World) -> None:
    for state in ("provisional", "held", "void"):
        pledge_id, milestone_id = await dana(world)
        async with unit(world.database) as db:
            await db.execute("update grants set state = $1", state)
        row = await mail_of(world, "code", pledge_id, milestone_id=milestone_id)
        assert row["state"] == "skipped"
        news = await mail_of(world, "milestone", pledge_id, milestone_id=milestone_id)
        assert "LARK" not in news["html"] + news["text"] + row["recipient"]
        assert "alone.</p>" not in news["html"]


async def test_news_holds_neither_code_nor_exclusive_content(world: World) -> None:
    pledge_id, milestone_id = await dana(world)
    row = await mail_of(world, "milestone", pledge_id, milestone_id=milestone_id)
    assert "LARK" not in row["html"] + row["text"]
    assert "<em>you</em>" not in row["html"]
    assert row["subject"].count("!") == 1


async def test_a_code_is_neither_in_the_subject_nor_in_the_preview(world: World) -> None:
    pledge_id, milestone_id = await dana(world)
    row = await mail_of(world, "code", pledge_id, milestone_id=milestone_id)
    assert "LARK" not in row["subject"]
    assert "LARK" not in row["html"].split("</div>")[0]
    assert "For <em>you</em> alone." in row["html"]


async def test_a_link_to_sign_in_is_sent_in_time_and_kept_nowhere(world: World) -> None:
    await dana(world)
    url = f"{BASE_URL}/me/enter/token"
    for key, locale in (("one", "de-AT"), ("late", "en")):
        async with unit(world.database) as db:
            await mails.promise_to(
                db, "sign_in", key, "dana@example.org", locale, {"url": url}, world.now
            )
        if key == "one":
            await kept(world)
            world.now += timedelta(minutes=1)
    row = await world.row("select * from mails where key = 'one'")
    assert "Dein Link zu Larkfield" in row["subject"]
    assert url in row["text"] and f'href="{url}"' in row["html"]
    assert row["detail"] == {}
    world.now += timedelta(minutes=16)
    await kept(world)
    late = await world.row("select * from mails where key = 'late'")
    assert (late["state"], late["error"]) == ("skipped", "its link is no longer good")


async def test_a_stranger_too_gets_a_link(world: World) -> None:
    async with unit(world.database) as db:
        detail = {"url": f"{BASE_URL}/me/enter/t"}
        await mails.promise_to(db, "sign_in", "k", "new@example.org", "en", detail, world.now)
    (row,) = await kept(world)
    assert row["state"] == "sent"
    parsed(row["html"])


async def test_what_creators_and_backers_write_is_shown_as_text(world: World) -> None:
    pledge_id, milestone_id = await dana(world, title=EVIL)
    async with unit(world.database) as db:
        await db.execute("update stores set name = $1", EVIL)
        await db.execute("update customers set name = $1", EVIL)
        await db.execute("update pledge_lines set title = $1", EVIL)
        await db.execute(
            "update rewards set title = $1, text_after = $1, image_alt = $1, exclusive = $1,"
            " image = '/media/x.png\" onerror=\"alert(1)'", EVIL,
        )  # fmt: skip
    for kind in FACTS:
        about = milestone_id if kind in ("milestone", "code") else None
        row = await mail_of(world, kind, pledge_id, milestone_id=about)
        tree = parsed(row["html"])
        assert all(e.get("src") != "x" for e in tree.iter("img"))
        assert "\n" not in row["subject"]


async def test_a_batch_asks_as_little_as_one_mail(world: World) -> None:
    campaign_id = await world.campaign()
    pledges = [await backer(world, campaign_id, f"Backer{n}") for n in range(30)]
    asked: list[int] = []
    for many in (1, 30):
        await promise(world, *(Letter("receipt", f"{many}:{p}", p) for p in pledges[:many]))
        async with unit(world.database) as db:
            said: list[str] = []
            waiting = await mails.due(db, world.now, 50)
            db.add_query_logger(lambda record, said=said: said.append(record.query))
            await composer(db, waiting, world.now)
            asked.append(len(said))
        await kept(world)
    assert asked[0] == asked[1] <= 6
