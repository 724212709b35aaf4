"""What an amount of a currency may be (source: Stripe, "Supported currencies")."""

import re

from .errors import invalid
from .words import words

ZERO_DECIMAL = frozenset(words("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf"))
THREE_DECIMAL = frozenset(words("bhd jod kwd omr tnd"))
SUPPORTED = frozenset(
    words("""
    usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad
    cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg
    huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr
    mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar sbd scr sek
    sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah uyu uzs wst yer zar zmw
    """)
).union(ZERO_DECIMAL, THREE_DECIMAL)
MINIMUM: dict[str, int] = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500,
    "dkk": 250, "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000,
    "myr": 200, "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
"""The smallest charge, in minor units; currencies not listed take any positive amount."""
LARGEST = 99_999_999


def decimals(currency: str) -> int:
    """How many digits stand after the point."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def written(amount: int, currency: str) -> str:
    """An amount as people read it: `1234`, `usd` → `12.34 USD`."""
    places = decimals(currency)
    if places == 0:
        return f"{amount:,} {currency.upper()}"
    return f"{amount / 10**places:,.{places}f} {currency.upper()}"


def check_currency(currency: str, param: str = "currency") -> str:
    """The currency in lower case, or a refusal."""
    lower = currency.lower()
    if not re.fullmatch("[a-z]{3}", lower) or lower not in SUPPORTED:
        raise invalid(f"Invalid currency: {currency}.", param)
    return lower


def check_charge(amount: int, currency: str, param: str | None = "amount") -> None:
    """Refuse an amount that can't be charged: not positive, too small, too large, or too fine."""
    if amount < 1:
        raise invalid("Invalid positive integer", param, "parameter_invalid_integer")
    if amount < MINIMUM.get(currency, 1):
        least = written(MINIMUM[currency], currency)
        raise invalid(f"Amount must be at least {least}", param, "amount_too_small")
    if amount > LARGEST:
        most = written(LARGEST, currency)
        raise invalid(f"Amount must be no more than {most}", param, "amount_too_large")
    if currency in THREE_DECIMAL and amount % 10:
        raise invalid(
            f"Invalid amount: the last digit of a {currency.upper()} amount must be 0.", param
        )
