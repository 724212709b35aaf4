"""Money that goes back, or may have to: refunds and disputes of a charge."""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from milepost.domain.facts import FactKind
from milepost.gateways.marks import GOODS, TIERS, UNITS
from milepost.gateways.stripe_facts import Meaning, Understood, fact_about, whole

A_NUMBER = re.compile(r"[0-9]{1,15}")


def _charge_refunded(charge: Mapping[str, Any]) -> Understood:
    return fact_about(
        "refunded_total",
        charge,
        payment=charge.get("payment_intent"),
        amount=charge["amount_refunded"],
    )


def _refund(refund: Mapping[str, Any]) -> Understood:
    gone = refund["status"] in ("failed", "canceled")
    return fact_about(
        "refund",
        {**refund, "metadata": {}},  # a refund's own metadata may be anybody's: it routes nothing
        payment=refund.get("payment_intent"),
        amount=0 if gone else whole(refund["amount"]),
        ref=refund["id"],
        detail=_goods(refund.get("metadata")),
    )


def _goods(metadata: Any) -> dict[str, Any]:
    """Which goods a refund takes back, if it says so in our words; nothing when it misstates it."""
    if not isinstance(metadata, Mapping) or GOODS not in metadata:
        return {}
    tiers = str(metadata.get(TIERS, ""))  # Stripe keeps no empty value
    numbers = [str(metadata.get(name, "")).strip() for name in (GOODS, UNITS)]
    numbers += [tier.strip() for tier in tiers.split(",")] if tiers.strip() else []
    if not all(A_NUMBER.fullmatch(number) for number in numbers):
        return {}
    goods, units, *rest = map(int, numbers)
    return {"goods": goods, "units": units, "tiers": rest}


def _dispute(kind: FactKind, dispute: Mapping[str, Any]) -> Understood:
    return fact_about(
        kind,
        {**dispute, "metadata": {}},
        payment=dispute.get("payment_intent"),
        amount=dispute["amount"],
        ref=dispute["id"],
        detail=_terms(dispute) if kind == "disputed" else {},
    )


def _terms(dispute: Mapping[str, Any]) -> dict[str, Any]:
    """Why it was opened, and until when it can be answered (Unix seconds), where that is said."""
    due_by = (dispute.get("evidence_details") or {}).get("due_by")
    told = {"reason": str(dispute.get("reason") or "")[:100]}
    return told | ({"due_by": due_by} if type(due_by) is int and 0 < due_by < 2**33 else {})


def _dispute_closed(dispute: Mapping[str, Any]) -> Understood:
    lost = dispute["status"] == "lost"
    return _dispute("dispute_lost" if lost else "dispute_won", dispute)


MEANINGS: dict[str, Meaning] = {
    "charge.refunded": _charge_refunded,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": partial(_dispute, "disputed"),
    "charge.dispute.closed": _dispute_closed,
}
