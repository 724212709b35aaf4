"""Sentences that the rules make, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from milepost.domain.messages import Sentence
from milepost.wording.format import written_in
from milepost.wording.languages import translator


def say(sentence: Sentence | str, locale: str) -> str:
    """A domain's sentence in the reader's language, its fields written that language's way."""
    if isinstance(sentence, str | Markup):
        return sentence
    shown = written_in(locale)
    fields = {name: shown.field(value) for name, value in sentence.fields.items()}
    return translator(locale).gettext(sentence.message) % fields


def card_sentence(c: Mapping[str, Any], locale: str) -> str:
    """What happens to the backer's card, from the campaign's own rule and deadline (P2, P8)."""
    gettext, shown = translator(locale).gettext, written_in(locale)
    if c["funding_model"] == "keep_it_all" or c["state"] == "closed":
        return gettext("Your card is charged today.")
    fields = {
        "date": shown.day(c["closes_at"], c["zone"], c["opens_at"]),
        "goal": shown.amount(c["goal"], c),
    }
    if c["basis"] == "units":
        return (
            gettext(
                "Your card is saved today and charged on %(date)s only if the campaign reaches"
                " %(goal)s units."
            )
            % fields
        )
    return (
        gettext(
            "Your card is saved today and charged on %(date)s only if the campaign reaches"
            " %(goal)s."
        )
        % fields
    )


def credit_sentence(c: Mapping[str, Any], locale: str) -> str:
    """What happens where store credit pays for all of a pledge, and no card is asked (P2)."""
    gettext, shown = translator(locale).gettext, written_in(locale)
    date = shown.day(c["closes_at"], c["zone"], c["opens_at"])
    fields = {"date": date, "goal": shown.amount(c["goal"], c)}
    if c["basis"] == "units":
        return (
            gettext(
                "Your store credit pays for it on %(date)s only if the campaign reaches"
                " %(goal)s units."
            )
            % fields
        )
    return (
        gettext("Your store credit pays for it on %(date)s only if the campaign reaches %(goal)s.")
        % fields
    )
