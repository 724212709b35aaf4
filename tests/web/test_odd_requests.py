"""Addresses, methods and headers that no browser sends, and what each gets for an answer."""

import pytest

from milepost.web.routes import ROUTES
from milepost.web.static import static_url
from tests.web.addresses import UNSAFE, paths
from tests.web.client import Reader, parse
from tests.web.kept import link_of, nothing_changes
from tests.world import World

ABSURD = {
    "accept-language": (
        b"",
        b";;;,,,=",
        b"de;q=x, en;q=-1",
        b"*;q=0.5",
        b"de-" + b"x" * 4000,
        b"\xff\xfe",
        b",".join([b"de;q=0.1"] * 500),
        b"de;q=1e309",
        b"en;q=nan",
    ),
    "accept-encoding": (b"", b"*", b";q", b"br;q=x", b"\xff", b"identity;q=0", b"zebra, fabric"),
    "if-none-match": (b"", b"*", b'W/"', b'"' + b"x" * 4000, b"\xff\xfe", b'"1", "2", "3"'),
    "if-modified-since": (b"yesterday", b"Thu, 01 Jan 1970 00:00:00 GMT"),
    "last-event-id": (b"-1", b"x", b"9" * 400, b"\xff", b"1e9", b"\xb2"),
    "range": (b"bytes=0-1", b"bytes=9-1", b"lines=1"),
    "cookie": (b"", b"=", b";;;", b"a", b"a=b=c; \xff=\xff", b"x=" + b"y" * 4000),
    "referer": (b"http://[::1", b"javascript:alert(1)", b"\xff"),
    "origin": (b"http://[", b"null", b"\xff"),
    "content-type": (b"text/html", b";", b"\xff"),
    "x-forwarded-proto": (b"gopher", b"https, http"),
    "x-forwarded-for": (b"not-an-address", b"1.2.3.4, \xff"),
    "host": (b"evil.example", b"", b"[::1"),
}


@pytest.fixture
async def pages(world: World) -> list[bytes]:
    """A few addresses of each kind."""
    campaign_id = await world.campaign(slug="recorder")
    await world.tier(campaign_id)
    link = await link_of(world, await world.pledged(campaign_id, "Dana"))
    named = ["/", "/c/recorder", "/c/recorder.json", "/c/recorder/pledge", "/healthz", link]
    return [path.encode() for path in [*named, static_url("site.css")]]


async def test_no_header_makes_a_page_stumble(
    reader: Reader, world: World, pages: list[bytes], subtests: pytest.Subtests
) -> None:
    async with nothing_changes(world):
        for name, values in ABSURD.items():
            with subtests.test(name):
                for value in values:
                    for path in pages:
                        answer = await reader.wire(path, name.encode() + b": " + value)
                        fine = {200, 304, 400} if name == "host" else {200, 304}
                        assert answer.status in fine, (path, value)


async def test_no_header_makes_the_stream_stumble(reader: Reader, pages: list[bytes]) -> None:
    for name in ("last-event-id", "accept-language", "cookie"):
        for value in ABSURD[name]:
            headers = {name.encode(): value}
            request = reader.build_request("GET", "/c/recorder/live", headers=headers)
            answer = await reader.send(request, stream=True)
            assert answer.status_code == 200
            assert b"event: state" in await anext(answer.aiter_raw())
            await answer.aclose()


NOT_HERE = [
    b"/nothing",
    b"/c/",
    b"/c/nobody",
    b"/c/nobody.json",
    b"/c/nobody/live",
    b"/c/nobody/card.png",
    b"/c/nobody/pledge",
    b"/c/recorder.html",
    b"/c/Recorder",
    b"/c/recorder%00",
    b"/c/%00",
    b"/c/%ff%fe",
    b"/c/recorder%0a",
    b"/c/recorder%0d%0aset-cookie:%20a=b",
    b"/c/" + b"a" * 5000,
    b"/c/%C3%9F",
    b"/p/",
    b"/p/short",
    b"/p/%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00%00",
    b"/p/nobody-has-this-key-1234",
    b"/p/nobody-has-this-key-1234/again",
    b"/p/" + b"k" * 65,
    b"/p/%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff%ff",
    b"/p/' or 1=1; drop table pledges; --",
    b"/brand/larkfield.css",
    b"/brand/larkfield.000000000000.css",
    b"/brand/%00.css",
    b"/brand/%ff.x.css",
    b"/brand/nobody.x.css",
    b"/static/",
    b"/static/site.css",
    b"/static/%00",
    b"/media/",
    b"/media/%00.png",
    b"/media/" + b"a" * 5000 + b".png",
    b"/media/" + b"a/" * 300 + b"b.png",
    b"/media/%ff.png",
    b"/studio/../nothing",
]


async def test_what_is_not_here_is_said_on_a_page(
    reader: Reader, world: World, subtests: pytest.Subtests
) -> None:
    await world.campaign(slug="recorder")
    await world.campaign(slug="draft", published=False)
    drafts = [b"/c/draft", b"/c/draft.json", b"/c/draft/live", b"/c/draft/card.png"]
    for target in [*NOT_HERE, *drafts]:
        with subtests.test(target[:50]):
            answer = await reader.wire(target.replace(b" ", b"%20"))
            assert answer.status == 404
            assert "set-cookie" not in answer.headers
            heading = next(parse(answer.body.decode()).iter("{http://www.w3.org/1999/xhtml}h1"))
            assert heading.text == "Nothing here"
            assert answer.headers["cache-control"] == "no-store"


async def test_what_is_no_request_at_all_is_refused(reader: Reader) -> None:
    for said in (
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"G\xff / X\r\n\r\n",
    ):
        assert (await reader.bytes_on_the_wire(said)).status == 400


def takes(method: str, path: str) -> bool:
    """True where a form or an event is expected, or other sites may ask first (OPTIONS)."""
    route = next(route for route in ROUTES if route.path_regex.match(path))
    return method in (route.methods or ())


@pytest.mark.parametrize("method", [*UNSAFE, "OPTIONS", "TRACE"])
async def test_a_method_that_an_address_does_not_have_is_refused(
    reader: Reader, world: World, method: str, subtests: pytest.Subtests
) -> None:
    campaign_id = await world.campaign(slug="recorder")
    link = await link_of(world, await world.started(campaign_id))
    known = {"slug": ["recorder"], "key": [link[3:]], "name": ["larkfield.x"], "media": ["x.png"]}
    async with nothing_changes(world):
        for path in paths(**known):
            if takes(method, path) or (path.startswith("/static/") and not path.endswith(".css")):
                continue
            with subtests.test(path):
                answer = await reader.request(method, path, headers=reader.from_here)
                assert answer.status_code == 405
                allowed = set(answer.headers["allow"].split(", "))
                assert allowed <= {"GET", "HEAD", "POST", "OPTIONS"} and method not in allowed
                assert "be used that way" in answer.text


async def test_a_get_of_the_webhook_says_that_it_takes_events_only(reader: Reader) -> None:
    answer = await reader.get("/webhooks/stripe")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_the_form_s_address_names_all_that_it_takes(reader: Reader) -> None:
    answer = await reader.put("/c/recorder/pledge", headers=reader.from_here)
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


async def test_head_tells_what_get_would_and_sends_nothing(
    reader: Reader, world: World, pages: list[bytes]
) -> None:
    for path in [*pages, b"/c/recorder/live", b"/c/recorder/card.png", b"/readyz"]:
        answer = await reader.wire(path, method=b"HEAD")
        assert (answer.status, answer.body) == (200, b""), path
        if path != b"/c/recorder/live":
            full = await reader.wire(path)
            assert answer.headers["content-length"] == full.headers["content-length"]
            assert answer.headers["content-type"] == full.headers["content-type"]


async def test_odd_queries_change_nothing(reader: Reader, pages: list[bytes]) -> None:
    queries = (
        b"lang=",
        b"lang=xx",
        b"lang=%00",
        b"lang=%ff",
        b"lang=de&lang=en",
        b"%",
        b"&&=&",
        b"a" * 4000,
    )
    for path in pages:
        for query in queries:
            assert (await reader.wire(path + b"?" + query)).status == 200, (path, query)
