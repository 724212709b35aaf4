"""What can be paid by card: Stripe's smallest and largest sums of a currency, in minor units.

Source: Stripe, "Supported currencies", minimum and maximum charge amounts. What an account can take
of a currency that is not listed depends on the one in which its bank is paid.
"""

from milepost.domain.errors import Conflict
from milepost.domain.messages import N_
from milepost.domain.money import Money, coin

SMALLEST = {
    "AED": 200, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250,
    "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200,
    "NOK": 300, "NZD": 50, "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50,
}  # fmt: skip
LARGEST_SUM = 99_999_999  # eight digits
TOO_SMALL = N_(
    "The smallest sum that can be paid by card in %(currency)s is %(bound)s. Put something more"
    " into the cart."
)
TOO_LARGE = N_(
    "The largest sum that can be paid at once in %(currency)s is %(bound)s. Take something out of"
    " the cart, and order it after this."
)


def check_sum(total: int, currency: str) -> None:
    """Raises Conflict for a sum that no payment page can take; nothing to pay needs none."""
    least = SMALLEST.get(currency, 1)
    if 0 < total < least:
        raise Conflict(TOO_SMALL, currency=currency, bound=Money(least, currency))
    if total > LARGEST_SUM:
        raise Conflict(TOO_LARGE, currency=currency, bound=Money(LARGEST_SUM, currency))


def credit_towards(due: int, has: int, currency: str) -> int:
    """How much of the store credit that somebody `has` pays for what is `due`.

    In whole coins; the card is left with nothing, or with a sum that it can pay.
    """
    used = min(has, due)
    used -= used % coin(currency)
    least = SMALLEST.get(currency, 1)
    return used if due == used or due - used >= least else max(0, due - least)
