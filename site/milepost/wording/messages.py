"""Refreshes the catalogs from the source: `python -m milepost.wording.messages`.

Writes locale/messages.pot and each language's .po. What is translated stays so, what is new is
left empty, what is gone is dropped; nothing is guessed, so nothing is ever fuzzy. Exits 1 and says
what waits for a translation.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from milepost.wording.languages import CART_LOCALES, CATALOGS, LOCALES, catalog_path

PACKAGE = Path(__file__).parent.parent
MAPPING = PACKAGE.parent.parent / "babel.cfg"
SOURCE_LANGUAGE = LOCALES[0]

# What a cart says, on our pages and on others', and a campaign on others'.
_CART = (
    "domain/cart_words.py",
    "domain/chargeable.py",
    "services/cart_changes.py",
    "services/cart_limits.py",
    "services/carting.py",
    "services/shop_cart.py",
    "templates/layout.html",
    "templates/shop/cart.html",
    "templates/shop/parts/cart.html",
    "templates/shop/parts/frame.html",
    "templates/shop/parts/milestones.html",
    "web/api/carts.py",
    "web/embed/words.py",
    "web/shop/cart_view.py",
)

# N_ and NN_ mark the domain's sentences; forms asks for all plural forms of a message.
_KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "NN_": (1, 2), "forms": (1, 2)}
_HEADER = """\
# Milepost in {language}.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def extracted() -> Catalog:
    """Every message in the package's modules and templates."""
    with MAPPING.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, MAPPING.name)  # type: ignore[no-untyped-call]
    catalog = Catalog()
    found = extract_from_dir(str(PACKAGE), methods, options, keywords=_KEYWORDS)
    for filename, _line, message, comments, context in found:
        catalog.add(
            message,
            locations=[(Path(filename).as_posix(), 0)],
            auto_comments=comments,
            context=context,
        )
    return catalog


def wanted(source: Catalog, locale: str) -> Catalog:
    """The messages of `source` that are translated into `locale`."""
    if locale in LOCALES:
        return source
    found = Catalog()
    for message in source:
        if message.id and any(_in_a_cart(message, place) for place, _ in message.locations):
            found.add(message.id, locations=message.locations, context=message.context)
    return found


def _in_a_cart(message: Message, place: str) -> bool:
    """True for what a cart says: also how far somebody came, beside the gift that it brought."""
    is_counted = bool(message.pluralizable) and place.startswith("domain/programs/")
    return place in _CART or is_counted


def kept(locale: str) -> Catalog:
    """The translations into `locale` as they are in its .po."""
    path = catalog_path(locale)
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def missing(catalog: Catalog) -> list[str]:
    """The messages of `catalog` without a whole translation."""
    return [str(message.id) for message in catalog if message.id and not _whole(message)]


def _whole(message: Message) -> bool:
    forms = message.string
    return all(forms) if isinstance(forms, tuple | list) else bool(forms)


def _write(path: Path, catalog: Catalog, header: str) -> None:
    body = BytesIO()
    write_po(
        body,
        catalog,
        width=100,
        omit_header=True,
        sort_output=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + body.getvalue().decode(), "utf-8")


def refresh() -> list[str]:
    """Writes all catalogs; the messages that wait for a translation, with their language."""
    template = extracted()
    _write(CATALOGS / "messages.pot", template, "# What Milepost says, before translation.\n\n")
    waiting: list[str] = []
    for locale in CART_LOCALES:
        if locale == SOURCE_LANGUAGE:
            continue
        catalog = kept(locale)
        catalog.update(wanted(template, locale), no_fuzzy_matching=True)
        header = _HEADER.format(language=locale, plural_forms=catalog.plural_forms)
        _write(catalog_path(locale), catalog, header)
        waiting += [f"{locale}: {message}" for message in missing(catalog)]
    return waiting


if __name__ == "__main__":
    untranslated = refresh()
    print("\n".join(untranslated) or "Every message is translated.")
    sys.exit(bool(untranslated))
