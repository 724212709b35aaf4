"""The languages that pages come in, and which one a reader gets."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Protocol

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALES = ("en", "de")
# A cart also stands on other sites, so it speaks more: its catalogs hold what a cart says.
CART_LOCALES = (*LOCALES, "fr", "es", "ja", "ar")
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "ja": "日本語",
    "ar": "العربية",
}
CATALOGS = Path(__file__).parent.parent / "locale"


class Translator(Protocol):
    """What gettext's own translation objects do."""

    def gettext(self, message: str) -> str: ...

    def ngettext(self, singular: str, plural: str, num: int) -> str: ...


def catalog_path(locale: str) -> Path:
    """Where the translations into `locale` are kept."""
    return CATALOGS / locale / "LC_MESSAGES" / "messages.po"


@cache
def translator(locale: str) -> Translator:
    """The messages of `locale`, read from its .po once; English, the source, needs none."""
    path = catalog_path(locale)
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=locale))
    compiled.seek(0)
    return Translations(compiled)


def negotiate(accept_language: str, asked: str | None, locales: Sequence[str] = LOCALES) -> str:
    """The language for a reader: the one `asked` for, else the first that the browser wants."""
    if asked in locales:
        return str(asked)
    wishes: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")[:20]):
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        language = tag.strip().lower().split("-")[0]
        if quality > 0 and language in locales:
            wishes.append((-quality, place, language))
    return min(wishes)[2] if wishes else LOCALES[0]
