"""The life of a grant: every present state, and whatever the rules want (A8, A9)."""

import pytest

from milepost.domain.rewards import GrantState, settled_grant

# present → wanted nothing, provisional, owed, held
TABLE: dict[GrantState | None, tuple[GrantState | None, ...]] = {
    None: (None, "provisional", "owed", None),
    "provisional": ("void", "provisional", "owed", "held"),
    "owed": ("void", "provisional", "owed", "held"),
    "held": ("void", "provisional", "owed", "held"),
    "void": ("void", "provisional", "owed", "held"),
    "fulfilled": ("fulfilled", "fulfilled", "fulfilled", "fulfilled"),
}
WANTED: tuple[GrantState | None, ...] = (None, "provisional", "owed", "held")


@pytest.mark.parametrize("present", TABLE)
def test_a_grant_follows_the_rules_until_it_is_shipped(present: GrantState | None) -> None:
    assert tuple(settled_grant(present, wanted) for wanted in WANTED) == TABLE[present]


def test_a_dispute_makes_nothing_new_and_what_was_shipped_stays() -> None:
    assert settled_grant(None, "held") is None
    assert settled_grant("fulfilled", None) == "fulfilled"
