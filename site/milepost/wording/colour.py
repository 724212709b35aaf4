"""A store's colours: OKLCH tokens made from one brand colour, readable whatever that colour is.

Every pair in `PAIRS` holds its WCAG 2.2 contrast in light and in dark for any brand.
"""

from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, radians, sin

DEFAULT_BRAND = "#17795e"
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 for text, 1.4.11 for shapes that carry meaning


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour in OKLCH: `lightness` 0–1, `chroma` 0–0.4, `hue` in degrees."""

    lightness: float
    chroma: float
    hue: float

    def __str__(self) -> str:
        return f"oklch({self.lightness:.4f} {self.chroma:.4f} {self.hue:.1f})"

    @property
    def rgb(self) -> tuple[float, float, float]:
        """Linear sRGB; a part outside 0–1 is a colour that screens can't show."""
        a, b = self.chroma * cos(radians(self.hue)), self.chroma * sin(radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )

    @property
    def luminance(self) -> float:
        """WCAG's relative luminance."""
        red, green, blue = (min(1.0, max(0.0, part)) for part in self.rgb)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def at(self, lightness: float) -> "Colour":
        """The same hue at another lightness, with as much of its chroma as sRGB can show there."""
        chroma = self.chroma
        while chroma > 0:
            found = Colour(lightness, chroma, self.hue)
            if all(-0.0005 <= part <= 1.0005 for part in found.rgb):
                return found
            chroma -= 0.004
        return Colour(lightness, 0.0, self.hue)

    def pale(self, chroma: float) -> "Colour":
        """The same colour with at most `chroma`."""
        return Colour(self.lightness, min(self.chroma, chroma), self.hue)

    @property
    def hex(self) -> str:
        """As `#rrggbb`."""
        return "#" + "".join(f"{round(_encoded(part) * 255):02x}" for part in self.rgb)


def parse(text: str) -> Colour:
    """The colour written as `#rgb` or `#rrggbb`; ValueError for anything else."""
    digits = text.strip().removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    if len(digits) != 6:
        raise ValueError(f"{text!r} is not a colour like #17795e")
    red, green, blue = (_linear(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Colour(lightness, hypot(a, b), degrees(atan2(b, a)) % 360)


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    high, low = sorted((one.luminance, other.luminance), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _linear(part: float) -> float:
    return float(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)


def _encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return float(part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055)


# name: (lightness, most chroma) on light and on dark ground, in the brand's hue
_NEUTRALS = {
    "paper": ((0.984, 0.006), (0.180, 0.016)),
    "surface": ((0.998, 0.002), (0.222, 0.018)),
    "sunk": ((0.958, 0.010), (0.150, 0.014)),
    "tint": ((0.946, 0.030), (0.265, 0.040)),
    "line": ((0.880, 0.014), (0.345, 0.020)),
    "edge": ((0.590, 0.022), (0.600, 0.022)),
    "ink": ((0.215, 0.022), (0.955, 0.008)),
    "soft": ((0.440, 0.022), (0.775, 0.016)),
}
_GROUNDS = ("paper", "surface", "sunk", "tint")
_WARNING = Colour(0.5, 0.19, 27.0)

# What is put on what, and the contrast it must have.
PAIRS = (
    *((ink, ground, TEXT) for ink in ("ink", "soft", "accent", "warning") for ground in _GROUNDS),
    *((shape, ground, SHAPE) for shape in ("road", "edge") for ground in _GROUNDS),
    ("on-button", "button", TEXT),
    ("on-button", "button-over", TEXT),
    ("on-road", "road", TEXT),
    ("on-spark", "spark", TEXT),
)

BAR = ("road", "on-road")  # the tokens that a bar's own colour replaces


def palette(brand: str, dark: bool) -> dict[str, Colour]:
    """The tokens of a store by name, for a light or a `dark` ground."""
    own = parse(brand)
    tokens = {
        name: own.pale(values[dark][1]).at(values[dark][0]) for name, values in _NEUTRALS.items()
    }
    grounds = [tokens[name] for name in _GROUNDS]
    step = 0.005 if dark else -0.005
    tokens["accent"] = _moved(own, grounds, TEXT + 0.1, step)
    tokens["warning"] = _moved(_WARNING, grounds, TEXT + 0.1, step)
    start = min(0.92, max(0.45 if dark else 0.2, own.lightness))
    tokens["button"], tokens["on-button"] = _lettered(own.at(start))
    away = 0.035 if tokens["on-button"].lightness < 0.5 else -0.035
    tokens["button-over"] = own.at(min(0.97, tokens["button"].lightness + away))
    road = _moved(own, grounds, SHAPE + 0.1, step)
    tokens["road"], tokens["on-road"] = _lettered(road, step)
    tokens["spark"] = Colour(0.82 if dark else 0.8, 0.155, _spark_hue(own)).at(0.8)
    tokens["on-spark"] = Colour(0.2, 0.03, _spark_hue(own))
    return tokens


def _spark_hue(own: Colour) -> float:
    """The hue of the small celebrations: amber, or coral beside a brand that is amber itself."""
    return 28.0 if abs(own.hue - 80) < 38 and own.chroma > 0.04 else 80.0


def _moved(colour: Colour, grounds: list[Colour], least: float, step: float) -> Colour:
    """`colour` made darker or lighter until it stands out from each of `grounds`."""
    lightness = min(0.98, max(0.08, colour.lightness))
    found = colour.at(lightness)
    while min(contrast(found, ground) for ground in grounds) < least and 0.05 < lightness < 0.99:
        lightness += step
        found = colour.at(lightness)
    return found


def _lettered(ground: Colour, step: float = 0.0) -> tuple[Colour, Colour]:
    """`ground`, moved as little as it takes, and the letters that can be read on it."""
    white, black = Colour(0.99, 0.0, ground.hue), Colour(0.16, 0.01, ground.hue)
    letters = max(white, black, key=lambda one: contrast(one, ground))
    step = step or (-0.005 if letters is white else 0.005)
    while contrast(letters, ground) < TEXT + 0.1 and 0.05 < ground.lightness < 0.99:
        ground = ground.at(ground.lightness + step)
        letters = max(white, black, key=lambda one: contrast(one, ground))
    return ground, letters


def brand_css(brand: str, where: str = ":root") -> str:
    """The stylesheet of one store: its tokens, light and dark, in the layer `tokens`."""
    light, dark = palette(brand, dark=False), palette(brand, dark=True)
    rows = "".join(f"--{name}:light-dark({light[name]},{dark[name]});" for name in light)
    return f"@layer tokens{{{where}{{--hue:{parse(brand).hue:.1f};{rows}}}}}\n"


def bar_css(colour: str, where: str) -> str:
    """The stylesheet of a bar in a colour of its own, moved as little as it takes to stand out."""
    light, dark = palette(colour, dark=False), palette(colour, dark=True)
    rows = "".join(f"--{name}:light-dark({light[name]},{dark[name]});" for name in BAR)
    return f"{where}{{{rows}}}\n"
