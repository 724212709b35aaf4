"""The site's stylesheet, scripts, fonts and pictures: hashed, compressed, kept in memory once.

An address holds its content's hash, so browsers may keep what they got for ever.
"""

import gzip
import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import brotli  # type: ignore[import-untyped]
import orjson

from milepost.wording.colour import DEFAULT_BRAND, brand_css

FOLDER = Path(__file__).parent.parent / "static"
PREFIX = "/static/"
CACHE_CONTROL = "public, max-age=31536000, immutable"

# The cascade: each of these is one file in static/css, put one after the other.
STYLES = (
    "layers", "fonts", "tokens", "base", "frame", "button", "form", "figure", "road", "trail",
    "milestone", "tier", "story", "talk", "share", "notice", "receipt", "me", "home", "history",
    "mail", "follow", "loyalty", "rewards", "burst", "motion", "print",
)  # fmt: skip
# What the shop's pages carry besides: the same from static/css/shop.
SHOP = ("bar", "cart", "shelves")
# What the cart carries along to other sites.
EMBEDDED = ("layers", "tokens", "base", "button", "form", "notice", "shop/bar", "shop/cart")
# What the page carries that shows a campaign in a frame.
FRAMED = ("fonts", "embed/frame")
# What the studio's pages carry besides: the same from static/css/studio.
STUDIO = (
    "frame",
    "parts",
    "overview",
    "pictures",
    "fulfilment",
    "updates",
    "milestones",
    "edit",
    "elsewhere",
    "cart_milestones",
    "shop",
    "orders",
    "programs",
    "hooks",
)

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".avif": "image/avif",
    ".webp": "image/webp",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}
_COMPRESSIBLE = {".css", ".js", ".svg", ".txt"}
_URL = re.compile(r"url\(\.\./([\w./-]+)\)")
_IMPORT = re.compile(r"""from ["']\./([\w.-]+)["']""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_REMARK = re.compile(r"^\s*(//.*|/\*\*.*\*/)\n", re.MULTILINE)  # a script's, on lines of their own
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_IMPORTED = re.compile(r"^import .*\n", re.MULTILINE)
_LEADING = re.compile(r"^[ \t]+", re.MULTILINE)


class Asset(NamedTuple):
    """One file as it goes over the wire; `br` and `gzip` are None where they gain nothing."""

    content_type: str
    body: bytes
    br: bytes | None
    gzip: bytes | None


class _Bundle:
    """What the folder holds, by name and by address."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.assets: dict[str, Asset] = {}
        for kind in ("fonts", "pictures"):
            for path in sorted((FOLDER / kind).glob("*.*")):
                self._add(f"{kind}/{path.name}", path.read_bytes())
        styles = "".join((FOLDER / f"css/{name}.css").read_text("utf-8") for name in STYLES)
        self._add("site.css", self._style(styles + brand_css(DEFAULT_BRAND)).encode())
        shop = "".join((FOLDER / f"css/shop/{n}.css").read_text("utf-8") for n in SHOP)
        self._add("shop.css", self._style(shop).encode())
        framed = "".join((FOLDER / f"css/{n}.css").read_text("utf-8") for n in FRAMED)
        self._add("framed.css", self._style(framed).encode())
        studio = "".join((FOLDER / f"css/studio/{n}.css").read_text("utf-8") for n in STUDIO)
        self._add("studio.css", self._style(studio).encode())
        scripts = {path.name: path.read_text("utf-8") for path in (FOLDER / "js").glob("*.js")}
        while scripts:
            self._add_ready_scripts(scripts)

    def _style(self, text: str) -> str:
        """One stylesheet without comments and indents, its addresses hashed."""
        text = _LEADING.sub("", _COMMENT.sub("", text)).replace("\n\n", "\n")
        return _URL.sub(lambda match: f"url({self.urls[match[1]]})", text)

    def _add_ready_scripts(self, scripts: dict[str, str]) -> None:
        """Adds the modules whose imports have their addresses already, and takes them out."""
        ready = [n for n, t in scripts.items() if not set(_IMPORT.findall(t)) & scripts.keys()]
        if not ready:
            raise ValueError(f"static/js: {', '.join(scripts)} import each other in a circle")
        for name in ready:
            text = _LEADING.sub("", _REMARK.sub("", scripts.pop(name)))
            text = _IMPORT.sub(lambda match: f'from "{self.urls["js/" + match[1]]}"', text)
            self._add(f"js/{name}", text.encode())

    def _add(self, name: str, body: bytes) -> None:
        path = Path(name)
        digest = sha256(body).hexdigest()[:12]
        url = f"{PREFIX}{path.with_suffix('')}.{digest}{path.suffix}"
        compressible = path.suffix in _COMPRESSIBLE
        self.urls[name] = url
        self.assets[url] = Asset(
            _TYPES[path.suffix],
            body,
            brotli.compress(body, quality=11) if compressible else None,
            gzip.compress(body, 9, mtime=0) if compressible else None,
        )


@cache
def _bundle() -> _Bundle:
    return _Bundle()


def bundle() -> dict[str, Asset]:
    """Every asset by the path of its URL, made once a process."""
    return _bundle().assets


@cache
def embedded_cart() -> str:
    """The script of `<milepost-cart>`: the element, what moves its bar, and its styles, in one.

    It follows the other site's colour scheme.
    """
    return _embedded(("bar", "embed"), EMBEDDED)


@cache
def embedded_campaign() -> str:
    """The script of `<milepost-campaign>`, in the same way."""
    return _embedded(("campaign-card", "campaign-embed"), ("embed/campaign",))


def _embedded(modules: tuple[str, ...], sheets: tuple[str, ...]) -> str:
    """One script without an import or an inline style: it works under another site's own policy.

    Whoever serves it says first what `BASE` is.
    """
    js, css = FOLDER / "js", FOLDER / "css"
    scripts = "".join((js / f"{name}.js").read_text("utf-8") for name in modules)
    scripts = _EXPORT.sub("", _IMPORTED.sub("", _REMARK.sub("", scripts)))
    styles = "".join((css / f"{name}.css").read_text("utf-8") for name in sheets)
    styles = _LEADING.sub("", _COMMENT.sub("", styles)).replace(":root", ":host")
    styles = styles.replace("color-scheme: light dark;\n", "")
    return f"const STYLES = {orjson.dumps(styles).decode()};\n{_LEADING.sub('', scripts)}"


def static_url(name: str) -> str:
    """The address of an asset by its name, such as `pictures/hills.avif` or `site.css`."""
    return _bundle().urls[name]
