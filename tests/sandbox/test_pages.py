"""The pages: valid HTML, usable without JavaScript, and closed to other sites' scripts."""

import re
from html import unescape

import html5lib
import pytest

from tests.sandbox.process import Sandbox


def parsed(text: str) -> None:
    """Refuses a page that a strict parser wouldn't take."""
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)


def test_every_page_is_valid_html(sandbox: Sandbox) -> None:
    session, other = sandbox.session(cancel_url="http://shop.example/?a=1&b=2"), sandbox.session()
    saving = sandbox.setup_session()
    shipped = sandbox.session(
        shipping_address_collection={"allowed_countries": ["DE", "US"]},
        phone_number_collection={"enabled": True},
    )
    sandbox.pay(other, "4000002760003184", authenticate="leave")
    paths = ["/sandbox", f"/pay/{session.id}", f"/pay/{saving.id}", f"/pay/{shipped.id}"]
    paths += [f"/pay/{other.id}/authenticate", "/pay/cs_test_none"]
    for path in paths:
        parsed(sandbox.http.get(path).text)
    parsed(sandbox.http.post(f"/pay/{session.id}", data={}).text)
    sandbox.pay(session)
    sandbox.pay(sandbox.session(), "4000000000000259")
    sandbox.pay(sandbox.session(), "000123456789")
    sandbox.settle()
    charge = sandbox.all("charges")[0]["id"]
    for path in (f"/pay/{session.id}", f"/sandbox/charges/{charge}", "/sandbox"):
        parsed(sandbox.http.get(path).text)


def test_the_page_says_that_no_money_moves_and_what_is_bought(shared: Sandbox) -> None:
    page = unescape(shared.http.get(f"/pay/{shared.session().id}").text)
    assert "no real money moves" in page
    for told in ("Signed print", "A2, on cotton paper", "$45.00", "http://shop.example/cart"):
        assert told in page


def test_the_fields_keep_their_names(shared: Sandbox) -> None:
    page = shared.http.get(f"/pay/{shared.session().id}").text
    for name in ("email", "name", "number", "expiry", "cvc", "country", "postal_code"):
        assert f'name="{name}"' in page
        assert f'for="{name}"' in page


def test_saving_says_that_nothing_is_charged(shared: Sandbox) -> None:
    page = shared.http.get(f"/pay/{shared.setup_session().id}").text
    assert "Nothing is charged today" in page
    assert "Save payment method" in page


@pytest.mark.parametrize("card", ["4000000000009995", "000123456789"])
def test_a_test_card_fills_the_form_by_a_plain_link(shared: Sandbox, card: str) -> None:
    url = f"/pay/{shared.session().id}"
    page = shared.http.get(url).text
    assert f'href="?card={card}"' in page
    filled = shared.http.get(url, params={"card": card}).text
    assert re.search(r'value="(4000 0000 0000 9995|000123456789)"', filled)


def test_pages_allow_no_script_but_their_own(shared: Sandbox) -> None:
    answer = shared.http.get(f"/pay/{shared.session().id}")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text and " style=" not in answer.text
    assert " onclick" not in answer.text


def test_what_a_shop_says_is_shown_as_text(shared: Sandbox) -> None:
    session = shared.session(
        line_items=[
            {
                "price_data": {
                    "currency": "usd",
                    "unit_amount": 900,
                    "product_data": {"name": "<script>alert(1)</script>"},
                },
                "quantity": 1,
            }
        ]
    )
    assert "<script>alert" not in shared.http.get(f"/pay/{session.id}").text


def test_another_site_cannot_turn_the_switches(shared: Sandbox) -> None:
    session = shared.session()
    answer = shared.http.post(
        f"/sandbox/sessions/{session.id}/expire", headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403
    assert shared.retrieve(session).status == "open"


def test_a_switch_that_does_not_exist_is_named(shared: Sandbox) -> None:
    answer = shared.http.post("/sandbox/delivery", json={"thrice": True})
    assert answer.status_code == 400
    assert "no switch `thrice`" in answer.json()["error"]["message"]
    wrong = shared.http.post("/sandbox/habits", json={"bank_seconds": "long"})
    assert "takes a float" in wrong.json()["error"]["message"]


def test_the_books_page_can_be_used_with_plain_forms(sandbox: Sandbox) -> None:
    session = sandbox.session()
    answer = sandbox.http.post(
        f"/sandbox/sessions/{session.id}/expire", data={}, headers={"Accept": "text/html"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/sandbox")
    assert sandbox.retrieve(session).status == "expired"
