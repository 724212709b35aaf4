"""Advice on a program, from the store's own numbers and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from milepost.domain.accounts import POINTS
from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.messages import N_, NN_, Several
from milepost.domain.money import Money
from milepost.domain.program_costs import Bill, Stock
from milepost.domain.program_plans import ProgramPlan
from milepost.domain.programs import MEASURES

IN_REACH = 3  # orders to the first milestone
FEW = 10  # pieces of a gift
_ORDERS = NN_("one order", "%(count)s orders")
_PIECES = NN_("one piece", "%(count)s pieces")


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of advice: what it is about, whether all is well, and its sentence."""

    topic: str
    is_good: bool
    message: str
    fields: Mapping[str, Any] = field(default_factory=dict)


def advise(
    plan: ProgramPlan,
    buys: Mapping[str, list[int]],
    bills: Mapping[str, Bill],
    gifts: Mapping[int, Stock],
) -> list[Piece]:
    """What there is to say about the plan; nothing about one without milestones."""
    found = [*_reach(plan, bills), *_points(plan, buys), *_codes(plan)]
    for product in {p for step in plan.steps for p in step.reward.products}:
        stock = gifts.get(product)
        if stock is not None and stock.left is not None and stock.left < FEW:
            left = Several(*_PIECES, stock.left)
            message = N_("Only %(left)s of a gift left. Whoever earns it after that waits.")
            if stock.left == 0:
                message = N_("A gift is out of stock. Whoever gets it waits for it.")
            found.append(Piece("stock", False, message, {"left": left}))
    return found


def _reach(plan: ProgramPlan, bills: Mapping[str, Bill]) -> list[Piece]:
    """How many usual orders the first milestone is away (of orders, or of money)."""
    spent = [s.target for s in plan.steps if MEASURES[s.measure].sums == "amount"]
    ordered = [s.target for s in plan.steps if s.measure == "orders"]
    bill = bills.get(plan.currency or "", Bill(0, 0))
    if spent and bill.goods and not ordered:
        away = -(-min(spent) // bill.goods)
    elif ordered and not spent:
        away = min(ordered)
    else:
        return []
    orders = Several(*_ORDERS, away)
    usual = Money(bill.goods, plan.currency) if spent and plan.currency else None
    if away <= IN_REACH:
        return [
            Piece(
                "reach", True, N_("The first milestone is within %(orders)s."), {"orders": orders}
            )
        ]
    if usual is not None:
        message = N_(
            "Your usual order comes to %(usual)s, so the first milestone is %(orders)s away."
            " Customers see one within 3 orders come nearer."
        )
        return [Piece("reach", False, message, {"usual": usual, "orders": orders})]
    message = N_(
        "The first milestone is %(orders)s away. Customers see one within 3 orders come nearer."
    )
    return [Piece("reach", False, message, {"orders": orders})]


def _points(plan: ProgramPlan, buys: Mapping[str, list[int]]) -> list[Piece]:
    if buys or not any(step.reward.unit == POINTS for step in plan.steps):
        return []
    message = N_(
        "It gives points, and points can’t be used for anything yet."
        " Say in the settings how many make how much credit."
    )
    return [Piece("points", False, message)]


def _codes(plan: ProgramPlan) -> list[Piece]:
    codes = [step.reward for step in plan.steps if REWARDS[step.reward.kind].has_code]
    if not codes:
        return []
    if all(reward.days for reward in codes):
        return [Piece("codes", True, N_("Its codes expire, so customers use them soon."))]
    message = N_(
        "A code without an end may be used in years."
        " One of 30 or 60 days brings customers back sooner."
    )
    return [Piece("codes", False, message)]
