"""What the bar says, whatever somebody has written and whatever the cart holds (K8)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain import cart_words
from milepost.domain.cart_words import Name, default, message, say, variables
from milepost.domain.carts import AmountOff, FreeGift, FreeShipping, PercentOff, Trigger
from milepost.domain.errors import Invalid
from milepost.domain.messages import Sentence
from milepost.wording.saying import say as said

NAMES = st.sampled_from(cart_words.NAMES)
TRIGGERS: st.SearchStrategy[Trigger] = st.sampled_from(["value", "items"])
SCRAPS = st.sampled_from(
    [
        "{",
        "}",
        "{{",
        "}}",
        " ",
        "amount_left",
        "items_left",
        "reward",
        "goal",
        "Add",
        "é",
        "%",
        "\n",
    ]
)
TEMPLATES = st.lists(SCRAPS, max_size=14).map("".join) | st.text(max_size=60)
VALUES = st.dictionaries(
    st.sampled_from(["amount_left", "items_left", "reward", "goal", ""]),
    st.sampled_from(["$12", "{{reward}}", "{", "}", "{{", "<b>"]) | st.text(max_size=10),
)


def refused(template: str, trigger: Trigger, name: Name = "before") -> str:
    with pytest.raises(Invalid) as refusal:
        cart_words.check(template, trigger, name, about="before-en")
    assert refusal.value.about == "before-en"
    return said(refusal.value.sentence, "en")


def test_a_message_shows_what_is_left_and_what_for() -> None:
    values = {"amount_left": "$12.50", "reward": "free shipping", "goal": "$40"}
    assert say("Add {{amount_left}} for {{ reward }}.", values) == "Add $12.50 for free shipping."


@given(TEMPLATES, TRIGGERS, NAMES, VALUES)
def test_no_message_that_was_let_through_ever_shows_a_raw_variable(
    template: str, trigger: Trigger, name: Name, values: dict[str, str]
) -> None:
    try:
        cart_words.check(template, trigger, name)
    except Invalid:
        return
    shown = say(template, values)
    assert "{{" not in shown and "}}" not in shown


@given(TEMPLATES, VALUES)
def test_not_even_a_message_that_nobody_checked_shows_one(
    template: str, values: dict[str, str]
) -> None:
    shown = say(template, values)
    assert "{{" not in shown and "}}" not in shown


def test_a_mistyped_variable_is_refused_with_the_one_that_was_meant() -> None:
    assert (
        refused("Add {{amont_left}}", "value")
        == "There is no {{amont_left}}. Did you mean {{amount_left}}?"
    )
    assert "{{amount_left}}, {{reward}}, {{goal}}" in refused("Only {{zzz}}", "value")


def test_a_variable_of_the_other_trigger_is_refused_with_its_counterpart() -> None:
    assert refused("Add {{items_left}}", "value").endswith("write {{amount_left}}.")
    assert refused("Add {{amount_left}}", "items").endswith("write {{items_left}}.")


def test_once_all_is_reached_nothing_is_left_to_show() -> None:
    assert "nothing to show" in refused("{{reward}}", "value", "after")


@pytest.mark.parametrize("half", ["Add {{reward", "Add reward}}", "Add {{{reward}}}", "{{a{b}}}"])
def test_a_half_written_variable_is_refused(half: str) -> None:
    assert refused(half, "value")


@given(TRIGGERS, NAMES)
def test_what_is_said_by_default_uses_only_what_it_may(trigger: Trigger, name: Name) -> None:
    cart_words.check(str(default(name, trigger)), trigger, name)
    everything = dict.fromkeys(variables(name, trigger), "x")
    assert "x" in say(str(default(name, trigger)), everything) or name == "after"


def test_a_message_falls_back_to_its_language_then_to_the_store_then_to_the_default() -> None:
    messages = {"de": {"before": "Noch {{amount_left}}"}, "en": {"before": "Add {{amount_left}}"}}
    assert message(messages, "before", "de-AT", "en", "value") == "Noch {{amount_left}}"
    assert message(messages, "before", "de", "en", "value") == "Noch {{amount_left}}"
    assert message(messages, "before", "fr", "en", "value") == "Add {{amount_left}}"
    assert message(messages, "after", "fr", "en", "value") == default("after", "value")
    assert message({"fr": {"before": ""}}, "before", "fr", "en", "items") == Sentence(
        "Add {{items_left}} more for {{reward}}"
    )


def test_each_reward_is_said_the_way_the_language_writes_it() -> None:
    rewards = [PercentOff(750), AmountOff(500), FreeShipping(), FreeGift(3)]
    told = [cart_words.reward_sentence(one, "USD", "Enamel pin") for one in rewards]
    assert [said(one, "en") for one in told] == [
        *("7.5% off", "$5 off", "free shipping", "Enamel pin, free"),
    ]
