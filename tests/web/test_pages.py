"""How pages are served: from memory, to caches and readers, whatever the crowd and the database."""

import gzip
from io import BytesIO
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from PIL import Image

from milepost.storage.database import reading
from milepost.web.static import bundle, static_url
from tests.sandbox.process import Sandbox
from tests.web.client import Reader, parse
from tests.web.kept import link_of
from tests.web.serving import Served, serve
from tests.world import NOON, World, paid

HTML = "{http://www.w3.org/1999/xhtml}"


@pytest.fixture
async def campaign_id(world: World) -> int:
    """The recorder with two tiers and three milestones, one of them reached by Dana."""
    campaign_id = await world.campaign(slug="recorder", goal=500, story="A *story*.")
    await world.tier(campaign_id, title="One recorder", price=12000, slots=12)
    await world.tier(campaign_id, title="Two", price=20000, units=2, closes_at=NOON)
    german = {"de": {"text_after": "Für alle.", "text_before": "Bald."}}
    texts = {"text_before": "Soon.", "text_after": "Yours.", "translations": german}
    await world.milestone(campaign_id, 1, **texts)
    await world.milestone(campaign_id, 400, "new_backers", product_id=await world.product())
    await world.milestone(campaign_id, 450, mystery=True, text_before="Hush.")
    await world.pledged(campaign_id, "Dana")
    return campaign_id


@pytest.mark.usefixtures("campaign_id")
@pytest.mark.parametrize("path", ["/c/recorder", "/c/recorder.json"])
async def test_a_page_can_be_kept_by_every_cache_on_the_way(reader: Reader, path: str) -> None:
    plain = await reader.wire(path.encode())
    assert "content-encoding" not in plain.headers
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}
    tags = {plain.headers["etag"]}
    for accepted, packed in (
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, GZIP", "gzip"),
        ("zebra", ""),
        ("identity", ""),
    ):
        answer = await reader.wire(path.encode(), f"accept-encoding: {accepted}".encode())
        assert answer.headers.get("content-encoding", "") == packed, accepted
        assert unpack.get(packed, bytes)(answer.body) == plain.body
        assert int(answer.headers["content-length"]) == len(answer.body)
        tags.add(answer.headers["etag"])
    german = await reader.wire(path.encode(), b"accept-language: fr, de-AT;q=0.8, en;q=0.5")
    assert german.headers["content-language"] == "de"
    tags.add(german.headers["etag"])
    assert len(tags) == 4, "two different bodies share an ETag"
    assert set(plain.headers["vary"].split(", ")) == {"accept-encoding", "accept-language"}
    assert plain.headers["cache-control"] == (
        "public, max-age=0, s-maxage=2, stale-while-revalidate=30"
    )


@pytest.mark.usefixtures("campaign_id")
async def test_a_reader_who_has_the_page_is_told_so_in_a_few_bytes(
    reader: Reader, world: World
) -> None:
    for path in ("/c/recorder", "/c/recorder.json", "/c/recorder/card.png"):
        first = await reader.get(path)
        for known in (first.headers["etag"], f'W/{first.headers["etag"]}, "other"'):
            again = await reader.get(path, headers={"if-none-match": known})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == first.headers["etag"]
            assert again.headers["cache-control"] == first.headers["cache-control"]
            assert again.headers["vary"] == first.headers["vary"]
        other = await reader.get(path, headers={"if-none-match": '"another"'})
        assert other.status_code == 200


async def test_the_public_state_has_the_shape_that_others_rely_on(
    reader: Reader, campaign_id: int
) -> None:
    """interfaces.md, "Public state"."""
    answer = await reader.get("/c/recorder.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    state = answer.json()
    milestones, tiers = state.pop("milestones"), state.pop("tiers")
    assert state.pop("addons") == []
    assert state.pop("version") > 1
    assert state.pop("outcome") is None
    assert state.pop("updates") == 0
    assert state == {
        "slug": "recorder",
        "title": "Field Recorder",
        "state": "live",
        "basis": "units",
        "currency": "USD",
        "goal": 500,
        "total": 1,
        "raised": 4500,
        "units": 1,
        "backers": 1,
        "opens_at": "2026-05-01T00:00:00Z",
        "closes_at": "2026-07-01T00:00:00Z",
    }
    assert [wanted(m, MILESTONE) for m in milestones] == [
        {
            "target": 1,
            "state": "revealed",
            "reached_at": "2026-06-01T12:00:00Z",
            "reached_seq": 1,
            "audience": "all_backers",
            "reward": "reveal",
            "title": "Reward at 1",
            "text": "Yours.",
            "image": None,
        },
        {
            "target": 400,
            "state": "ahead",
            "left": 399,
            "audience": "new_backers",
            "reward": "product",
            "title": "Reward at 400",
            "text": "",
            "image": None,
        },
        {
            "target": 450,
            "state": "ahead",
            "left": 449,
            "audience": "all_backers",
            "reward": "reveal",
            "title": "",
            "text": "",
            "image": None,
        },
    ]
    assert [wanted(t, {"title", "price", "left", "state"}) for t in tiers] == [
        {"title": "One recorder", "price": 12000, "left": 12, "state": "open"},
        {"title": "Two", "price": 20000, "left": None, "state": "ended"},
    ]
    assert all(isinstance(thing["id"], str) for thing in [*milestones, *tiers])


MILESTONE = set("target state left reached_at reached_seq audience reward title text image".split())


def wanted(thing: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The part of a thing that interfaces.md names."""
    return {name: value for name, value in thing.items() if name in names}


async def test_a_warm_page_asks_the_database_nothing_and_a_cold_one_four_things(
    served: Served, campaign_id: int
) -> None:
    start = len(served.statements)
    await served.reader.get("/c/recorder")
    assert len(served.statements_since(start)) == 4
    start = len(served.statements)
    for path in ("/c/recorder", "/c/recorder.json", "/c/recorder?lang=de"):
        for _ in range(5):
            assert (await served.reader.get(path)).status_code == 200
    async with served.reader.watching("/c/recorder/live") as frames:
        await anext(frames)
    assert served.statements_since(start) == []


async def crowd(world: World, campaign_id: int, count: int) -> None:
    """So many more backers, each with a pledge that is paid and settled."""
    async with reading(world.database) as db:
        made = await db.fetch(
            "insert into pledges (key, campaign_id, units, money, started_at, expires_at)"
            " select 'one-of-the-crowd-' || n, $1, 1, 4500, $2, $2 from generate_series(1, $3) n"
            " returning id",
            campaign_id,
            NOON,
            count,
        )
    ids = [row["id"] for row in made]
    await world.hear(campaign_id, *[paid(pledge_id, f"backer-{pledge_id}") for pledge_id in ids])
    await world.settle()


async def asked(served: Served, *paths: str) -> dict[str, int]:
    """How many statements each page takes."""
    counts = {}
    for path in paths:
        start = len(served.statements)
        assert (await served.reader.get(path)).status_code == 200
        counts[path] = len(served.statements_since(start))
    return counts


async def test_no_page_asks_more_when_there_are_a_thousand_backers(
    world: World, campaign_id: int, database_url: str, payments: Sandbox
) -> None:
    link = await link_of(world, await world.pledged(campaign_id, "Eli"))
    paths = ("/c/recorder", "/c/recorder/card.png", "/", "/c/recorder/pledge", link, "/metrics")

    async def count() -> dict[str, int]:
        """The least of three starts: a page is made once more when its site begins to listen."""
        counts = []
        for _ in range(3):
            async with serve(database_url, payments.url, world.clock) as served:
                counts.append(await asked(served, *paths))
        return {path: min(each[path] for each in counts) for path in paths}

    few = await count()
    await crowd(world, campaign_id, 1000)
    many = await count()
    async with serve(database_url, payments.url, world.clock) as served:
        state = (await served.reader.get("/c/recorder.json")).json()
    assert (state["backers"], state["total"]) == (1002, 1002)
    assert many == few
    assert (few["/"], few["/c/recorder/pledge"], few["/metrics"]) == (4, 3, 1)
    assert few[link] <= 9


async def test_the_share_picture_is_drawn_once_for_each_version_and_language(
    served: Served, world: World, campaign_id: int
) -> None:
    english = await served.reader.get("/c/recorder/card.png")
    image = Image.open(BytesIO(english.content))
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert english.headers["vary"] == "accept-language"
    german = await served.reader.get("/c/recorder/card.png", headers={"accept-language": "de"})
    assert german.content != english.content
    assert german.headers["etag"] != english.headers["etag"]
    start = len(served.statements)
    assert (await served.reader.get("/c/recorder/card.png")).content == english.content
    assert served.statements_since(start) == []


@pytest.mark.usefixtures("campaign_id")
async def test_the_page_and_all_it_needs_fit_into_sixty_kilobytes(reader: Reader) -> None:
    """voice.md: over the wire, before pictures."""
    page = await reader.get("/c/recorder")
    tree = parse(page.text)
    needed = {e.get("src") for e in tree.iter(f"{HTML}script")}
    needed |= {e.get("href") for e in tree.iter(f"{HTML}link") if e.get("rel") != "icon"}
    needed = {url for url in needed if url.startswith("/")} | {static_url("js/page.js")}
    size = len((await reader.wire(b"/c/recorder", b"accept-encoding: br")).body)
    for url in needed:
        size += len((await reader.wire(url.encode(), b"accept-encoding: br")).body)
    assert len(needed) <= 6
    assert size < 60_000


async def test_what_pages_are_made_of_may_be_kept_for_ever(reader: Reader) -> None:
    for url, asset in bundle().items():
        answer = await reader.get(url)
        assert (answer.status_code, answer.content) == (200, asset.body)
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"] == asset.content_type
        plain = await reader.wire(url.encode(), b"accept-encoding: br;q=0, gzip;q=0")
        assert plain.body == asset.body and "content-encoding" not in plain.headers


@pytest.mark.usefixtures("campaign_id")
async def test_the_form_has_an_address_of_its_own(reader: Reader) -> None:
    page = await reader.get("/c/recorder/pledge?tier=1&quantity=2")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    forms = list(parse(page.text).iter(f"{HTML}form"))
    assert [form.get("action") for form in forms] == ["/c/recorder/pledge"] * 2
    assert all(form.get("method") == "post" for form in forms)


async def test_the_chosen_language_goes_along_to_the_payment_page_and_back(
    reader: Reader, world: World, campaign_id: int, payments: Sandbox
) -> None:
    page = await reader.get("/c/recorder?lang=de")
    (language, *_) = [
        field.get("value")
        for field in parse(page.text).iter(f"{HTML}input")
        if field.get("name") == "lang"
    ]
    wrong = await reader.pledge("recorder", amount="-1", lang=language)
    assert parse(wrong.text).get("lang") == "de"
    await reader.pledge("recorder", amount="12", lang=language)
    assert payments.all("sessions")[-1]["locale"] == "de"
    key = (await world.row("select key from pledges where state = 'started'"))["key"]
    for path in (f"/p/{key}", f"/p/{key}/again"):
        assert parse((await reader.get(path)).text).get("lang") == "de"
        assert parse((await reader.get(f"{path}?lang=en")).text).get("lang") == "en"


async def test_an_empty_store_says_what_comes_next(reader: Reader) -> None:
    page = await reader.get("/")
    assert page.status_code == 200
    assert "No campaign is open yet" in page.text
