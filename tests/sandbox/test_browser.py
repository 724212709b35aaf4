"""The hosted page in a real browser, with JavaScript and without."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from tests.acceptance.browser import ARGUMENTS, chromium
from tests.sandbox.process import Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium without a screen."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page."""
    page = browser.new_page(viewport={"width": 390, "height": 844})
    yield page
    page.close()


def thanks(sandbox: Sandbox) -> str:
    """A page of the sandbox's own to return to: a browser in a test knows no other site."""
    return f"{sandbox.url}/sandbox?session={{CHECKOUT_SESSION_ID}}"


def fill(page: Page) -> None:
    """Who is paying."""
    page.fill("[name=email]", "dana@example.org")
    page.fill("[name=name]", "Dana Backer")
    page.fill("[name=postal_code]", "94107")


def test_a_click_on_a_test_card_fills_the_form_and_a_second_pays(
    sandbox: Sandbox, page: Page
) -> None:
    session = sandbox.session(success_url=thanks(sandbox))
    page.goto(session.url)
    fill(page)
    page.get_by_text("4242 4242 4242 4242").click()
    assert page.input_value("[name=email]") == "dana@example.org"
    page.get_by_role("button", name="Pay $45.00").click()
    page.wait_for_url(f"{sandbox.url}/sandbox?session={session.id}")
    assert sandbox.retrieve(session).payment_status == "paid"


def test_typing_a_number_groups_its_digits(sandbox: Sandbox, page: Page) -> None:
    page.goto(sandbox.session().url)
    page.locator("[name=number]").press_sequentially("4242424242424242")
    page.locator("[name=expiry]").press_sequentially("1234")
    assert page.input_value("[name=number]") == "4242 4242 4242 4242"
    assert page.input_value("[name=expiry]") == "12 / 34"


def test_a_decline_is_told_and_another_card_pays(sandbox: Sandbox, page: Page) -> None:
    session = sandbox.session(success_url=thanks(sandbox))
    page.goto(session.url)
    fill(page)
    page.get_by_text("Insufficient funds").click()
    page.click("button.pay")
    assert "insufficient funds" in page.inner_text("#number-problem")
    assert page.get_attribute("[name=number]", "aria-invalid") == "true"
    assert page.input_value("[name=name]") == "Dana Backer"
    page.get_by_text("5555 5555 5555 4444").click()
    page.click("button.pay")
    page.wait_for_url("**/sandbox?session=*")


def test_the_bank_asks_on_a_page_of_its_own(sandbox: Sandbox, page: Page) -> None:
    session = sandbox.session(success_url=thanks(sandbox))
    page.goto(session.url)
    fill(page)
    page.get_by_text("3-D Secure, every time").click()
    page.click("button.pay")
    page.get_by_role("button", name="Refuse").click()
    assert "unable to authenticate" in page.inner_text("#number-problem")
    page.fill("[name=cvc]", "123")
    page.click("button.pay")
    page.get_by_role("button", name="Accept").click()
    page.wait_for_url("**/sandbox?session=*")


def test_all_of_it_works_without_javascript(sandbox: Sandbox, browser: Browser) -> None:
    session = sandbox.session(success_url=thanks(sandbox))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(session.url)
    page.get_by_text("000123456789").click()
    fill(page)
    page.get_by_role("button", name="Pay $45.00").click()
    page.wait_for_url("**/sandbox?session=*")
    context.close()
    assert sandbox.retrieve(session).payment_status == "unpaid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_accessible(sandbox: Sandbox, browser: Browser, scheme: str) -> None:
    session, asked = sandbox.session(), sandbox.session()
    sandbox.pay(asked, "4000002760003184", authenticate="leave")
    page = browser.new_page(color_scheme="dark" if scheme == "dark" else "light")
    paths = (f"/pay/{session.id}", f"/pay/{asked.id}/authenticate", "/sandbox")
    for path in paths:
        page.goto(sandbox.url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    page.goto(session.url)
    page.click("button.pay")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()
