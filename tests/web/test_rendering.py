"""What the public pages say and show."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from milepost.domain.messages import Sentence
from milepost.domain.money import Money
from milepost.web import static
from milepost.web.rendering import Renderer
from milepost.web.trail import trail
from milepost.wording.colour import PAIRS, brand_css, contrast, palette
from milepost.wording.format import Format
from milepost.wording.languages import negotiate
from milepost.wording.saying import card_sentence, say
from tests.web.sample import SECRET, STORE, campaign, milestone, pledge, tier

renderer = Renderer("http://localhost:8000")


def show(template: str = "public/campaign.html", locale: str = "en", **context: Any) -> str:
    """A page, parsed strictly before it is handed on."""
    page = renderer.page(template, locale, store=STORE, **context)
    html5lib.HTMLParser(strict=True).parse(page)
    return page


def pages() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every public page in the states that draw it differently."""
    for total in (0, 100, 342, 500, 640):
        yield "public/campaign.html", {"c": campaign(total)}
    for state in ("upcoming", "closed"):
        for model in ("keep_it_all", "all_or_nothing"):
            c = campaign(state=state, funding_model=model, can_pledge=False, hero=None, story=None)
            yield "public/campaign.html", {"c": c}
    yield "public/campaign.html", {"c": campaign(milestones=[], tiers=[])}
    yield "public/home.html", {"campaigns": [campaign()]}
    yield "public/home.html", {"campaigns": []}
    form = {"c": campaign(), "typed": {"tier": "1"}, "errors": {"": "No."}, "notice": "Hello."}
    yield "public/pledge_form.html", form
    gift = {"field": "gift-1:2", "program": "P", "titles": ["Pin"], "ships": False, "chosen": True}
    purse = {"credit": 1200, "uses_credit": True, "gifts": [gift]}
    yield "public/pledge_form.html", form | {"purse": purse}
    yield "public/pledge_form.html", form | {"purse": None, "asks_who": True}
    states = "started processing confirmed charged refunded disputed expired cancelled"
    for state in f"{states} past_due dropped".split():
        p = pledge(state=state, refunded=100, pay_url="/pay", held=True)
        yield "public/pledge.html", {"c": campaign(), "p": p, "rewards": [], "not_yet": []}
    yield "public/error.html", {"status": 404, "title": "Nothing here", "sentence": "It moved."}


@pytest.mark.parametrize("locale", renderer.locales)
@pytest.mark.parametrize(("template", "context"), list(pages()))
def test_every_page_is_strict_html_that_the_content_policy_lets_through(
    template: str, context: dict[str, Any], locale: str
) -> None:
    tree = html5lib.parse(show(template, locale, **context), namespaceHTMLElements=False)
    for element in tree.iter():
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if str(name).startswith("on")]
        assert element.tag != "style"
        if element.tag == "script":
            assert element.get("src", "").startswith("/static/")
        if element.tag == "img":
            assert {"alt", "width", "height"} <= set(element.attrib)


def test_the_bar_speaks_its_value() -> None:
    assert 'aria-valuetext="342 of 500 pledged, 68%. 58 to go to the next milestone."' in show(
        c=campaign(342)
    )


def test_a_mystery_shows_neither_title_nor_text_before_it_opens() -> None:
    assert SECRET not in show(c=campaign(342))
    assert SECRET in show(c=campaign(640))


def test_a_mystery_that_is_reached_and_not_revealed_stays_one() -> None:
    waiting = milestone(1, 100, 342, state="reached", mystery=True, title=SECRET, text=SECRET)
    page = show(c=campaign(milestones=[waiting]))
    assert SECRET not in page
    assert "Reached. The creator will reveal it." in page


def test_each_audience_is_named() -> None:
    page = show(c=campaign())
    assert "For all backers" in page
    assert "For new backers, after it is reached" in page


def test_a_reached_milestone_stays_passed_when_refunds_lower_the_total() -> None:
    c = campaign(99, milestones=[milestone(1, 100, 100), milestone(2, 400, 99)])
    stops = trail(c).stops
    assert [stop.passed for stop in stops] == [True, False, False]
    assert stops[1].is_next


def test_the_trail_fills_between_its_stones_in_proportion() -> None:
    road = trail(campaign(342))
    legs = [road.first, *(stop.leg for stop in road.stops)]
    assert [leg.walked for leg in legs if leg] == [1.0, 0.8067, 0.0, 0.0]
    assert [leg.here for leg in legs if leg] == [False, True, False, False]


def test_a_milestone_at_the_goal_stands_at_one_place_with_it() -> None:
    stops = trail(campaign(milestones=[milestone(1, 500, 0)])).stops
    assert len(stops) == 1
    assert stops[0].is_goal
    assert stops[0].milestone


def test_sold_out_has_no_form() -> None:
    page = show(c=campaign(tiers=[tier(1, left=0, state="sold_out")]))
    assert "Sold out" in page
    assert 'name="tier" value="1"' not in page


def test_nothing_can_be_pledged_where_pledges_are_closed() -> None:
    page = show(c=campaign(state="upcoming", can_pledge=False))
    assert page.count("<form") == 1 and "/follow" in page and "/pledge" not in page


def test_the_card_sentence_follows_the_funding_rule() -> None:
    c = campaign(basis="money", goal=1_000_000, currency="USD")
    assert card_sentence(c, "en") == "Your card is charged today."
    c["funding_model"] = "all_or_nothing"
    assert card_sentence(c, "en") == (
        "Your card is saved today and charged on 4 December only if the campaign reaches $10,000."
    )
    c["state"] = "closed"  # a late pledge, P8
    assert card_sentence(c, "en") == "Your card is charged today."


def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong_beside_it() -> None:
    page = show(
        "public/pledge_form.html",
        c=campaign(),
        typed={"tier": "1", "quantity": "2", "bonus": "ten <b>"},
        errors={"bonus": "“ten <b>” is not an amount."},
        notice=None,
    )
    assert 'value="ten &lt;b&gt;"' in page
    assert 'aria-invalid="true" aria-describedby="t1-bonus-note"' in page
    assert 'id="t1-bonus-note">“ten &lt;b&gt;” is not an amount.' in page
    assert '<details name="tier" open>' in page


def test_a_page_that_waits_for_the_payment_follows_it() -> None:
    context = {"c": campaign(), "rewards": [], "not_yet": []}
    assert 'data-refresh="started"' in show(
        "public/pledge.html", p=pledge(state="started"), **context
    )
    assert "data-refresh" not in show("public/pledge.html", p=pledge(), **context)


def test_what_is_for_the_entitled_alone_is_on_their_page() -> None:
    reward = {
        "milestone_id": "m1", "target": 100, "title": "Dawn", "image": None, "image_alt": "",
        "text": "Forty minutes.", "state": "owed", "backordered": False, "quantity": 1,
        "reason": "You have this because.", "exclusive": Markup("<p>Listen.</p>"), "code": "LARK",
        "parcel": None,
    }  # fmt: skip
    page = show("public/pledge.html", c=campaign(), p=pledge(), rewards=[reward], not_yet=[])
    assert "<p>Listen.</p>" in page
    assert "<code>LARK</code>" in page


@pytest.mark.parametrize(
    ("minor", "currency", "english", "german"),
    [
        (4500, "USD", "$45", "45\xa0$"),
        (4550, "USD", "$45.50", "45,50\xa0$"),
        (2_000_000, "EUR", "€20,000", "20.000\xa0€"),
        (4500, "JPY", "¥4,500", "4.500\xa0¥"),
        (3500, "KWD", "KWD\xa03.500", "3,500\xa0KWD"),
        (3000, "KWD", "KWD\xa03", "3\xa0KWD"),
        (-4500, "USD", "-$45", "-45\xa0$"),
    ],
)
def test_money_is_written_with_its_own_decimals(
    minor: int, currency: str, english: str, german: str
) -> None:
    assert Format("en").money(minor, currency) == english
    assert Format("de").money(minor, currency) == german


def test_a_deadline_names_whose_clock_it_is() -> None:
    when = datetime(2026, 12, 3, 23, tzinfo=UTC)
    assert Format("en").datetime(when, "Europe/Berlin") == "4 December 2026, 00:00, Berlin time"
    assert Format("de").datetime(when, "UTC") == "3. Dezember 2026, 23:00 Uhr UTC"


def test_a_domain_sentence_is_said_in_the_readers_language() -> None:
    sentence = Sentence("%(typed)s is more than one pledge can be.", {"typed": Money(4500, "EUR")})
    assert say(sentence, "de") == "45\xa0€ ist mehr, als eine einzelne Zusage sein kann."


@pytest.mark.parametrize(
    ("header", "asked", "locale"),
    [
        ("", None, "en"),
        ("de-AT,de;q=0.9,en;q=0.8", None, "de"),
        ("fr,en;q=0.5,de;q=0.7", None, "de"),
        ("fr", None, "en"),
        ("de", "en", "en"),
        ("de", "xx", "de"),
        ("de;q=0, en", None, "en"),
        (";;q=,de;q=x,,", None, "en"),
    ],
)
def test_the_reader_gets_the_language_they_ask_for(
    header: str, asked: str | None, locale: str
) -> None:
    assert negotiate(header, asked) == locale


@given(st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}"))
def test_every_brand_colour_can_be_read_in_light_and_dark(brand: str) -> None:
    for dark in (False, True):
        tokens = palette(brand, dark)
        for ink, ground, least in PAIRS:
            assert contrast(tokens[ink], tokens[ground]) >= least, (ink, ground, dark)


def test_a_brand_stylesheet_only_holds_tokens() -> None:
    assert brand_css("#fff").startswith("@layer tokens{:root{--hue:")
    with pytest.raises(ValueError, match="is not a colour"):
        brand_css("red;}body{display:none")


def test_what_a_page_fetches_is_small_and_named_by_its_content() -> None:
    names = ("site.css", "js/page.js", "js/live.js", "fonts/overpass-latin.woff2")
    assets = [static.bundle()[static.static_url(name)] for name in names]
    wire = sum(len(asset.br or asset.body) for asset in assets)
    assert len(assets[-1].body) < 35_000
    page = show(c=campaign())
    assert wire + len(page.encode()) < 60_000
    for name in names:
        assert static.static_url(name) in page


def test_scripts_and_styles_point_at_hashed_addresses() -> None:
    known = static.bundle()
    live = known[static.static_url("js/live.js")].body.decode()
    assert f'from "{static.static_url("js/page.js")}"' in live
    css = known[static.static_url("site.css")].body.decode()
    assert f"url({static.static_url('fonts/overpass-latin.woff2')})" in css
    assert "url(../" not in css
