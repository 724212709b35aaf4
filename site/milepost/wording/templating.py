"""Jinja2 as every template here knows it, for pages and for mails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from milepost.wording.format import written_in
from milepost.wording.languages import Translator, translator
from milepost.wording.saying import say

TEMPLATES = Path(__file__).parent.parent / "templates"


class _Environment(Environment):
    """Jinja2 that looks into a dict before its methods: contexts are plain data."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


def environment(locale: str, plain: bool = False) -> Environment:
    """The templates in `locale`; `plain` ones are text, in which nothing is escaped."""
    words, shown = translator(locale), written_in(locale)
    made = _Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=not plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters.update(
        money=shown.money,
        number=shown.number,
        percent=shown.percent,
        tenths=shown.tenths,
        date=shown.date,
        datetime=shown.datetime,
        calendar_day=shown.calendar_day,
        iso=shown.iso,
        say=lambda sentence: say(sentence, locale),
    )
    kind = str if plain else Markup
    made.globals.update(
        _=_gettext(words, kind),
        ngettext=_ngettext(words, kind),
        amount=shown.amount,
        compact=shown.compact,
        day=shown.day,
    )
    return made


def _gettext(words: Translator, kind: type[str]) -> Callable[..., str]:
    """gettext for templates: a translated message is markup, the fields put into it are escaped.

    Jinja2's own does the same through two more calls a message, and a page says a hundred.
    """
    known: dict[str, str] = {}

    def gettext(message: str, **fields: object) -> str:
        said = known.get(message)
        if said is None:
            said = known[message] = kind(words.gettext(message))
        return said % fields if fields else said

    return gettext


def _ngettext(words: Translator, kind: type[str]) -> Callable[..., str]:
    """ngettext for templates; `count` in the fields is the number as it is written."""

    def ngettext(singular: str, plural: str, number: int, **fields: object) -> str:
        return kind(words.ngettext(singular, plural, number)) % fields

    return ngettext
