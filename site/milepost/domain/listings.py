"""Listings: what a page of the shop costs at the least, what is left of it, how it is judged."""

from collections.abc import Iterable
from dataclasses import dataclass

FEW = 5  # from so many pieces on the page says how many are left
LONGEST_TITLE, LONGEST_TEXT, LONGEST_LABEL = 120, 20_000, 60  # characters
MOST_VARIANTS = 100  # of one listing
MOST_COLLECTIONS = 60  # of one store
MOST_CURRENCIES = 12
LONGEST_REVIEW, LONGEST_REVIEWER = 3000, 60  # characters


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant in one currency; `price` None: not sold in it (M1); `stock` None: no end."""

    price: int | None
    stock: int | None

    @property
    def is_sold_out(self) -> bool:
        """True when none is left."""
        return self.stock == 0

    @property
    def can_be_bought(self) -> bool:
        """True for what has a price and is there."""
        return self.price is not None and not self.is_sold_out

    @property
    def few(self) -> int | None:
        """How many are left, once they are few."""
        return self.stock if self.stock is not None and 0 < self.stock <= FEW else None


@dataclass(frozen=True, slots=True)
class Price:
    """The lowest price of a listing, and whether another variant costs more."""

    lowest: int
    is_from: bool


def price_of(offers: Iterable[Offer]) -> Price | None:
    """What it costs at the least; None where no variant is sold in the currency.

    What can be bought decides; what is sold out only where nothing is left.
    """
    priced = [offer for offer in offers if offer.price is not None]
    there = [offer for offer in priced if not offer.is_sold_out] or priced
    prices = [offer.price for offer in there if offer.price is not None]
    return Price(min(prices), max(prices) > min(prices)) if prices else None


def tenths(stars: int, reviews: int) -> int | None:
    """The average of so many reviews in tenths of a star, half up; None without any."""
    return (20 * stars + reviews) // (2 * reviews) if reviews else None
