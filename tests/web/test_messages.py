"""That nothing is left in English where another language was asked for."""

import re
from html.parser import HTMLParser

import pytest
from babel.messages.catalog import Catalog
from jinja2 import Environment

from milepost.wording import messages
from milepost.wording.languages import CART_LOCALES, catalog_path, translator
from milepost.wording.templating import TEMPLATES

OTHERS = [locale for locale in CART_LOCALES if locale != messages.SOURCE_LANGUAGE]
# What a macro writes into a tag that stands elsewhere: nobody hears it, unless it is among SPOKEN.
ATTRIBUTE = re.compile(
    r"""[ 0](?!(?:alt|title|placeholder|aria-(?:label|valuetext|description))=)"""
    r"""(?:[a-z-]+="[^"<>]*"|autofocus|data-keep-fresh)(?=[^<>]*(?:<|$))"""
)
SPOKEN = {"alt", "title", "aria-label", "placeholder", "aria-valuetext", "aria-description"}
NAMES = {"Milepost"}  # what is the same in every language


class Words(HTMLParser):
    """The words in a template that a reader would see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._look(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SPOKEN or (tag == "meta" and name == "content" and " " in (value or "")):
                self._look(value or "")

    def _look(self, text: str) -> None:
        self.found += [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in NAMES]


def bare(source: str) -> str:
    """A template's own text, with every expression and block replaced by a mark."""
    parts: list[str] = []
    inside = False
    for _line, kind, value in Environment().lex(source):
        if kind in ("variable_begin", "block_begin"):
            inside = True
            parts.append("0" if kind == "variable_begin" else "")
        elif kind in ("variable_end", "block_end"):
            inside = False
        elif kind == "data" and not inside:
            parts.append(value)
    return ATTRIBUTE.sub("", "".join(parts))


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: path.name)
def test_every_word_of_a_template_goes_through_gettext(path: object) -> None:
    words = Words()
    text = bare(TEMPLATES.joinpath(str(path)).read_text("utf-8"))
    words.feed(re.sub(r'<meta name="(viewport|color-scheme|theme-color|robots)"[^>]*>', "", text))
    assert not words.found


@pytest.fixture(scope="module")
def source() -> Catalog:
    """What the code and the templates say today."""
    return messages.extracted()


@pytest.mark.parametrize("locale", OTHERS)
def test_every_message_is_in_the_catalog(locale: str, source: Catalog) -> None:
    kept = {_key(message.id) for message in messages.kept(locale)}
    lacking = [
        message.id for message in messages.wanted(source, locale) if _key(message.id) not in kept
    ]
    assert not lacking, "run: python -m milepost.wording.messages"


@pytest.mark.parametrize("locale", OTHERS)
def test_every_message_is_translated_and_none_is_a_guess(locale: str) -> None:
    catalog = messages.kept(locale)
    assert not messages.missing(catalog)
    assert not [message.id for message in catalog if message.id and message.fuzzy]
    assert "#~" not in catalog_path(locale).read_text("utf-8")


@pytest.mark.parametrize("locale", OTHERS)
def test_every_translation_keeps_the_fields_of_its_message(locale: str) -> None:
    for message in messages.kept(locale):
        asked = message.id if isinstance(message.id, tuple | list) else [message.id]
        said = message.string if isinstance(message.string, tuple | list) else [message.string]
        if message.id:
            shown = [_fields(str(form)) for form in asked]  # one of something may go without its 1
            assert all(_fields(str(text)) in shown for text in said), message.id


def test_german_says_du() -> None:
    for message in messages.kept("de"):
        forms = message.string if isinstance(message.string, tuple | list) else [message.string]
        said = "\n".join(str(form) for form in forms)
        assert not re.findall(r"(?<=[a-zäöü,] )(?:Sie|Ihnen|Ihre?[mnrs]?)\b", said), message.id


def test_plurals_follow_the_language() -> None:
    backers = translator("de").ngettext
    assert backers("%(count)s backer", "%(count)s backers", 1) == "%(count)s Mensch ist dabei"
    assert backers("%(count)s backer", "%(count)s backers", 0) == "%(count)s Menschen sind dabei"


def _key(message: object) -> object:
    return tuple(message) if isinstance(message, list) else message


def _fields(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))
