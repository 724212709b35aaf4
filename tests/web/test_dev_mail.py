"""The demo shows the mails that it does not send; nothing else does."""

import html5lib
import httpx

from milepost.storage.mails import Letter
from tests.mailing.people import backer, kept, promise
from tests.sandbox.process import Sandbox
from tests.web.client import Reader
from tests.web.serving import serve
from tests.world import World


async def a_receipt(world: World) -> int:
    """A receipt that was kept; its id."""
    pledge_id = await backer(world, await world.campaign(title="<b>Recorder</b>"), "Dana")
    await promise(world, Letter("receipt", "receipt:1", pledge_id))
    return int((await kept(world))[0]["id"])


async def test_a_kept_mail_is_listed_and_shown_as_text_and_html(
    world: World, reader: Reader
) -> None:
    empty = await reader.get("/dev/mail")
    assert "No mail yet" in empty.text
    mail_id = await a_receipt(world)
    listed = await reader.get("/dev/mail")
    assert f'href="/dev/mail/{mail_id}"' in listed.text
    assert "Your pledge to &lt;b&gt;Recorder&lt;/b&gt; is paid" in listed.text
    shown = await reader.get(f"/dev/mail/{mail_id}")
    assert f'src="/dev/mail/{mail_id}/html"' in shown.text
    assert "You pledged $45 to" in shown.text
    assert "frame-src 'self'" in shown.headers["content-security-policy"]
    async with httpx.AsyncClient(base_url=reader.base_url, trust_env=False) as browser:
        framed = await browser.get(f"/dev/mail/{mail_id}/html")
    html5lib.HTMLParser(strict=True).parse(framed.text)
    policy = framed.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "sandbox" in policy and "script" not in policy


async def test_a_mail_that_is_not_there_is_not_found(world: World, reader: Reader) -> None:
    for wrong in ("1", "0", "-1", "x", "1e3", "9" * 30):
        assert (await reader.get(f"/dev/mail/{wrong}")).status_code == 404
        assert (await reader.get(f"/dev/mail/{wrong}/html")).status_code == 404


async def test_outside_the_demo_there_is_no_such_page(
    world: World, database_url: str, payments: Sandbox
) -> None:
    mail_id = await a_receipt(world)
    outside = (
        {"base_url": "https://fund.example.org", "stripe_api_base": None},
        {"smtp_url": "smtp://localhost"},
    )
    for settings in outside:
        async with serve(database_url, payments.url, world.clock, **settings) as served:
            for path in ("/dev/mail", f"/dev/mail/{mail_id}", f"/dev/mail/{mail_id}/html"):
                assert (await served.reader.get(path)).status_code == 404
