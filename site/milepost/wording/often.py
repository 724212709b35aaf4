"""How often something is paid, in the reader's language."""

from milepost.domain.subscriptions import every
from milepost.wording.format import written_in
from milepost.wording.languages import translator


def every_words(count: int | None, unit: str | None, locale: str) -> str:
    """How often it is paid, such as “every month”; nothing for what is bought once."""
    if not count or not unit:
        return ""
    often = every(count, unit)
    said = translator(locale).ngettext(often.one, often.many, count)
    return said % {"count": written_in(locale).field(count)} if "%(" in said else said
