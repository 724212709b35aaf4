"""A creator's Markdown as safe HTML."""

from markdown_it import MarkdownIt
from markupsafe import Markup
from nh3 import clean

_markdown = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def prose(markdown: str) -> Markup:
    """Safe HTML of a creator's Markdown: no raw HTML, no scripts, no styles."""
    return Markup(clean(_markdown.render(markdown), link_rel="noopener nofollow"))
