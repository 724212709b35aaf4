"""oEmbed: a campaign's address that is pasted somewhere becomes its live card (oembed.com)."""

from io import BytesIO
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image

from milepost.storage.database import unit
from tests.web.client import Reader, parse
from tests.web.serving import Served
from tests.world import NOON, World


@pytest.fixture
async def url(world: World, reader: Reader) -> str:
    """The address of a campaign that is called as nobody should call one."""
    await world.campaign(slug="recorder", title='Field "Recorder" <2>')
    return f"{str(reader.base_url).rstrip('/')}/c/recorder"


async def ask(reader: Reader, url: str, **asked: Any) -> Any:
    """What a site asks when somebody has pasted `url`."""
    return await reader.get("/oembed", params={"url": url} | asked)


async def test_a_campaign_is_a_rich_frame_with_its_picture(reader: Reader, url: str) -> None:
    answer = await ask(reader, url, format="json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["access-control-allow-origin"] == "*"
    told, home = answer.json(), url.removesuffix("/c/recorder")
    frame = told.pop("html")
    picture = told.pop("thumbnail_url")
    assert told == {
        "version": "1.0",
        "type": "rich",
        "title": 'Field "Recorder" <2>',
        "author_name": "Larkfield",
        "author_url": f"{home}/",
        "provider_name": "127.0.0.1",
        "provider_url": f"{home}/",
        "cache_age": 3600,
        "width": 640,
        "height": 840,
        "thumbnail_width": 1200,
        "thumbnail_height": 630,
    }
    page = f"<!doctype html><html><head><title>x</title></head><body>{frame}</body></html>"
    (found,) = [one for one in parse(page).iter() if str(one.tag).endswith("iframe")]
    assert found.get("src") == f"{home}/embed/c/recorder?lang=en"
    assert found.get("title") == 'Field "Recorder" <2>'
    assert (await reader.get(found.get("src"))).status_code == 200
    assert (await reader.get(picture)).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("asked", "size", "compact", "picture"),
    [
        ({"maxwidth": "500"}, (500, 1080), False, (300, 157)),
        ({"maxwidth": "600", "maxheight": "400"}, (600, 380), True, (600, 315)),
        ({"maxheight": "200"}, (640, 200), True, (300, 157)),
        ({"maxwidth": "240", "maxheight": "2000"}, (240, 1080), False, None),
        ({"maxwidth": "5000"}, (640, 840), False, (1200, 630)),
        ({"maxwidth": "wide", "maxheight": "-3"}, (640, 840), False, (1200, 630)),
    ],
)
async def test_frame_and_picture_are_never_larger_than_asked(
    reader: Reader,
    url: str,
    asked: dict[str, str],
    size: tuple[int, int],
    compact: bool,
    picture: tuple[int, int] | None,
) -> None:
    told = (await ask(reader, url, **asked)).json()
    assert (told["width"], told["height"]) == size
    assert ("compact" in told["html"]) == compact
    if picture is None:
        assert not [name for name in told if name.startswith("thumbnail")]
        return
    assert (told["thumbnail_width"], told["thumbnail_height"]) == picture
    drawn = Image.open(BytesIO((await reader.get(told["thumbnail_url"])).content))
    assert drawn.size == picture


async def test_what_is_no_campaign_of_ours_is_not_found(
    reader: Reader, world: World, url: str
) -> None:
    await world.campaign(slug="draft", published=False)
    home = url.removesuffix("/c/recorder")
    for other in (
        *("", "nonsense", "http://[", f"{home}/", f"{home}/c/nothing", f"{home}/c/draft"),
        *(f"{url}/updates", "https://example.org/c/recorder", f"ftp{url[4:]}", f"{url}.json"),
    ):
        answer = await ask(reader, other)
        assert answer.status_code == 404, other
        assert answer.headers["access-control-allow-origin"] == "*"
    for good in (f"{url}/", f"{url}?via=blog#pledge", f"https{url[4:]}"):
        assert (await ask(reader, good)).status_code == 200, good


async def test_only_json_is_spoken(reader: Reader, url: str) -> None:
    assert (await ask(reader, url, format="xml")).status_code == 501
    assert (await ask(reader, f"{url}x", format="xml")).status_code == 501


async def test_the_page_says_where_to_ask_in_its_own_language(
    reader: Reader, world: World, url: str
) -> None:
    await world.campaign(slug="soon", published=False, title="Soon")
    async with unit(world.database) as db:
        await db.execute("update campaigns set announced_at = $1 where slug = 'soon'", NOON)
    for slug in ("recorder", "soon"):
        page = parse((await reader.get(f"/c/{slug}?lang=de")).text)
        (link,) = [x for x in page.iter() if x.get("type") == "application/json+oembed"]
        assert link.get("rel") == "alternate"
        assert quote(f"/c/{slug}") in link.get("href")
        told = await reader.get(link.get("href"))
        assert told.status_code == 200 and "lang=de" in told.json()["html"]
        assert ("thumbnail_url" in told.json()) == (slug == "recorder")


async def test_it_asks_the_database_nothing_once_the_page_is_warm(served: Served, url: str) -> None:
    await served.reader.get("/c/recorder")
    start = len(served.statements)
    await ask(served.reader, url)
    assert served.statements_since(start) == []


async def test_a_picture_comes_in_three_widths_and_no_other(reader: Reader, url: str) -> None:
    for width, status in ((1200, 200), (600, 200), (300, 200), (601, 404), (99999, 404)):
        assert (await reader.get(f"/c/recorder/card.png?width={width}")).status_code == status
