"""What a cart's bar says: templates with variables, checked when they are written (K8).

`say` gives plain text: who puts it into a page escapes it.
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from milepost.domain.carts import (
    AmountOff,
    CartReward,
    FreeShipping,
    PercentOff,
    Trigger,
)
from milepost.domain.errors import Invalid
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money

Name = Literal["before", "reward", "after"]
Messages = Mapping[str, Mapping[str, str]]  # by locale, then by name
NAMES: tuple[Name, ...] = ("before", "reward", "after")
LONGEST = 140  # characters of a template
_LEFT: dict[Trigger, str] = {"value": "amount_left", "items": "items_left"}
_VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_RAW = re.compile(r"\{{2,}|\}{2,}")
_BRACE = re.compile("[{}]")
_SPACES = re.compile(r"\s+")
_DEFAULTS: dict[Trigger, dict[Name, str]] = {
    "value": {
        "before": N_("Add {{amount_left}} for {{reward}}"),
        "reward": N_("Yours now: {{reward}}"),
        "after": N_("Every reward is yours"),
    },
    "items": {
        "before": N_("Add {{items_left}} more for {{reward}}"),
        "reward": N_("Yours now: {{reward}}"),
        "after": N_("Every reward is yours"),
    },
}


def variables(name: Name, trigger: Trigger) -> tuple[str, ...]:
    """The variables that a message of this name may use."""
    match name:
        case "before":
            return (_LEFT[trigger], "reward", "goal")
        case "reward":
            return ("reward", "goal")
        case _:
            return ()


def say(template: str, values: Mapping[str, str]) -> str:
    """The template with its variables' values; a variable never stays raw, and no space doubles."""
    said = _VARIABLE.sub(lambda found: values.get(found[1], ""), template)
    said = _RAW.sub(lambda found: found[0][0], said)
    return _SPACES.sub(" ", said).strip()


def check(template: str, trigger: Trigger, name: Name = "before", about: str = "") -> None:
    """Every variable of the template is one that this message can fill.

    Raises Invalid with the likeliest one for a variable that is unknown or does not fit.
    """
    fitting = variables(name, trigger)
    for written in _VARIABLE.findall(template):
        if written in fitting:
            continue
        typed = {"about": about, "typed": written[:40]}
        if not fitting:
            raise Invalid(
                N_("{{%(typed)s}} has nothing to show once every reward is reached. Take it out."),
                **typed,
            )
        if written == _LEFT["items" if trigger == "value" else "value"]:
            raise Invalid(_UNFITTING[trigger], **typed)
        if near := get_close_matches(written, fitting, n=1, cutoff=0.5):
            raise Invalid(
                N_("There is no {{%(typed)s}}. Did you mean {{%(near)s}}?"), **typed, near=near[0]
            )
        raise Invalid(
            N_("There is no {{%(typed)s}} here. There are: %(known)s."),
            **typed,
            known=", ".join(f"{{{{{one}}}}}" for one in fitting),
        )
    if _BRACE.search(_VARIABLE.sub("", template)):
        raise Invalid(
            N_("A variable is written like {{reward}}, with two braces on each side."), about=about
        )


_UNFITTING: dict[Trigger, str] = {
    "value": N_(
        "{{%(typed)s}} is for campaigns that count items. This one counts the cart’s value:"
        " write {{amount_left}}."
    ),
    "items": N_(
        "{{%(typed)s}} is for campaigns that count the cart’s value. This one counts items:"
        " write {{items_left}}."
    ),
}


def default(name: Name, trigger: Trigger) -> Sentence:
    """What the bar says where nobody has written anything, in whatever language is read."""
    return Sentence(_DEFAULTS[trigger][name])


def message(
    messages: Messages, name: Name, locale: str, store_locale: str, trigger: Trigger
) -> str | Sentence:
    """The template for a reader: their locale's, its language's, the store's, the default (K8)."""
    for one in (locale, locale.replace("_", "-").split("-")[0], store_locale):
        if written := messages.get(one, {}).get(name, ""):
            return written
    return default(name, trigger)


def lacking(gifts: Sequence[str | None]) -> Sentence | None:
    """What the bar says once all tiers are reached and a gift of one does not come along.

    `gifts` are the tiers' own, with None where a tier gives none; None where nothing is lacking.
    """
    missing = {gift for gift in gifts if gift in LACKING}
    if not missing:
        return None
    if len(missing) > 1:
        return Sentence(N_("Every reward is reached, but not every gift comes along"))
    is_all = all(gift in LACKING for gift in gifts)
    return Sentence(LACKING[missing.pop()][is_all])


# What is not theirs though it is reached: beside other rewards, and where it is all that there is.
LACKING = {
    "declined": (
        N_("Every reward is yours but the gift that you declined"),
        N_("You declined the gift of this cart"),
    ),
    "sold_out": (
        N_("Every reward is yours but the gift that is sold out"),
        N_("The gift of this cart is sold out"),
    ),
}


def reward_sentence(reward: CartReward, currency: str, title: str = "") -> Sentence:
    """What a tier gives, in the middle of a sentence; `title` is the gift's."""
    match reward:
        case PercentOff():
            return Sentence(N_("%(percent)s off"), {"percent": reward})
        case AmountOff(amount):
            return Sentence(N_("%(amount)s off"), {"amount": Money(amount, currency)})
        case FreeShipping():
            return Sentence(N_("free shipping"))
        case _:
            return Sentence(N_("%(gift)s, free"), {"gift": title})
