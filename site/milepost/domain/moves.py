"""What each fact does to a pledge: its lawful moves, and the entries that follow (P1, C2, C6)."""

from collections.abc import Callable

from milepost.domain.facts import Fact
from milepost.domain.pledges import EntryKind, Pledge, State


def apply(pledge: Pledge, fact: Fact, review_limit: int | None = None) -> list[EntryKind] | str:
    """Move `pledge` by `fact`: the kinds of entry that may follow, or why it is unlawful (P1).

    A fact that says what is known already gives an empty list. Facts may come twice, late and in
    any order: refunds and disputes that outrun the payment are remembered until it comes.
    """
    return _MOVES[fact.kind](pledge, fact, review_limit)


Move = list[EntryKind] | str


def _confirm(pledge: Pledge, state: State, review_limit: int | None) -> Move:
    pledge.state = state
    pledge.processing = False
    pledge.held = review_limit is not None and pledge.money > review_limit
    return ["confirmed", *_what_came_before(pledge)]


def _what_came_before(pledge: Pledge) -> list[EntryKind]:
    """The refunds and disputes that outran the payment take effect after it."""
    later: list[EntryKind] = []
    if pledge.refunded:
        later.append("refunded")
    if any(s != "won" for ref, s in pledge.disputes.items() if pledge.counts(ref)):
        later.append("disputed")
    return later


def count(pledge: Pledge, kinds: list[EntryKind]) -> list[tuple[EntryKind, int, int]]:
    """The entries (kind, units, money) that take what `pledge` counted for to its worth now (C1).

    A first entry is always `confirmed` and whole; what was refunded before it follows it (C2, A2).
    """
    entries: list[tuple[EntryKind, int, int]] = []
    enters = bool(kinds) and not pledge.entered
    if enters and pledge.is_live:
        entries.append(_enter(pledge))
    _settle_state(pledge)
    if enters and not pledge.entered and pledge.is_live:
        entries.append(_enter(pledge))  # a dispute that was open at its release has been won
    units, money = pledge.worth
    units_moved, money_moved = units - pledge.counted_units, money - pledge.counted_money
    if units_moved or money_moved:
        kind = (_what_came_before(pledge) if enters else kinds)[-1]
        entries.append((kind, units_moved, money_moved))
        pledge.counted_units, pledge.counted_money = units, money
    return entries


def _enter(pledge: Pledge) -> tuple[EntryKind, int, int]:
    pledge.counted_units, pledge.counted_money = pledge.units, pledge.money
    pledge.entered = True
    return "confirmed", pledge.units, pledge.money


def _settle_state(pledge: Pledge) -> None:
    """The state that refunds and disputes leave a charged pledge in."""
    if pledge.state not in ("charged", "refunded", "disputed"):
        return
    statuses = {s for ref, s in pledge.disputes.items() if pledge.counts(ref)}
    if "lost" in statuses or pledge.goods_back >= pledge.money:
        pledge.state = "refunded"
    else:
        pledge.state = "disputed" if "open" in statuses else "charged"


def _nothing(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    return []


def _saved(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        return _confirm(pledge, "confirmed", limit)
    return [] if pledge.state != "expired" else "its checkout had expired before the card was saved"


def _waiting(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        pledge.processing = True
    return []


def _paid(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state in ("charged", "refunded", "disputed"):
        if fact.payment in pledge.paid or (pledge.credit and not fact.payment):
            return []  # where store credit pays alone, that is said without a payment
        return f"the pledge was paid already, and {fact.amount} came besides: refund that payment"
    if pledge.state not in ("started", "confirmed", "past_due"):
        return f"the pledge is {pledge.state}, yet its payment succeeded: refund it or restore it"
    tax = fact.detail.get("tax", pledge.tax)
    credit = pledge.credit - pledge.credit_back
    if fact.amount + credit < pledge.money + pledge.shipping + tax:
        return f"{fact.amount} was paid for a pledge of {pledge.due} (minor units)"
    pledge.tax = tax
    if credit:
        pledge.paid[pledge.credit_payment] = credit  # paying with store credit is paying (C1)
    if fact.amount or not credit:
        pledge.paid[fact.payment] = fact.amount
    if pledge.state == "started":
        return _confirm(pledge, "charged", limit)
    pledge.state = "charged"
    return _what_came_before(pledge)


def _failed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started":
        pledge.state, pledge.processing = "expired", False
        return []
    return [] if pledge.state == "expired" else f"the pledge is {pledge.state} already"


def _declined(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "confirmed":
        pledge.state = "past_due"
    return []


def _expired(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state == "started" and not pledge.processing:
        pledge.state = "expired"
        return []
    return [] if pledge.state == "expired" else f"the pledge is {pledge.state} already"


def _refund(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    before, is_new = pledge.refunded, fact.ref not in pledge.refunds
    _note_origin(pledge, fact)
    if pledge.refunds.get(fact.ref) != 0:  # a failed refund stays failed
        pledge.refunds[fact.ref] = fact.amount
    if "goods" in fact.detail and is_new:
        goods, units, tiers = (fact.detail[name] for name in ("goods", "units", "tiers"))
        pledge.parts[fact.ref] = {"goods": goods, "units": units, "tiers": tiers}
    return ["refunded" if pledge.refunded > before else "reinstated"]


def _note_origin(pledge: Pledge, fact: Fact) -> None:
    if fact.payment:
        pledge.origins.setdefault(fact.ref, fact.payment)


def _refunded_total(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    known = pledge.refunded_totals.get(fact.payment, 0)
    pledge.refunded_totals[fact.payment] = max(known, fact.amount)
    return ["refunded"]


def _disputed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    _note_origin(pledge, fact)
    pledge.disputes.setdefault(fact.ref, "open")
    return ["disputed"]


def _dispute_closed(status: str) -> Callable[[Pledge, Fact, int | None], Move]:
    def closed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
        _note_origin(pledge, fact)
        pledge.disputes[fact.ref] = status
        return ["reinstated" if status == "won" else "disputed"]

    return closed


def _changed(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due", "charged"):
        return f"the pledge is {pledge.state}; only a live one can change"
    before, money, detail = pledge.worth, pledge.money, fact.detail
    shipping = detail.get("shipping", 0)
    tax = detail.get("taxed", _scaled_tax(pledge, detail["money"] + shipping))
    kept = sum(pledge.paid.values()) - pledge.refunded
    if pledge.state == "charged" and detail["money"] + shipping + tax > kept:
        return f"its new lines cost more than the {kept} that was paid for it (minor units)"
    pledge.units, pledge.money = detail["units"], detail["money"]
    pledge.shipping, pledge.tax = shipping, tax
    pledge.tiers = frozenset(detail["tiers"])
    pledge.parts = {}  # what went back was of the old lines
    pledge.claiming = bool(detail.get("claiming"))
    if limit is not None and pledge.money > max(limit, money):
        pledge.held = True  # C6: else a small pledge could grow into what nobody has reviewed
    after = pledge.worth
    return ["increased" if (after[1], after[0]) >= (before[1], before[0]) else "decreased"]


def _scaled_tax(pledge: Pledge, net: int) -> int:
    """The tax of a changed sum: in proportion, until Stripe says it anew (M2)."""
    before = pledge.money + pledge.shipping
    return (pledge.tax * net + before // 2) // before


def _topped_up(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if fact.payment in pledge.paid:
        return []
    if pledge.state != "charged" or "money" not in fact.detail:
        return f"the pledge is {pledge.state}, yet a change of it was paid: refund that payment"
    kept_tax = sum(pledge.paid.values()) - pledge.refunded - pledge.kept_net
    fact.detail["taxed"] = kept_tax + fact.detail.get("tax", 0)
    pledge.paid[fact.payment] = fact.amount
    moved = _changed(pledge, fact, limit)
    if isinstance(moved, str):
        del pledge.paid[fact.payment]
    return moved


def _cancelled(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "cancelled" else f"the pledge is {pledge.state}"
    pledge.state = "cancelled"
    return ["decreased"]


def _released(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if not pledge.held:
        return []
    pledge.held = False
    return ["reinstated"] if pledge.entered else ["confirmed", *_what_came_before(pledge)]


def _dropped(pledge: Pledge, fact: Fact, limit: int | None) -> Move:
    if pledge.state not in ("confirmed", "past_due"):
        return [] if pledge.state == "dropped" else f"the pledge is {pledge.state}"
    pledge.state = "dropped"
    return ["dropped"]


_MOVES: dict[str, Callable[[Pledge, Fact, int | None], Move]] = {
    "paying": _nothing,
    "card": _nothing,
    "turned_back": _nothing,
    "saved": _saved,
    "waiting": _waiting,
    "paid": _paid,
    "failed": _failed,
    "declined": _declined,
    "expired": _expired,
    "refund": _refund,
    "refunded_total": _refunded_total,
    "disputed": _disputed,
    "dispute_won": _dispute_closed("won"),
    "dispute_lost": _dispute_closed("lost"),
    "changed": _changed,
    "topped_up": _topped_up,
    "cancelled": _cancelled,
    "released": _released,
    "dropped": _dropped,
}
