"""Picturing: an uploaded picture is checked, re-encoded without metadata, and kept in two widths.

It is judged by its content, never by its name; whatever is refused leaves nothing behind. Pixels
are counted before any is decoded. Source: OWASP, "File Upload Cheat Sheet".
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_
from milepost.domain.pictures import LARGE, SMALL, picture_name, smaller
from milepost.gateways.media import Media
from milepost.storage import pictures
from milepost.storage.database import Database, unit

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "GIF")
LARGEST = 20 * 1024 * 1024  # bytes
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 16_000  # pixels
TALLEST = 4  # times as high as it is wide, and the other way round
QUALITY, SPEED = 62, 7
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)
# What Pillow raises at a file that is not what it says, or ends too soon.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError)
_one_at_a_time = asyncio.Semaphore(1)  # a large picture fills memory while it is decoded

NOT_A_PICTURE = N_("That is not a picture that can be shown. Use a JPEG, PNG, WebP, AVIF or GIF.")
SVG = N_("An SVG can hold scripts, so it is not taken. Save it as PNG and upload that.")
TOO_HEAVY = N_("That file has more than 20 MB. Save it smaller and upload it again.")
TOO_LARGE = N_(
    "That picture is too large: at most 50 million pixels, and 16,000 on a side. Make it smaller."
)
TOO_LONG = N_("That picture is more than four times as long as it is wide. Crop it.")
MOVES = N_("That picture moves. Upload a still one.")
CUT = N_("That file ends too soon or is damaged. Upload it again from where it is whole.")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture ready to be kept: name → bytes, of which the first is the one to show."""

    name: str
    width: int
    height: int
    files: dict[str, bytes]


async def keep_picture(
    database: Database,
    media: Media,
    store_id: int,
    creator_id: int,
    body: bytes,
    about: str,
    now: datetime,
) -> str:
    """Keep the picture for the store; its address. Raises Invalid about the field `about`."""
    async with _one_at_a_time:
        made = await asyncio.to_thread(encoded, body, about)
        for name, content in made.files.items():
            await asyncio.to_thread(media.keep, f"{store_id}/{name}", content)
    address = f"/media/{store_id}/{made.name}"
    weight = sum(len(content) for content in made.files.values())
    async with unit(database) as db:
        await pictures.keep(db, store_id, address, made.width, made.height, weight, creator_id, now)
    return address


def encoded(body: bytes, about: str) -> Encoded:
    """The picture as AVIF, upright, without metadata, not wider than it came. Raises Invalid."""
    picture = _checked(body, about)
    try:
        picture.draft("RGB", (2 * LARGE, 2 * LARGE))  # a JPEG need not be decoded in full
        picture.load()
    except MemoryError:
        raise Invalid(TOO_LARGE, about=about) from None
    except _BROKEN:
        raise Invalid(CUT, about=about) from None
    upright = ImageOps.exif_transpose(_plain(picture))
    large = _narrowed(upright, LARGE)
    content = {LARGE: _avif(large)}
    name = picture_name(sha256(content[LARGE]).hexdigest()[:24], *large.size)
    files = {name: content[LARGE]}
    if large.width > SMALL:
        files[smaller(name)] = _avif(_narrowed(large, SMALL))
    return Encoded(name, *large.size, files)


def _checked(body: bytes, about: str) -> Image.Image:
    """The picture, opened and not decoded yet."""
    if len(body) > LARGEST:
        raise Invalid(TOO_HEAVY, about=about)
    try:
        picture = Image.open(BytesIO(body), formats=FORMATS)
        width, height = picture.size
        moves = picture.format != "MPO" and getattr(picture, "is_animated", False)
    except UnidentifiedImageError:
        is_svg = b"<svg" in body[:4096].lower()
        raise Invalid(SVG if is_svg else NOT_A_PICTURE, about=about) from None
    except _BOMBS:
        raise Invalid(TOO_LARGE, about=about) from None
    except _BROKEN:
        raise Invalid(CUT, about=about) from None
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Invalid(TOO_LARGE, about=about)
    if max(width, height) > TALLEST * min(width, height):
        raise Invalid(TOO_LONG, about=about)
    if moves:
        raise Invalid(MOVES, about=about)
    if picture.format == "PNG" and b"IEND" not in body[-1024:]:
        raise Invalid(CUT, about=about)
    return picture


def _plain(picture: Image.Image) -> Image.Image:
    """The same in sRGB with eight bits a channel; its orientation is still noted beside it."""
    exif = picture.getexif()
    orientation = exif.get(0x0112)
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I"):
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    has_alpha = "A" in picture.mode or "transparency" in picture.info
    mode = "RGBA" if has_alpha else "RGB"
    if profile and picture.mode in ("RGB", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            turned = ImageCms.profileToProfile(picture, own, srgb, outputMode="RGB")
            picture = turned if turned is not None else picture
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that can't be read says nothing
    plain = picture.convert(mode)
    plain.info = {}
    if orientation:
        plain.getexif()[0x0112] = orientation
    return plain


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _avif(picture: Image.Image) -> bytes:
    """The pixels and nothing else."""
    bare = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    out = BytesIO()
    bare.save(out, "AVIF", quality=QUALITY, speed=SPEED)
    return out.getvalue()
