"""What happens next with a pledge, in one honest sentence for each of its states (P1, P2, P5)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from milepost.domain.messages import N_
from milepost.domain.pledges import credit_used
from milepost.services.choosing import calendar_of
from milepost.services.publishing import in_language
from milepost.wording.format import Format, written_in
from milepost.wording.languages import translator

LIVE = ("confirmed", "past_due", "charged", "disputed")
CHANGEABLE = ("confirmed", "past_due", "charged")
Words = Callable[[str], str]


def due(own: Any) -> int:
    """Minor units that the pledge costs in all."""
    return int(own["money"] + own["shipping"] + own["tax"])


def to_charge(own: Any) -> int:
    """Minor units that the card is asked for: the rest that store credit leaves."""
    return max(0, due(own) - credit_used(own))


def is_open(own: Any, now: datetime) -> bool:
    """True while its backer may change or cancel it (P6)."""
    if own["state"] not in CHANGEABLE or own["processing"] or own["packed"]:
        return False
    return calendar_of(own).phase(now) == "live"


def is_locked(own: Any, now: datetime) -> bool:
    """True once addresses and answers stand as they are, or the pledge does not stand (B5)."""
    locked = own["locks_at"] is not None and own["locks_at"] <= now
    return locked or is_over(own)


def is_over(own: Any) -> bool:
    """True when nothing of it will be charged or sent any more."""
    failed = own["outcome"] == "failed" and own["state"] == "confirmed"
    return failed or own["state"] not in LIVE


def can_pay(own: Any) -> bool:
    """True when there is a card to mend, or a payment to make up for (P5)."""
    waits = own["state"] == "confirmed" and not is_over(own) and to_charge(own) > 0
    return own["state"] == "past_due" or waits


def lacks_card(own: Any) -> bool:
    """True when store credit was to pay alone and a change has left something for a card."""
    paid_alone = own["state"] == "confirmed" and own["credit"] > 0
    return bool(paid_alone and can_pay(own) and not own["has_card"])


def wants(own: Any, now: datetime) -> list[str]:
    """What its backer has to do: `pay`, `card`, `address`, `answers`."""
    found = ["pay"] if own["state"] == "past_due" else ["card"] if lacks_card(own) else []
    if not is_locked(own, now):
        found += ["address"] if own["ships"] and not own["has_address"] else []
        found += ["answers"] if own["open_required"] else []
    return found


def drop_at(own: Any) -> datetime | None:
    """When a declined pledge is given up, if nothing has worked until then (P5)."""
    if own["failed_at"] is None or not own["dunning_days"]:
        return None
    after: datetime = own["failed_at"] + timedelta(days=own["dunning_days"][-1])
    return after


def what_next(own: Any, refunded: int, locale: str, now: datetime) -> str:
    """The sentence; `refunded` is what has come back so far, in minor units."""
    _, shown = translator(locale).gettext, written_in(locale)
    state = "processing" if own["processing"] else own["state"]
    if state == "confirmed":
        said = _confirmed(own, _, shown, now, locale)
    elif state == "past_due":
        said = _past_due(own, _, shown, now)
    elif state == "charged":
        said = _charged(own, _, now)
    else:
        said = _(_PLAIN[state])
    coming = own["refunds_asked"] - refunded
    if own["credit"] and is_over(own) and own["state"] != "refunded":
        said += " " + _("Your store credit is yours again.")
    if coming > 0:
        back = _(
            "%(sum)s is on its way back to your card. Your bank may take 5 to 10 working days."
        )
        said += " " + back % {"sum": shown.money(coming, own["currency"])}
    return said


_PLAIN = {
    "started": N_("It is not paid yet. Nothing is charged until you go on to the payment."),
    "processing": N_("Your payment is on its way. Some ways to pay take a few days."),
    "refunded": N_("Its money went back to you. Nothing more happens."),
    "disputed": N_(
        "Its payment is disputed at your bank. Its rewards wait until the bank has decided."
    ),
    "expired": N_("Its payment page was left. Nothing was charged, and nothing more happens."),
    "cancelled": N_("It is cancelled. Nothing more is charged and nothing is sent."),
    "dropped": N_("Your card could not be charged, so it was dropped. Nothing was charged."),
}


def _confirmed(own: Any, _: Words, shown: Format, now: datetime, locale: str) -> str:
    total = shown.money(to_charge(own), own["currency"])
    if own["outcome"] == "failed":
        return _("The campaign closed below its goal. Your card is not charged.")
    if not to_charge(own):
        return _("It is paid with your store credit once the campaign is funded.")
    if lacks_card(own):
        said = _("Your store credit does not pay for all of it any more, and no card is saved.")
        rest = _("Save one: it is charged %(sum)s once the campaign is funded.")
        return said + " " + rest % {"sum": total}
    if own["outcome"] == "funded":
        return _("The campaign is funded, and your card is charged %(sum)s now.") % {"sum": total}
    if calendar_of(own).phase(now) == "closed":
        return _(
            "The campaign has closed. Its last payments are counted before any card is charged."
        )
    fields = {
        "sum": total,
        "date": shown.day(own["closes_at"], own["zone"], now),
        "title": in_language(own, locale)("title"),
        "goal": shown.amount(own["goal"], own),
    }
    if own["basis"] == "units":
        return (
            _(
                "Your card is charged %(sum)s on %(date)s only if “%(title)s” reaches %(goal)s"
                " units. Until then you can change it or cancel it."
            )
            % fields
        )
    return (
        _(
            "Your card is charged %(sum)s on %(date)s only if “%(title)s” reaches %(goal)s."
            " Until then you can change it or cancel it."
        )
        % fields
    )


def _past_due(own: Any, _: Words, shown: Format, now: datetime) -> str:
    fields = {"sum": shown.money(to_charge(own), own["currency"])}
    said = _("Your card could not be charged %(sum)s.") % fields
    if own["due_at"] is None or own["due_at"] <= now:
        said += " " + _("It is tried again now.")
    else:
        day = shown.day(own["due_at"], own["zone"], now)
        said += " " + _("It is tried again on %(day)s, by itself.") % {"day": day}
    if last := drop_at(own):
        day = shown.day(last, own["zone"], now)
        last_words = _("If nothing has worked by %(day)s, the pledge is dropped, with its rewards.")
        said += " " + last_words % {"day": day}
    return said


def _charged(own: Any, _: Words, now: datetime) -> str:
    if "address" in wants(own, now):
        return _("It is paid. The store needs your address to send it.")
    if "answers" in wants(own, now):
        return _("It is paid. The store needs your answers before it can make it.")
    if own["ships"]:
        return _("It is paid. You hear from the store when it is on its way to you.")
    return _("It is paid. There is nothing for you to do.")


def why_declined(code: str, locale: str) -> str:
    """What the bank said, where one can act on it. Source: Stripe, "Decline codes"."""
    _ = translator(locale).gettext
    return _(_DECLINED[code]) if code in _DECLINED else ""


_NO_REASON = N_("Your bank gave no reason. Ask it, or use another card.")
_NOT_ACCEPTED = N_("Your bank does not accept this card. Use another one.")
_DECLINED = {
    "authentication_required": N_("Your bank wants you to confirm the payment."),
    "expired_card": N_("The card has expired. Use another one."),
    "insufficient_funds": N_("The account holds less than that at the moment."),
    "lost_card": _NOT_ACCEPTED,
    "stolen_card": _NOT_ACCEPTED,
    "pickup_card": _NOT_ACCEPTED,
    "card_declined": _NO_REASON,
    "generic_decline": _NO_REASON,
    "do_not_honor": _NO_REASON,
}
