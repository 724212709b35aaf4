"""A campaign on other sites: what the element begins with, how small it is, whom it answers."""

import gzip
from typing import Any

import pytest

from milepost.storage.database import unit
from tests.web.client import Reader, parse, state_in
from tests.web.serving import Served
from tests.world import NOON, World

OWN = "/embed/c/recorder.json"
BLOG = {"origin": "https://blog.example.org", "sec-fetch-site": "cross-site"}


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder: one milestone opened, one secret."""
    campaign_id = await world.campaign(
        slug="recorder", blurb="Hear it.", image="/media/x-1600.avif", image_alt="A recorder"
    )
    await world.tier(campaign_id)
    await world.milestone(campaign_id, 1, title="Case", text_after="For all.")
    await world.milestone(campaign_id, 50, title="zq-title", text_after="zq-after", mystery=True)
    await world.pledged(campaign_id, "Dana")
    return campaign_id


async def test_the_script_is_under_ten_kilobytes_and_has_all_it_needs(reader: Reader) -> None:
    sizes = {}
    for packed in ("gzip", "br", "identity"):
        answer = await reader.get("/embed/campaign.js", headers={"accept-encoding": packed} | BLOG)
        assert answer.headers.get("content-encoding", "identity") == packed
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "set-cookie" not in answer.headers
        sizes[packed] = int(answer.headers["content-length"])
    assert 5_000 < sizes["gzip"] < 10_000
    assert sizes["br"] < sizes["gzip"]
    assert len(gzip.compress(answer.content, 6)) < 10_000
    text = answer.text
    assert f'const BASE = "{str(reader.base_url).rstrip("/")}"' in text
    for word in ("import ", "cookie", "localStorage", "sessionStorage", "innerHTML", "indexedDB"):
        assert not [line for line in text.splitlines() if line.strip().startswith(word)], word
        assert word == "import " or word not in text
    again = await reader.get(
        "/embed/campaign.js", headers={"if-none-match": answer.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.usefixtures("campaign_id")
async def test_the_element_begins_with_all_it_shows_and_nothing_secret(reader: Reader) -> None:
    """R2, R3."""
    answer = await reader.get(OWN, headers=BLOG)
    url = str(reader.base_url).rstrip("/")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "zq-" not in answer.text
    found = answer.json()
    assert found["state"] | {"updates": 0} == (await reader.get("/c/recorder.json")).json()
    assert (found["url"], found["live"]) == (f"{url}/c/recorder", "/c/recorder/live?lang=en")
    assert found["picture"] == {
        "src": f"{url}/media/x-1600.avif",
        "srcset": f"{url}/media/x-800.avif 800w, {url}/media/x-1600.avif 1600w",
        "alt": "A recorder",
        "width": 1600,
        "height": 1200,
    }
    assert found["words"]["to-go"] == "{left} to go"
    assert found["words"]["backers-one"] == "{count} backer"
    assert found["css"].startswith("@layer tokens{:host{")


@pytest.mark.usefixtures("campaign_id")
@pytest.mark.parametrize(
    ("lang", "spoken", "way", "live"),
    [("de-AT", "de", "ltr", "de"), ("ar", "ar", "rtl", "en"), ("xx", "en", "ltr", "en")],
)
async def test_it_speaks_the_languages_of_a_cart(
    reader: Reader, lang: str, spoken: str, way: str, live: str
) -> None:
    found = (await reader.get(f"{OWN}?lang={lang}")).json()
    assert (found["lang"], found["dir"]) == (spoken, way)
    assert found["live"].endswith(f"lang={live}")
    assert {name.partition("-")[0] for name in found["words"]} >= {"of", "backers", "announce"}
    assert not [said for said in found["words"].values() if "%" in said]


async def test_drafts_and_strangers_are_unknown_alike_and_announcements_say_little(
    reader: Reader, world: World
) -> None:
    await world.campaign(slug="draft", published=False, title="zq-title")
    await world.campaign(slug="soon", published=False, title="Soon")
    async with unit(world.database) as db:
        await db.execute("update campaigns set announced_at = $1 where slug = 'soon'", NOON)
    answers = [await reader.get(f"/embed/c/{slug}.json") for slug in ("draft", "nothing", "A-b")]
    assert {(a.status_code, a.content) for a in answers} == {(404, b'{"error":"unknown"}')}
    assert {a.headers["access-control-allow-origin"] for a in answers} == {"*"}
    for path in ("/c/draft.json", "/c/draft/live", "/c/draft"):
        answer = await reader.get(path, headers=BLOG)
        assert answer.status_code == 404 and "zq-" not in answer.text
        assert answer.headers["access-control-allow-origin"] == "*"
    soon = (await reader.get("/embed/c/soon.json")).json()["state"]
    assert set(soon) == {"slug", "title", "state", "version", "opens_at", "followers"}


@pytest.mark.usefixtures("campaign_id")
async def test_other_sites_may_follow_the_stream(reader: Reader) -> None:
    async with reader.stream("GET", "/c/recorder/live", headers=BLOG) as answer:
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "set-cookie" not in answer.headers
    async with reader.watching("/c/recorder/live") as frames:
        assert state_in(await anext(frames))["slug"] == "recorder"


@pytest.mark.usefixtures("campaign_id")
async def test_it_is_served_from_memory_and_not_sent_twice(served: Served) -> None:
    first = await served.reader.get(OWN)
    start = len(served.statements)
    for path in (OWN, f"{OWN}?lang=ja", "/embed/c/recorder", "/embed/campaign.js"):
        assert (await served.reader.get(path)).status_code == 200
    known = {"if-none-match": first.headers["etag"]}
    again = await served.reader.get(OWN, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert served.statements_since(start) == []


@pytest.mark.usefixtures("campaign_id")
@pytest.mark.parametrize(("query", "compact"), [("", False), ("?compact&lang=de", True)])
async def test_a_frame_holds_the_element_and_a_link_and_no_form(
    reader: Reader, query: str, compact: bool
) -> None:
    answer = await reader.get(f"/embed/c/recorder{query}")
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    names = [str(one.tag).rpartition("}")[2] for one in parse(answer.text).iter()]
    assert "form" not in names and "input" not in names
    found: dict[str, Any] = {
        str(one.tag).rpartition("}")[2]: one for one in parse(answer.text).iter()
    }
    element, link = found["milepost-campaign"], found["a"]
    assert (element.get("slug"), element.get("target")) == ("recorder", "_blank")
    assert (element.get("compact") is not None) == compact
    assert (link.get("target"), link.get("rel")) == ("_blank", "noopener")
    assert link.get("href") == f"{str(reader.base_url).rstrip('/')}/c/recorder?via=embed"


async def test_a_frame_of_nothing_says_so_by_its_element(reader: Reader) -> None:
    answer = await reader.get("/embed/c/nothing")
    assert answer.status_code == 404 and '<milepost-campaign slug="nothing"' in answer.text
    assert "frame-ancestors *" in answer.headers["content-security-policy"]


async def test_pictures_may_be_shown_by_pages_that_isolate_themselves(
    world: World, reader: Reader
) -> None:
    await world.campaign(slug="recorder")
    answer = await reader.get("/c/recorder/card.png")
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
