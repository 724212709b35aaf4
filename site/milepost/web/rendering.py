"""Pages made from templates, in the reader's language; never per request where a cache can help."""

from collections.abc import Callable
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from milepost.domain.pictures import picture_size
from milepost.web import static
from milepost.web.public.unlocking import told_by_form
from milepost.web.trail import trail
from milepost.wording.colour import palette
from milepost.wording.format import direction, written_in
from milepost.wording.languages import CART_LOCALES, LOCALES, NAMES, Translator, translator
from milepost.wording.saying import card_sentence
from milepost.wording.templating import environment


class Renderer:
    """Renders the templates; one Jinja2 environment for each language, all made at the start."""

    locales = CART_LOCALES

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._places = {locale: _environment(locale) for locale in CART_LOCALES}

    def page(self, template: str, locale: str, **context: object) -> str:
        """The finished HTML of `template` in `locale`, one of `locales`.

        `context` may hold `dir` to force a direction of writing.
        """
        common = {
            "locale": locale,
            "dir": direction(locale),
            "base_url": self._base_url,
            "store": None,
            "languages": [(tag, NAMES[tag]) for tag in LOCALES],
        }
        return self._places[locale].get_template(template).render({**common, **context})


@cache
def _environment(locale: str) -> Environment:
    shown = written_in(locale)
    made = environment(locale)
    made.globals.update(
        exponent=shown.exponent,
        symbol=shown.symbol,
        country=shown.country,
        dates=shown.dates_tag,
        forms=_forms(locale, translator(locale)),
        told_by_form=told_by_form,
        card_sentence=lambda c: card_sentence(c, locale),
        trail=trail,
        srcset=srcset,
        picture_size=picture_size,
        static_url=static.static_url,
        theme_colours=_theme_colours,
    )
    # The same on every page of a language.
    made.globals["words"] = Markup(made.get_template("public/parts/words.html").render())
    return made


def _forms(locale: str, words: Translator) -> Callable[[str, str], list[tuple[str, str]]]:
    """Every plural form of a message with its CLDR category, for scripts that count by themselves.

    The count stays in it as `{count}`.
    """
    samples = written_in(locale).plural_samples()

    def forms(singular: str, plural: str) -> list[tuple[str, str]]:
        return [
            (category, words.ngettext(singular, plural, number) % {"count": "{count}"})
            for category, number in samples.items()
        ]

    return forms


def srcset(src: str) -> str:
    """Both widths of a picture whose name says that it is kept in two; else nothing.

    `static/js/live.js` does the same for a picture that comes while the page is open.
    """
    return f"{src.replace('-1600.', '-800.')} 800w, {src} 1600w" if "-1600." in src else ""


@cache
def _theme_colours(brand: str) -> tuple[str, str]:
    """The ground of the pages as hex, light and dark, for the browser's own frame."""
    return palette(brand, False)["paper"].hex, palette(brand, True)["paper"].hex
