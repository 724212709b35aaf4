"""Plans: which features are on for which stores, as the operator names them in one file (S21).

Without a file every feature is on for everybody. A gate closes what is begun or turned on anew;
what runs already goes on, so that no customer loses what a store has promised.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.messages import N_, Sentence
from milepost.domain.programs import KINDS

CART_MILESTONES = "cart-milestones"
FEATURES = (
    CART_MILESTONES,
    *(f"program.{key}" for key in KINDS),
    *(f"reward.{key}" for key in REWARDS),
)
ALL = "*"


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan: its name for people, and the features that are on in it."""

    key: str
    name: str
    features: frozenset[str]

    def has(self, feature: str) -> bool:
        """True when the feature is on; `program.*` is all that begin so."""
        group, _, _ = feature.partition(".")
        return bool(self.features & {ALL, feature, f"{group}.{ALL}"})


@dataclass(frozen=True, slots=True)
class Plans:
    """All plans of the operator, in their order; `ask` is where creators ask for more."""

    plans: Mapping[str, Plan] = field(default_factory=dict)
    default: str | None = None
    ask: str = ""

    def gate(self, plan_key: str | None, feature: str) -> Sentence | None:
        """Why a store of that plan does not have the feature, which plan has it; None if it has."""
        own = self.plans.get(plan_key or "") or self.plans.get(self.default or "")
        if own is None or own.has(feature):
            return None
        others = [plan.name for plan in self.plans.values() if plan.has(feature)]
        if not others:
            return Sentence(N_("No plan here has it."))
        return Sentence(N_("It is in the plan %(plans)s."), {"plans": " / ".join(others)})


def plans_in(text: str) -> Plans:
    """The plans of a file's text. Raises ValueError, which says what is wrong with it."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"it is not TOML: {error}") from None
    plans = {}
    for key, told in found.pop("plans", {}).items():
        features = told.get("features") if isinstance(told, dict) else None
        if not isinstance(features, list):
            raise ValueError(f'plan "{key}" has no list of features')
        groups = {f"{one.partition('.')[0]}.{ALL}" for one in FEATURES if "." in one}
        for feature in features:
            if feature not in {ALL, *FEATURES, *groups}:
                known = ", ".join([ALL, *sorted(groups), *FEATURES])
                raise ValueError(f'plan "{key}" names "{feature}", which is none of {known}')
        plans[key] = Plan(key, str(told.get("name", key)), frozenset(features))
    default, ask = found.pop("default", None), found.pop("ask", "")
    if found:
        raise ValueError(f'it has "{next(iter(found))}", which is none of ask, default, plans')
    if plans and default not in plans:
        raise ValueError("its default must be one of its plans: the plan of stores without one")
    if not isinstance(ask, str) or (ask and not ask.startswith(("https://", "http://", "mailto:"))):
        raise ValueError("its ask must be an address that starts with https:// or mailto:")
    return Plans(plans, default, ask)
