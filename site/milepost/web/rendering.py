"""Pages made from templates, in the reader's language; never per request where a cache can help."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from milepost.domain.messages import Sentence
from milepost.web import static
from milepost.web.colour import DEFAULT_BRAND, brand_css, palette
from milepost.web.format import direction, written_in
from milepost.web.languages import LOCALES, NAMES, Translator, negotiate, translator
from milepost.web.trail import trail

__all__ = ["LOCALES", "Renderer", "brand_css", "negotiate", "say", "translator"]

TEMPLATES = Path(__file__).parent.parent / "templates"


class Renderer:
    """Renders the templates; one Jinja2 environment for each language, all made at the start."""

    locales = LOCALES

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._places = {locale: _environment(locale) for locale in LOCALES}

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


class _Environment(Environment):
    """Jinja2 that looks into a dict before its methods: contexts are plain data."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def _environment(locale: str) -> Environment:
    words, shown = translator(locale), written_in(locale)
    environment = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        money=shown.money,
        number=shown.number,
        percent=shown.percent,
        date=shown.date,
        datetime=shown.datetime,
        iso=shown.iso,
        say=lambda sentence: say(sentence, locale),
    )
    environment.globals.update(
        _=_gettext(words),
        ngettext=_ngettext(words),
        amount=shown.amount,
        compact=shown.compact,
        day=shown.day,
        exponent=shown.exponent,
        symbol=shown.symbol,
        dates=shown.dates_tag,
        forms=_forms(locale, words),
        card_sentence=lambda c: card_sentence(c, locale),
        trail=trail,
        srcset=srcset,
        static_url=static.static_url,
        theme_colours=_theme_colours,
    )
    # The same on every page of a language.
    environment.globals["words"] = Markup(
        environment.get_template("public/parts/words.html").render()
    )
    return environment


def _gettext(words: Translator) -> Callable[..., Markup]:
    """gettext for templates: a translated message is markup, the fields put into it are escaped.

    Jinja2's own does the same through two more calls a message, and a page says a hundred.
    """
    known: dict[str, Markup] = {}

    def gettext(message: str, **fields: object) -> Markup:
        said = known.get(message)
        if said is None:
            said = known[message] = Markup(words.gettext(message))
        return said % fields if fields else said

    return gettext


def _ngettext(words: Translator) -> Callable[..., Markup]:
    """ngettext for templates; `count` in the fields is the number as it is written."""

    def ngettext(singular: str, plural: str, number: int, **fields: object) -> Markup:
        return Markup(words.ngettext(singular, plural, number)) % fields

    return ngettext


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


def card_sentence(c: Mapping[str, Any], locale: str) -> str:
    """What happens to the backer's card, from the campaign's own rule and deadline (P2, P8)."""
    gettext, shown = translator(locale).gettext, written_in(locale)
    if c["funding_model"] == "keep_it_all" or c["state"] == "closed":
        return gettext("Your card is charged today.")
    fields = {
        "date": shown.day(c["closes_at"], c["zone"], c["opens_at"]),
        "goal": shown.amount(c["goal"], c),
    }
    if c["basis"] == "units":
        return (
            gettext(
                "Your card is saved today and charged on %(date)s only if the campaign reaches"
                " %(goal)s units."
            )
            % fields
        )
    return (
        gettext(
            "Your card is saved today and charged on %(date)s only if the campaign reaches"
            " %(goal)s."
        )
        % fields
    )


def say(sentence: Sentence | str, locale: str) -> str:
    """A domain's sentence in the reader's language, its fields written that language's way."""
    if isinstance(sentence, str | Markup):
        return sentence
    shown = written_in(locale)
    fields = {name: shown.field(value) for name, value in sentence.fields.items()}
    return translator(locale).gettext(sentence.message) % fields


DEFAULT_CSS = brand_css(DEFAULT_BRAND)
