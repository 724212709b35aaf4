"""Money as whole minor units of one currency (M1, M2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.errors import Invalid
from milepost.domain.messages import N_

# ISO 4217, table A.1: the currencies whose exponent is not 2.
_ZERO = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(_ZERO.split(), 0) | dict.fromkeys(_THREE.split(), 3)
# What Stripe counts in other minor units than ISO 4217: it would be charged a hundredth, or a
# hundred times as much. Source: Stripe, "Supported currencies", zero-decimal and special cases.
COUNTED_OTHERWISE = frozenset({"ISK", "MGA", "UGX"})
LARGEST = 10**12  # minor units: far above any pledge, far below a bigint's end
_TYPED = re.compile(r"(\d{1,13})(?:[.,](\d{1,3}))?")


def exponent(currency: str) -> int:
    """How many decimals the minor unit of `currency` has (ISO 4217): JPY 0, USD 2, KWD 3."""
    return _EXPONENTS.get(currency, 2)


def check_currency(currency: str, about: str) -> None:
    """Raises Invalid, about the field, for one whose amounts Stripe would take for others."""
    if currency in COUNTED_OTHERWISE:
        raise Invalid(
            N_(
                "Stripe counts amounts in %(currency)s differently, so they could be charged wrong."
                " Choose another currency."
            ),
            about=about,
            currency=currency,
        )


def coin(currency: str) -> int:
    """The smallest step in which `currency` can be charged, in minor units: KWD 10, others 1.

    Source: Stripe, "Supported currencies", three-decimal currencies.
    """
    return 10 if exponent(currency) == 3 else 1


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """`amount` minor units of the ISO 4217 `currency` (M1)."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"money is whole minor units, not {self.amount!r} (M1)")
        if not re.fullmatch("[A-Z]{3}", self.currency):
            raise ValueError(f"{self.currency!r} is not an ISO 4217 currency")

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __lt__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: "Money") -> bool:
        self._same(other)
        return self.amount <= other.amount

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up (M1)")

    def __str__(self) -> str:
        return f"{major(self.amount, self.currency)} {self.currency}"

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Parts in proportion to `weights` that add up to the whole, to the cent (M2)."""
        return [Money(part, self.currency) for part in split(self.amount, weights)]


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in parts proportional to `weights`: largest remainder, ties to the first (M2).

    Raises ValueError for negative weights, or when all of them are zero and the amount is not.
    """
    total = sum(weights)
    if any(weight < 0 for weight in weights) or (total == 0 and amount != 0):
        raise ValueError(f"cannot split {amount} by {list(weights)}")
    if total == 0:
        return [0] * len(weights)
    sign = -1 if amount < 0 else 1
    parts, remainders = [], []
    for weight in weights:
        whole, rest = divmod(abs(amount) * weight, total)
        parts.append(whole)
        remainders.append(rest)
    missing = abs(amount) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: -remainders[i])  # stable: first wins
    for index in by_remainder[:missing]:
        parts[index] += 1
    return [sign * part for part in parts]


def major(minor: int, currency: str) -> str:
    """Minor units as a spreadsheet takes them: a point, and all the currency's decimals."""
    places = exponent(currency)
    sign, digits = ("-" if minor < 0 else ""), str(abs(minor)).zfill(places + 1)
    return f"{sign}{digits[: len(digits) - places]}{'.' + digits[-places:] if places else ''}"


def short_major(minor: int, currency: str) -> str:
    """Minor units as somebody would type them: whole amounts without decimals."""
    return major(minor, currency).removesuffix("." + "0" * exponent(currency))


def typed_money(typed: str, currency: str, about: str, *, charged: bool = True) -> Money:
    """The money that a person typed in major units: "12", "12.50" or "12,50".

    Raises Invalid, about the named field, for anything else, for more decimals than the currency
    has, and, where it is ever `charged`, for what lies between two of the steps for that.
    """
    text = typed.strip().replace("\u00a0", "").replace(" ", "")
    match = _TYPED.fullmatch(text)
    places = exponent(currency)
    if match is None or len(match[2] or "") > places:
        raise Invalid(
            N_("“%(typed)s” is not an amount in %(currency)s. Type it like %(example)s."),
            about=about,
            typed=typed[:40],
            currency=currency,
            example="25" + ("." + "0" * places if places else ""),
        )
    amount = int(match[1]) * 10**places + int((match[2] or "").ljust(places, "0") or 0)
    if amount > LARGEST:
        raise Invalid(
            N_("%(typed)s is more than one pledge can be."), about=about, typed=typed[:40]
        )
    if charged:
        check_charged(amount, currency, about)
    return Money(amount, currency)


def check_charged(amount: int, currency: str, about: str) -> None:
    """Raises Invalid, about the field, for what lies between two of the steps of `currency`."""
    if amount % coin(currency):
        raise Invalid(
            N_("%(currency)s is charged in steps of 0.010. Type an amount like 12.340."),
            about=about,
            currency=currency,
        )
