"""What creators write in Markdown, and backers as plain text, as safe HTML."""

import html
import re
import unicodedata

from markdown_it import MarkdownIt
from markupsafe import Markup, escape
from nh3 import clean

_markdown = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
_LINK = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_AFTER = ".,;:!?'*_~"  # what ends a sentence, and no address
_JOINERS = "\u200c\u200d"  # without them emoji and some scripts fall apart
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_OWN = re.compile(r'(src|href)="(/[^/"][^"]*)"')


def writable(line: str) -> str:
    """A line without what no page can hold; spaces of every width and what joins letters stay."""
    return "".join(c for c in line if c.isprintable() or c in _JOINERS or _is_space(c))


def _is_space(character: str) -> bool:
    return unicodedata.category(character) == "Zs"


def prose(markdown: str) -> Markup:
    """Safe HTML of a creator's Markdown: no raw HTML, no scripts, no styles."""
    return Markup(clean(_markdown.render(markdown), link_rel="noopener nofollow"))


def mailed_prose(markdown: str, base_url: str) -> Markup:
    """The same for a mail: whole addresses, and pictures that every mail program shows."""
    return Markup(_OWN.sub(lambda found: _whole(found[1], found[2], base_url), prose(markdown)))


def _whole(name: str, path: str, base_url: str) -> str:
    whole = mailed_picture(path, base_url) if name == "src" else base_url + path
    return f'{name}="{whole}"'


def mailed_picture(path: str, base_url: str) -> str:
    """The whole address of a picture of ours, in a size and a kind that every program shows."""
    path = path.replace("-1600.", "-800.")
    return base_url + path + (".jpg" if path.endswith((".avif", ".webp")) else "")


def excerpt(markdown: str, most: int) -> str:
    """The first words of a creator's Markdown, at most so many characters."""
    rendered = _markdown.render(markdown)
    paragraphs = " ".join(_PARAGRAPH.findall(rendered)) or rendered
    words = " ".join(html.unescape(clean(paragraphs.replace("<", " <"), tags=set())).split())
    if len(words) <= most:
        return words
    return words[: most - 1].rpartition(" ")[0].rstrip(_AFTER + " ") + "…"


def remark(text: str) -> Markup:
    """Safe HTML of what a backer wrote: paragraphs and links, and nothing else."""
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    lines = Markup("</p>\n<p>").join(
        Markup("<br>").join(_linked(line) for line in paragraph.split("\n"))
        for paragraph in paragraphs
    )
    return Markup("<p>{}</p>").format(lines)


def _linked(line: str) -> Markup:
    parts, at = [], 0
    for found in _LINK.finditer(line):
        address = found[0].rstrip(_AFTER)
        if address.endswith(")") and address.count("(") < address.count(")"):
            address = address[:-1].rstrip(_AFTER)
        parts.append(escape(line[at : found.start()]))
        parts.append(Markup('<a href="{0}" rel="nofollow ugc noopener">{0}</a>').format(address))
        at = found.start() + len(address)
    return Markup("").join([*parts, escape(line[at:])])
