"""Uploaded pictures: judged by content, refused with the reason, re-encoded and bare."""

import os
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from milepost.domain.errors import Invalid
from milepost.domain.pictures import picture_name, picture_size, smaller
from milepost.gateways.media import Media
from milepost.services import picturing
from milepost.services.picturing import encoded, keep_picture
from tests.web.studio import staff
from tests.world import open_world

NOON_GPS = "51 deg 30' north"


def drawn(width: int, height: int, kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture with something to see, encoded as `kind`."""
    picture = Image.radial_gradient("L").resize((width, height)).convert(mode)
    out = BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def opened(body: bytes) -> Image.Image:
    picture = Image.open(BytesIO(body))
    picture.load()
    return picture


def refused(body: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        encoded(body, "image")
    assert caught.value.about == "image"
    return str(caught.value.sentence)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
def test_a_picture_of_each_kind_is_kept_as_avif_in_two_widths(kind: str) -> None:
    made = encoded(drawn(2000, 1500, kind), "image")
    assert (made.width, made.height) == (1600, 1200) == picture_size(made.name)
    first, second = (opened(body) for body in made.files.values())
    assert (first.format, first.size) == ("AVIF", (1600, 1200))
    assert (second.format, second.size) == ("AVIF", (800, 600))
    assert list(made.files) == [made.name, smaller(made.name)]
    assert made.name.endswith("-1600x1200-1600.avif")


def test_a_small_picture_is_not_blown_up() -> None:
    made = encoded(drawn(640, 400), "image")
    assert [opened(body).size for body in made.files.values()] == [(640, 400)]
    assert "-1600." not in made.name
    between = encoded(drawn(1000, 500), "image")
    assert [opened(b).size for b in between.files.values()] == [(1000, 500), (800, 400)]


def test_a_photo_stands_upright_and_says_nothing_of_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010E] = NOON_GPS
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 0.0)}
    body = drawn(1200, 800, exif=exif.tobytes(), comment=NOON_GPS.encode())
    assert NOON_GPS.encode() in body
    made = encoded(body, "image")
    for kept in made.files.values():
        picture = opened(kept)
        assert picture.height > picture.width
        assert not picture.getexif() and "xmp" not in picture.info
        assert NOON_GPS.encode() not in kept and b"Exif" not in kept
    assert (made.width, made.height) == (800, 1200)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I;16", "1"])
def test_every_kind_of_colour_is_taken(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    out = BytesIO()
    Image.new(mode, (300, 200), 1 if mode in ("1", "P", "L", "I;16") else None).save(out, kind)
    (kept,) = encoded(out.getvalue(), "image").files.values()
    assert opened(kept).mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")


def test_what_can_be_seen_through_stays_so() -> None:
    out = BytesIO()
    Image.new("RGBA", (900, 300), (200, 30, 30, 0)).save(out, "PNG")
    for kept in encoded(out.getvalue(), "image").files.values():
        assert opened(kept).getpixel((5, 5))[3] == 0


def png(width: int, height: int, rows: bytes = b"", end: bool = True) -> bytes:
    """A PNG that says it is so large, whatever it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + body + (chunk(b"IEND", b"") if end else b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (12_000, 9_000), (9_000, 8_000)])
def test_a_bomb_is_refused_before_a_pixel_of_it_is_decoded(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def decodes(self: Image.Image) -> None:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", decodes)
    assert "too large" in refused(png(*size, rows=bytes(10_000)))


def test_what_is_no_picture_is_refused_with_the_reason() -> None:
    assert "SVG" in refused(b'<?xml version="1.0"?><svg onload="alert(1)"/>')
    assert "not a picture" in refused(b"<html><script>alert(1)</script>")
    assert "not a picture" in refused(b"%PDF-1.7 and so on")
    assert "not a picture" in refused(b"")
    tiff = BytesIO()
    Image.new("RGB", (9, 9)).save(tiff, "TIFF")
    assert "not a picture" in refused(tiff.getvalue())


def test_a_picture_that_moves_or_is_a_ribbon_or_too_heavy_is_refused() -> None:
    frames = [Image.new("L", (40, 40), shade) for shade in (0, 90, 180)]
    for kind in ("GIF", "WEBP"):
        out = BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=90)
        assert "moves" in refused(out.getvalue())
    assert "Crop" in refused(drawn(2000, 20))
    assert "20 MB" in refused(bytes(picturing.LARGEST + 1))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_cut_file_is_refused(kind: str, share: float) -> None:
    body = drawn(500, 400, kind)
    assert refused(body[: int(len(body) * share)])


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"RIFF"]))
def test_whatever_comes_is_refused_and_nothing_breaks(rest: bytes, start: bytes) -> None:
    refused(start + rest)


@given(st.integers(1, 1600), st.integers(1, 16_000))
def test_an_address_says_how_large_its_picture_is(width: int, height: int) -> None:
    name = picture_name("0f" * 12, width, height)
    assert picture_size(f"/media/1/{name}") == (width, height)
    assert picture_size("/media/field-recorder-1600.avif") is None


async def test_a_picture_is_kept_once_under_a_name_of_its_content(
    database_url: str, tmp_path: Path
) -> None:
    async with open_world(database_url) as world:
        alice = (await staff(world))["Alice"]
        media, body = Media(str(tmp_path)), drawn(1700, 900)
        found = {
            await keep_picture(
                world.database, media, world.store_id, alice, body, "image", world.now
            )
            for _ in range(2)
        }
        assert len(found) == 1
        (address,) = found
        path = media.find(address.removeprefix("/media/"))
        assert path is not None and opened(path.read_bytes()).size == picture_size(address)
        row = await world.row("select * from pictures")
        assert (row["address"], row["width"], row["made_by"]) == (address, 1600, alice)


async def test_a_refused_picture_leaves_nothing_behind(database_url: str, tmp_path: Path) -> None:
    async with open_world(database_url) as world:
        alice = (await staff(world))["Alice"]
        for body in (b"<svg/>", drawn(500, 400)[:2000], png(60_000, 60_000)):
            with pytest.raises(Invalid):
                await keep_picture(
                    world.database,
                    Media(str(tmp_path)),
                    world.store_id,
                    alice,
                    body,
                    "image",
                    world.now,
                )
        assert not os.listdir(tmp_path)
        assert not await world.rows("select from pictures")
