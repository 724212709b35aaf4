"""Loyalty rewards: a module for each kind (R4, S13–S19). A new kind is a module with its `KIND`."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from milepost.domain.loyalty_rewards.kind import LoyaltyReward, RewardKind, Unit
from milepost.domain.messages import Sentence

_modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
_kinds = [module.KIND for module in _modules if hasattr(module, "KIND")]
REWARDS: Mapping[str, RewardKind] = {
    kind.key: kind for kind in sorted(_kinds, key=lambda kind: (kind.position, kind.key))
}
UNITS: Mapping[str, Unit] = {
    kind.unit.key: kind.unit for kind in REWARDS.values() if kind.unit is not None
}


def say_reward(reward: LoyaltyReward, titles: str = "") -> Sentence:
    """What the reward is, in the middle of a sentence; `titles` are its products'."""
    return REWARDS[reward.kind].say(reward, titles)


__all__ = ["REWARDS", "UNITS", "LoyaltyReward", "RewardKind", "Unit", "say_reward"]
