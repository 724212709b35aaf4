"""What protects a reader: policies, origins, escaping, closed folders, silent logs."""

import logging
from itertools import cycle, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
from starlette.routing import Route

from milepost.web.public.view import brand_css_url
from milepost.web.routes import ROUTES
from tests.sandbox.process import KEY, SECRET, Sandbox
from tests.web.addresses import UNSAFE, paths
from tests.web.client import Reader, parse
from tests.web.kept import event, link_of, nothing_changes, signed
from tests.web.serving import Served, serve
from tests.world import World

H = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
async def public(world: World, reader: Reader) -> list[str]:
    """Every public address of a store with one campaign, one backer and one picture."""
    campaign_id = await world.campaign(slug="recorder")
    await world.tier(campaign_id)
    link = await link_of(world, await world.pledged(campaign_id, "Dana"))
    return paths(
        slug=["recorder"],
        key=[link.removeprefix("/p/")],
        name=[brand_css_url("larkfield", "#2f6f5e")[7:-4]],
        media=["nothing.png"],
    )


async def fetched(reader: Reader, path: str) -> httpx.Headers:
    """The headers with which the address answers."""
    async with reader.stream("GET", path) as answer:
        return answer.headers


async def test_every_answer_carries_a_strict_policy(
    reader: Reader, public: list[str], subtests: pytest.Subtests
) -> None:
    for path in [*public, "/nothing"]:
        headers = await fetched(reader, path)
        with subtests.test(path):
            policy = dict(
                d.strip().split(" ", 1) for d in headers["content-security-policy"].split(";")
            )
            assert policy["default-src"] == "'none'"
            assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
            framed = path.startswith("/embed/c/") and not path.endswith(".json")
            assert policy["frame-ancestors"] == ("*" if framed else "'none'")
            assert policy["base-uri"] == "'none'"
            assert not framed or policy["form-action"] == "'none'"
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert "strict-transport-security" not in headers
            assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_a_pledge_s_own_address_is_told_to_nobody_else(
    reader: Reader, world: World, public: list[str]
) -> None:
    own = [path for path in public if path.startswith("/p/")]
    for path in own:
        headers = await fetched(reader, path)
        leads_on = headers.get("location") is not None
        assert headers["referrer-policy"] == ("no-referrer" if leads_on else "same-origin")
        assert headers["cache-control"] == "no-store"
    started = await world.started(1)
    page = await reader.get(f"{await link_of(world, started)}/again")
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cache-control"] == "no-store"


async def test_over_https_browsers_are_told_to_stay_there_and_forms_lead_to_stripe_only(
    world: World, database_url: str
) -> None:
    await world.campaign(slug="recorder")
    home = {"base_url": "https://fund.example.org", "stripe_api_base": None}
    async with serve(database_url, "http://127.0.0.1:9", world.clock, **home) as served:
        for path in ("/", "/c/recorder", "/c/recorder.json", "/c/recorder/live", "/nothing"):
            headers = await fetched(served.reader, path)
            assert headers["strict-transport-security"].startswith("max-age=31536000"), path
            policy = headers["content-security-policy"]
            assert policy.endswith("form-action 'self' https://checkout.stripe.com")


FOREIGN: dict[str, dict[str, str]] = {
    "another site, by fetch metadata": {"sec-fetch-site": "cross-site"},
    "a sibling site": {"sec-fetch-site": "same-site"},
    "another site that forges an origin": {"sec-fetch-site": "cross-site", "origin": "SELF"},
    "another origin": {"origin": "https://evil.example"},
    "our name inside another": {"origin": "SELF.evil.example"},
    "a hidden origin": {"origin": "null"},
    "another page": {"referer": "https://evil.example/SELF"},
    "an origin that is none": {"origin": "http://["},
    "nobody": {},
}


async def test_nothing_is_done_for_another_site(
    reader: Reader, world: World, public: list[str], subtests: pytest.Subtests
) -> None:
    here = str(reader.base_url).rstrip("/")
    # signed, as fonts are, or with a token that no browser sends by itself
    elsewhere = (
        "/webhooks/stripe",
        "/unsubscribe/",
        "/static/fonts",
    )
    asked = [p for p in public if not p.startswith(elsewhere)]
    # Everywhere, by every method, from everybody, yet not every three: one guard hears them all.
    pledging = product(["/c/recorder/pledge"], UNSAFE, FOREIGN)
    walk = zip(asked, cycle(UNSAFE), cycle(FOREIGN), strict=False)
    async with nothing_changes(world):
        for path, method, who in (*pledging, *walk):
            headers = {name: value.replace("SELF", here) for name, value in FOREIGN[who].items()}
            with subtests.test(f"{method} {path} for {who}"):
                answer = await reader.request(method, path, headers=headers)
                assert answer.status_code == 403
                assert "sent from another site" in answer.text


async def test_what_comes_from_here_is_heard(reader: Reader, public: list[str]) -> None:
    here = str(reader.base_url).rstrip("/")
    for headers in (
        {"sec-fetch-site": "same-origin"},
        {"origin": here},
        {"referer": f"{here}/c/recorder"},
    ):
        answer = await reader.post("/c/recorder/pledge", data={"amount": "12"}, headers=headers)
        assert answer.status_code == 303


def test_every_unsafe_route_is_known_here() -> None:
    """A new one is covered by the tests above as soon as it is in `ROUTES`; this counts them."""
    unsafe = {r.path for r in ROUTES if isinstance(r, Route) and (r.methods or set()) & set(UNSAFE)}
    of_a_pledge = ("address", "answers", "change", "cancel", "pay")
    own = {f"/me/pledges/{{key}}/{what}" for what in of_a_pledge}
    own |= {"/me/sign-in", "/me/sign-in/for/{key}", "/me/sign-in/{token}", "/me/erase"}
    own |= {"/me/gift-card", "/me/points"}
    own |= {"/me/sign-out", "/me/sign-out/everywhere"}
    own |= {path for path in unsafe if path.startswith("/studio/")}  # test_studio_walk.py has each
    own |= {"/c/{slug}/comments", "/c/{slug}/follow", "/follow/{token}", "/cart/change"}
    own |= {"/cart/take", "/cart/seen", "/checkout"}
    own |= {"/shop/{slug}/subscribe"}
    ends = ("address", "cancel", "keep", "card")
    own |= {f"/me/subscriptions/{{subscription}}/{what}" for what in ends}
    own |= {"/shop/{slug}/reviews"}
    own |= {f"/c/{{slug}}/comments/{{comment}}/{what}" for what in ("withdraw", "report")}
    assert unsafe - own == {"/c/{slug}/pledge", "/unsubscribe/{token}", "/webhooks/stripe"}
    assert own < unsafe


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\n\ndata: {}"
STORY = """
<script>alert(1)</script> <img src=x onerror=alert(1)> <style>*{display:none}</style>

[one](javascript:alert(1)) [two](JaVaScRiPt:alert(1)) [three](data:text/html,<script>x</script>)
![four](javascript:alert(1)) <a href="vbscript:x">five</a>
[six](https://example.org "t\\" onclick=\\"x") <svg onload=alert(1)>
<iframe src=//evil.example></iframe> <form action=//evil.example><input></form>

[seven]: javascript:alert(1)
[seven] &#106;avascript:alert(1)
"""


async def test_what_creators_and_backers_write_is_shown_as_text(
    reader: Reader, world: World
) -> None:
    texts = {"title": EVIL, "blurb": EVIL, "image_alt": EVIL}
    german = {"translations": {"de": {**texts, "story": STORY}}}
    campaign_id = await world.campaign(
        slug="evil", story=STORY, image='/media/x.png"><script>', **texts, **german
    )
    await world.tier(campaign_id, title=EVIL, text=EVIL)
    reward: dict[str, Any] = {
        "title": EVIL,
        "text_before": EVIL,
        "text_after": EVIL,
        "exclusive": STORY,
        "image": "/media/y.png' onerror='alert(1)",
        "image_alt": EVIL,
    }
    await world.milestone(campaign_id, 1, **reward, code_kind="shared", shared_code=EVIL)
    await world.milestone(campaign_id, 50, **reward)
    link = await link_of(world, await world.pledged(campaign_id, "Dana"))
    async with world.database.connection() as db:
        await db.execute("update stores set name = :evil, tagline = :evil", {"evil": EVIL})
    for path in ("/", "/c/evil", "/c/evil/pledge", f"/c/evil/pledge?bonus={quote(EVIL)}", link):
        for language in ("en", "de"):
            joint = "&" if "?" in path else "?"
            page = await reader.get(f"{path}{joint}lang={language}")
            assert page.status_code == 200
            shown(page.text)
    for wrong in ({"tier": EVIL}, {"amount": EVIL}, {"tier": "1", "quantity": EVIL}):
        shown((await reader.pledge("evil", **wrong)).text)
    state = await reader.get("/c/evil.json")
    assert state.headers["content-type"] == "application/json"
    assert orjson.loads(state.content)["title"] == EVIL
    async with reader.watching("/c/evil/live") as frames:
        assert len((await anext(frames)).splitlines()) == 3


def shown(html: str) -> None:
    """No element of the page came out of a text, and no link runs anything."""
    tree = parse(html)
    names = [str(e.tag).rpartition("}")[2] for e in tree.iter()]
    assert not {"iframe", "style", "object", "embed"} & set(names)
    assert all(e.get("src") != "x" for e in tree.iter(f"{H}img"))
    for element in tree.iter():
        for name in ("href", "src", "action"):
            scheme = element.get(name, "").partition(":")[0].strip().lower()
            allowed = {"http", "https", "mailto", "data"} if name == "href" else {"http", "https"}
            assert ":" not in element.get(name, "") or scheme in allowed, element.attrib
        if element.tag == f"{H}a":
            assert not element.get("href", "").startswith("data:")
        if element.tag == f"{H}form":
            assert element.get("action").startswith(("/c/", "/me/"))


async def test_no_folder_but_the_pictures_can_be_read(
    world: World, database_url: str, payments: Sandbox, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    (media / "inner").mkdir(parents=True)
    (media / "fine.png").write_bytes(b"a picture")
    (media / "page.html").write_text("<script>alert(1)</script>")
    (media / "drawing.svg").write_text("<svg onload='alert(1)'/>")
    (tmp_path / "secret.png").write_bytes(b"the secret")
    (media / "link.png").symlink_to(tmp_path / "secret.png")
    (media / "folder.png").mkdir()
    async with serve(database_url, payments.url, world.clock, media_url=str(media)) as served:
        fine = await served.reader.wire(b"/media/fine.png")
        assert (fine.status, fine.body) == (200, b"a picture")
        assert fine.headers["content-type"] == "image/png"
        assert fine.headers["x-content-type-options"] == "nosniff"
        for target in (
            b"/media/../secret.png",
            b"/media/%2e%2e/secret.png",
            b"/media/..%2fsecret.png",
            b"/media/inner/../../secret.png",
            b"/media//" + str(tmp_path / "secret.png").encode(),
            b"/media/%2f" + str(tmp_path / "secret.png").encode(),
            b"/media/..\\secret.png",
            b"/media/..%5csecret.png",
            b"/media/%252e%252e/secret.png",
            b"/media/fine.png%00.html",
            b"/media/link.png",
            b"/media/folder.png",
            b"/media/inner",
            b"/media/page.html",
            b"/media/drawing.svg",
            b"/media/~/secret.png",
            b"/static/../secret.png",
            b"/static/%2e%2e/%2e%2e/settings.py",
            b"/static/..%2f..%2fsettings.py",
            b"/static//etc/passwd",
        ):
            answer = await served.reader.wire(target)
            assert answer.status == 404, target
            assert b"the secret" not in answer.body


async def test_a_whole_journey_leaves_no_secret_in_the_logs(
    served: Served, world: World, payments: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "milepost")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the test's own reader
    reader, campaign_id = served.reader, await world.campaign(slug="recorder")
    await world.tier(campaign_id, slots=5)
    await world.milestone(campaign_id, 1, codes=("THE-CODE",), exclusive="The exclusive text")
    answer = await reader.pledge("recorder", tier="1", quantity="1")
    session = payments.all("sessions")[-1]
    payments.switch("pay", session=session["id"], email="dana.secret@example.org")
    types = ("checkout.session.completed", "payment_intent.succeeded")
    for sent in payments.http.get("/sandbox/events").json()["data"]:
        body = orjson.dumps({k: v for k, v in sent.items() if k != "delivery"})
        if sent["type"] in types and session["id"].encode() in body:
            assert (
                await reader.post("/webhooks/stripe", content=body, headers=signed(body))
            ).is_success
    await world.settle()
    key = (await world.row("select key from pledges"))["key"]
    page = await reader.get(f"/p/{key}")
    assert "THE-CODE" in page.text and "The exclusive text" in page.text
    await reader.post("/webhooks/stripe", content=event(), headers=signed(event(), "wrong"))
    await reader.pledge("recorder", amount="not-a-sum")
    payments.switch("habits", fail_before=10)
    try:
        await reader.pledge("recorder", amount="12")
    finally:
        payments.switch("habits", fail_before=0)
    async with world.database.connection() as db:
        await db.execute("alter table pledge_lines rename to away")
    assert (await reader.get(f"/p/{key}")).status_code == 500
    said = caplog.text
    assert "broke" in said, "the broken page was not logged at all"
    for secret in (
        KEY,
        SECRET,
        served.settings.secret_key,
        "dana.secret@example.org",
        "4242424242424242",
        "THE-CODE",
        "The exclusive text",
        key,
        answer.headers["location"],
        "v1=",
    ):
        assert secret not in said, secret
