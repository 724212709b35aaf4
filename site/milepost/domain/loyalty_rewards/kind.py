"""What a kind of loyalty reward is: what it writes down, and how it is said (R4).

A reward enters its worth into an account (`unit`), makes its customer a code (`code_as`), or adds
products to their next order; a new kind is one of these with another unit or another discount.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from milepost.domain.messages import Sentence

CodeKind = Literal["percent", "amount", "shipping"]
Asks = Literal["points", "money", "percent", "products", "nothing"]


@dataclass(frozen=True, slots=True)
class LoyaltyReward:
    """What one milestone gives, as its row keeps it.

    `worth` is in the `unit`: points, or minor units of a currency; `percent` hundredths of one;
    `amounts` minor units by currency; `days` is how long a code is good for, None for ever.
    """

    kind: str
    unit: str | None = None
    worth: int | None = None
    code_as: CodeKind | None = None
    percent: int | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    products: tuple[int, ...] = ()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """What an account counts that is no money: its key, its title, one of it, many of it."""

    key: str
    title: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class RewardKind:
    """One of the kinds of reward that a milestone can give.

    `asks` is what its form asks for; `make` turns that and a currency into the reward, and `say`
    says the reward in the middle of a sentence, with its products' titles. `unit` is what it enters
    into accounts, where that is no money.
    """

    key: str
    title: str
    explanation: str
    asks: Asks
    position: int
    make: Callable[[Any, str], LoyaltyReward]
    say: Callable[[LoyaltyReward, str], Sentence]
    has_code: bool = False
    unit: Unit | None = None
