"""Pictures in the editor's form: kept, shown, removed; or refused, and nothing stored."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.sandbox.process import Sandbox
from tests.services.test_picturing import drawn, png
from tests.web.serving import Served, serve
from tests.web.studio import enter, staff
from tests.world import World

AT = "/studio/larkfield/campaigns/recorder/edit"
PAGE = {"title": "Recorder", "slug": "recorder", "blurb": "It hears.", "story": "The story."}


@pytest.fixture
async def site(
    world: World, database_url: str, payments: Sandbox, tmp_path: Path
) -> AsyncIterator[Served]:
    """The site with a folder for pictures; Bob sits at a draft."""
    await staff(world)
    await world.campaign(slug="recorder", published=False)
    folder = {"media_url": str(tmp_path / "media")}
    async with serve(database_url, payments.url, world.clock, **folder) as served:
        await enter(served.reader, "Bob")
        yield served


async def upload(site: Served, body: bytes, name: str = "photo.jpg", **typed: str) -> Any:
    base = (await site.reader.get(AT)).text.split('name="base" value="')[1].split('"')[0]
    return await site.reader.post(
        AT,
        data=PAGE | {"base": base, "do": "save", "image_alt": "A recorder"} | typed,
        files={"image": (name, body, "image/jpeg")},
        headers=site.reader.from_here,
    )


async def nothing_is_stored(world: World, tmp_path: Path) -> bool:
    media = tmp_path / "media"
    kept = list(media.rglob("*.*")) if media.exists() else []
    row = await world.row("select image, story from campaigns")
    return not kept and not await world.rows("select from pictures") and not row["image"]


async def test_a_picture_is_on_the_page_in_two_widths_and_may_be_kept_for_ever(
    site: Served, world: World
) -> None:
    answer = await upload(site, drawn(2000, 1000))
    assert answer.status_code == 303, answer.text
    address = (await world.row("select image from campaigns"))["image"]
    assert address.endswith("-1600x800-1600.avif")
    page = (await site.reader.get(AT)).text
    assert address.replace("-1600.", "-800.") in page and 'width="1600" height="800"' in page
    for one in (address, address.replace("-1600.", "-800.")):
        got = await site.reader.get(one)
        assert got.headers["content-type"] == "image/avif"
        assert "immutable" in got.headers["cache-control"]
    again = await upload(site, b"", name="")
    assert again.status_code == 303, "a form without a new picture keeps the one that is there"
    assert (await world.row("select image from campaigns"))["image"] == address
    await upload(site, b"", name="", image_remove="on")
    assert tuple(await world.row("select image, image_alt from campaigns")) == ("", "")


async def test_a_picture_without_words_is_asked_for_them_and_not_for_itself_again(
    site: Served, world: World
) -> None:
    answer = await upload(site, drawn(900, 600), image_alt=" ")
    assert answer.status_code == 422 and 'id="image_alt-note"' in answer.text
    kept = answer.text.split('name="image_kept" value="')[1].split('"')[0]
    assert kept.startswith("/media/")
    answer = await upload(site, b"", name="", image_kept=kept)
    assert (await world.row("select image from campaigns"))["image"] == kept


async def test_an_address_that_the_store_never_uploaded_is_no_picture_of_it(
    site: Served, world: World
) -> None:
    await upload(site, b"", name="", image_kept="/media/2/0f-1600x900-1600.avif")
    assert (await world.row("select image from campaigns"))["image"] == ""


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("bomb", "too large"),
        ("svg", "An SVG can hold scripts"),
        ("page", "not a picture"),
        ("cut", "ends too soon"),
        ("moving", "moves"),
        ("heavy", "more than 20 MB"),
    ],
)
async def test_an_upload_that_is_no_good_is_refused_with_the_reason_and_nothing_is_stored(
    site: Served, world: World, tmp_path: Path, what: str, reason: str
) -> None:
    moving = BytesIO()
    frames = [Image.new("L", (40, 40), shade) for shade in (0, 200)]
    frames[0].save(moving, "GIF", save_all=True, append_images=frames[1:], duration=90)
    bodies = {
        "bomb": png(60_000, 60_000, rows=bytes(1_000_000)),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "page": b"<!doctype html><script>alert(1)</script>",
        "cut": drawn(800, 600)[:4000],
        "moving": moving.getvalue(),
        "heavy": bytes(21 * 1024 * 1024),
    }
    answer = await upload(site, bodies[what])
    assert answer.status_code == 422
    assert reason in answer.text and 'id="image-note"' in answer.text
    assert "The story." in answer.text, "what was typed is kept"
    assert await nothing_is_stored(world, tmp_path)


async def test_fifty_megabytes_are_refused_before_they_are_read(
    site: Served, world: World, tmp_path: Path
) -> None:
    answer = await upload(site, bytes(50 * 1024 * 1024))
    assert answer.status_code == 413 and "24 MB" in answer.text
    assert await nothing_is_stored(world, tmp_path)
