"""The share picture: a campaign's title, its trail and its figures, 1200 × 630."""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from milepost.web import static
from milepost.web.trail import Trail, trail
from milepost.wording.colour import DEFAULT_BRAND, Colour, palette
from milepost.wording.format import written_in
from milepost.wording.languages import translator

WIDTH, HEIGHT = 1200, 630
WIDTHS = (WIDTH, 600, 300)  # in which the picture is to be had
_SIDE, _SHARP = 72, 2  # the margin in pixels; shapes are drawn twice as large, for smooth edges
_LATIN = static.FOLDER / "fonts" / "overpass-latin.woff2"


@cache
def _letters(size: int, weight: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(str(_LATIN), size)
    font.set_variation_by_axes([weight])
    return font


def share_card(c: Mapping[str, Any], store: Mapping[str, Any], locale: str) -> bytes:
    """The PNG of a campaign as its public state has it; nothing hidden is on it (R2)."""
    tokens = palette(store.get("brand") or DEFAULT_BRAND, dark=False)
    card = _Card({name: _rgb(colour) for name, colour in tokens.items()})
    shown, gettext = written_in(locale), translator(locale).gettext
    card.text((_SIDE, 92), str(store["name"]), 30, 700, "soft")
    bottom = card.lines((_SIDE, 188), str(c["title"]), 84, 850, WIDTH - 2 * _SIDE)
    road = trail(c)
    card.figure(
        (_SIDE, max(bottom + 130, 400)),
        shown.amount(c["total"], c),
        gettext("of %(goal)s pledged") % {"goal": shown.amount(c["goal"], c)},
    )
    card.road(road, int(c["total"]), 506)
    if road.next and road.next.milestone:
        left = gettext("%(left)s to go") % {
            "left": shown.amount(road.next.target - int(c["total"]), c)
        }
        m = road.next.milestone
        title = gettext("Something is waiting here") if m["mystery"] else str(m["title"])
        card.next(left, title, 572)
    return card.png()


def _rgb(colour: Colour) -> tuple[int, int, int]:
    digits = colour.hex[1:]
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def smaller(picture: bytes, width: int) -> bytes:
    """The same picture, one of `WIDTHS` wide."""
    out = BytesIO()
    with Image.open(BytesIO(picture)) as card:
        size = (width, width * HEIGHT // WIDTH)
        card.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Card:
    """One picture being drawn; places are in its finished pixels."""

    def __init__(self, colours: dict[str, tuple[int, int, int]]) -> None:
        self._colours = colours
        self._image = Image.new("RGB", (WIDTH * _SHARP, HEIGHT * _SHARP), colours["paper"])
        self._draw = ImageDraw.Draw(self._image)

    def text(self, at: tuple[float, float], text: str, size: int, weight: int, ink: str) -> float:
        """Writes one line, cut to fit; gives where it ends."""
        font = _letters(size * _SHARP, weight)
        room = (WIDTH - _SIDE - at[0]) * _SHARP
        while text and font.getlength(text) > room:
            text = text[:-2].rstrip() + "…"
        place = (at[0] * _SHARP, at[1] * _SHARP)
        self._draw.text(place, text, fill=self._colours[ink], font=font, anchor="ls")
        return at[0] + font.getlength(text) / _SHARP

    def lines(
        self, at: tuple[float, float], text: str, size: int, weight: int, width: int
    ) -> float:
        """Writes up to two lines, smaller where they are long; gives the last one's height."""
        while size > 44 and _letters(size, weight).getlength(text) > width * 1.7:
            size -= 6
        rows: list[str] = [""]
        for word in text.split():
            longer = f"{rows[-1]} {word}".strip()
            if rows[-1] and _letters(size, weight).getlength(longer) > width:
                rows.append(word)
            else:
                rows[-1] = longer
        y = at[1]
        for row in [rows[0], " ".join(rows[1:])]:
            if row:
                self.text((at[0], y), row, size, weight, "ink")
                y += size
        return y - size

    def figure(self, at: tuple[float, float], total: str, rest: str) -> None:
        """The big figure and what it is of."""
        end = self.text(at, total, 92, 850, "accent")
        self.text((end + 20, at[1]), rest, 38, 400, "soft")

    def next(self, left: str, title: str, y: float) -> None:
        """What is left to the next milestone, and its title."""
        end = self.text((_SIDE, y), left, 32, 800, "accent")
        self.text((end + 16, y), title, 32, 400, "ink")

    def road(self, road: Trail, total: int, y: int) -> None:
        """The road with its stones and the flag, true to scale."""
        start, long = _SIDE + 8, WIDTH - 2 * _SIDE - 32

        def x(value: int) -> float:
            return start + long * road.share(value) / 100

        for dot in range(0, long + 1, 18):
            self._dot(start + dot, y, 2.6, "edge")
        self._line(start, x(total), y, 12, "road")
        for stop in road.stops:
            ink = "road" if stop.passed else "spark" if stop is road.next else "paper"
            if stop.is_goal:
                self._flag(x(stop.target), y, "road" if stop.passed else "ink")
            else:
                self._stone(x(stop.target), y, ink)
        self._dot(x(total), y, 15, "road")
        self._dot(x(total), y, 7, "surface")

    def png(self) -> bytes:
        """The finished picture."""
        out = BytesIO()
        small = self._image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        return out.getvalue()

    def _scaled(self, *numbers: float) -> list[float]:
        return [number * _SHARP for number in numbers]

    def _dot(self, x: float, y: float, radius: float, ink: str) -> None:
        box = self._scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, fill=self._colours[ink])

    def _line(self, x1: float, x2: float, y: float, width: float, ink: str) -> None:
        box = self._scaled(x1 - width / 2, y - width / 2, x2 + width / 2, y + width / 2)
        self._draw.rounded_rectangle(box, width * _SHARP / 2, fill=self._colours[ink])

    def _stone(self, x: float, y: float, ink: str) -> None:
        edge = self._colours["road" if ink == "road" else "on-spark" if ink == "spark" else "edge"]
        self._draw.rounded_rectangle(
            self._scaled(x - 15, y - 44, x + 15, y + 3),
            14 * _SHARP,
            fill=self._colours[ink],
            outline=edge,
            width=3 * _SHARP,
            corners=(True, True, False, False),
        )

    def _flag(self, x: float, y: float, ink: str) -> None:
        colour = self._colours[ink]
        self._draw.rectangle(self._scaled(x - 2.5, y - 64, x + 2.5, y), fill=colour)
        points = [(x, y - 64), (x + 34, y - 64), (x + 25, y - 52), (x + 34, y - 40), (x, y - 40)]
        self._draw.polygon([(a * _SHARP, b * _SHARP) for a, b in points], fill=colour)
