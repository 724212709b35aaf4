"""Amounts, numbers and dates as the reader's language writes them."""

import datetime as time
import re
from collections.abc import Mapping
from copy import copy
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.numbers import (
    NumberPattern,
    format_compact_currency,
    format_compact_decimal,
    format_decimal,
    format_percent,
    get_currency_symbol,
)

from milepost.domain.carts import WHOLE, PercentOff
from milepost.domain.messages import Several
from milepost.domain.money import Money, exponent
from milepost.domain.shipping import Country
from milepost.wording.languages import translator

# The source language writes its days as "3 June", and its money as "$45".
_DATES = {"en": "en_GB"}
_LONGEST_ON_A_STONE = 8
# A currency's letters keep a distance from its digits (CLDR, "currencySpacing").
_SPACE = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def direction(locale: str) -> str:
    """`ltr` or `rtl`."""
    return str(Locale.parse(locale).text_direction)


@cache
def _pattern(locale: str, decimals: int) -> NumberPattern:
    pattern: NumberPattern = copy(Locale.parse(locale).currency_formats["standard"])
    pattern.frac_prec = (decimals, decimals)
    return pattern


@cache
def written_in(locale: str) -> "Format":
    """The one `Format` of a language."""
    return Format(locale)


class Format:
    """How one language writes things."""

    exponent = staticmethod(exponent)

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self.dates = _DATES.get(locale, locale)
        self.dates_tag = self.dates.replace("_", "-")
        # Pages repeat themselves, and each of these costs Babel tens of microseconds.
        self.money = lru_cache(4096)(self._money)
        self.number = lru_cache(4096)(self._number)
        self.percent = lru_cache(512)(self._percent)
        self.exact_percent = lru_cache(512)(self._exact_percent)
        self.symbol = lru_cache(64)(self._symbol)
        self.date = lru_cache(1024)(self._date)
        self.day = lru_cache(1024)(self._day)
        self.datetime = lru_cache(1024)(self._datetime)

    def _money(self, minor: int, currency: str, exact: bool = False) -> str:
        """`minor` units of `currency`; whole amounts without decimals unless `exact` (M1)."""
        decimals = exponent(currency)
        if not exact and minor % 10**decimals == 0:
            decimals = 0
        value = Decimal(minor).scaleb(-exponent(currency))
        written = _pattern(self.locale, decimals).apply(
            value, self.locale, currency=currency, currency_digits=False
        )
        return _SPACE.sub("\xa0", written)

    def _symbol(self, currency: str) -> str:
        """The sign of `currency`, such as $."""
        return get_currency_symbol(currency, self.locale)

    def _number(self, value: int) -> str:
        """A whole number with its groups."""
        return format_decimal(value, locale=self.locale)

    def tenths(self, value: int) -> str:
        """Tenths as a number with one decimal: the average of stars."""
        return format_decimal(Decimal(value) / 10, format="0.0", locale=self.locale)

    def _percent(self, share: float) -> str:
        """A share of one as whole percents."""
        return format_percent(share, format="#,##0 %" if self.locale == "de" else "#,##0%",
                              locale=self.locale)  # fmt: skip

    def _exact_percent(self, hundredths: int) -> str:
        """Hundredths of a percent, with no more decimals than they have."""
        own = Locale.parse(self.locale).percent_formats[None].pattern
        pattern = own.replace("#,##0", "#,##0.##")
        return format_percent(Decimal(hundredths) / WHOLE, format=pattern, locale=self.locale)

    def amount(self, value: int, c: Mapping[str, Any]) -> str:
        """`value` in the campaign's basis: units, or money (C1)."""
        return self.money(value, c["currency"]) if c["basis"] == "money" else self.number(value)

    def compact(self, value: int, c: Mapping[str, Any]) -> str:
        """The same, short enough for a stone where the language can."""
        full = self.amount(value, c)
        if len(full) <= _LONGEST_ON_A_STONE:
            return full
        if c["basis"] == "units":
            return str(format_compact_decimal(value, locale=self.locale, fraction_digits=1))
        major = Decimal(value).scaleb(-exponent(c["currency"]))
        return str(
            format_compact_currency(major, c["currency"], locale=self.locale, fraction_digits=1)
        )

    def _date(self, when: time.datetime, zone: str) -> str:
        """The day of an instant in an IANA zone, with its year."""
        local = when.astimezone(ZoneInfo(zone))
        return str(format_date(local, "d MMMM y" if self.dates == "en_GB" else "long", self.dates))

    def _day(self, when: time.datetime, zone: str, since: time.datetime | None = None) -> str:
        """The day without its year, unless `since` was in another year."""
        local = when.astimezone(ZoneInfo(zone))
        if since is not None and since.astimezone(ZoneInfo(zone)).year != local.year:
            return self.date(when, zone)
        return str(format_date(local, "d. MMMM" if self.locale == "de" else "d MMMM", self.dates))

    def calendar_day(self, day: time.date) -> str:
        """A day that belongs to a calendar and to no clock, with its year."""
        return str(format_date(day, "d MMMM y" if self.dates == "en_GB" else "long", self.dates))

    def _datetime(self, when: time.datetime, zone: str) -> str:
        """The day, the minute and whose clock it is."""
        local = when.astimezone(ZoneInfo(zone))
        clock = str(format_datetime(local, "HH:mm", tzinfo=None, locale=self.dates))
        gettext = translator(self.locale).gettext
        if zone in ("UTC", "Etc/UTC"):
            return gettext("%(day)s, %(clock)s UTC") % {
                "day": self.date(when, zone),
                "clock": clock,
            }
        city = get_timezone_location(ZoneInfo(zone), locale=self.dates, return_city=True)
        return gettext("%(day)s, %(clock)s, %(city)s time") % {
            "day": self.date(when, zone),
            "clock": clock,
            "city": city,
        }

    def iso(self, when: time.datetime) -> str:
        """For machines: what `<time datetime>` wants."""
        return str(when.isoformat(timespec="seconds")).replace("+00:00", "Z")

    def country(self, code: str) -> str:
        """The name of a country by its ISO 3166-1 alpha-2 code (CLDR)."""
        return str(Locale.parse(self.locale).territories.get(code, code))

    def field(self, value: object) -> str:
        """A field of a domain's sentence."""
        match value:
            case Country(code=code):
                return self.country(code)
            case Money(amount=minor, currency=currency):
                return self.money(minor, currency)
            case PercentOff(hundredths=hundredths):
                return self.exact_percent(hundredths)
            case Several(one=one, many=many, count=count):
                told = translator(self.locale).ngettext(one, many, count)
                return told % {"count": self.number(count)}
            case bool() | str():
                return str(value)
            case int():
                return self.number(value)
            case time.datetime():
                return self.date(value, str(value.tzinfo or "UTC"))
            case time.date():
                return str(format_date(value, "long", self.dates))
        return str(value)

    def plural_samples(self) -> dict[str, int]:
        """One number of each plural category that the language has, the rare ones first."""
        rule = Locale.parse(self.locale).plural_form
        found: dict[str, int] = {}
        for number in range(200):
            found.setdefault(rule(number), number)
        return dict(sorted(found.items(), key=lambda item: item[0] == "other"))
