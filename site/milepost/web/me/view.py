"""What the pages of somebody's own pledges see: answers, and the sums of a receipt."""

from collections.abc import Mapping, Sequence
from typing import Any

from milepost.domain.pledges import CREDIT
from milepost.services.publishing import in_language


def answers_view(
    questions: Sequence[Any],
    locale: str,
    typed: Mapping[int, str] | None = None,
    errors: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Each question in the reader's language with its answer, as `typed` where that was wrong.

    An option's `value` is the one that the creator wrote first; so an answer reads the same in
    every language that the store works in.
    """
    found = []
    for row in questions:
        words = row["translations"].get(locale, {})
        named = words.get("options") or row["options"]
        labels = dict(zip(row["options"], named, strict=False))
        said = row["answer"] or ""
        found.append(
            {
                "id": row["id"],
                "prompt": in_language(row, locale)("prompt"),
                "kind": row["kind"],
                "required": row["required"],
                "options": [{"value": o, "label": labels.get(o, o)} for o in row["options"]],
                "answer": labels.get(said, said),
                "value": said if typed is None else typed.get(row["id"], ""),
                "error": (errors or {}).get(row["id"]),
            }
        )
    return found


def receipt_view(
    own: Any, payments: Sequence[Any], refunds: Sequence[Any], refunded: int
) -> dict[str, Any]:
    """Payments and refunds with their days; together always what the books say.

    A checkout knows no sum of its own: it is what the other payments leave of the whole.
    """
    paid = sum(own["paid"].values())
    credit = own["paid"].get(f"{CREDIT}{own['id']}", 0)
    saved_first = own["funding_model"] == "all_or_nothing" and not own["late"]
    made = [p for p in payments if not (saved_first and p["purpose"] == "checkout")]
    changes = [p for p in made if p["purpose"] == "change"]
    first = [p for p in made if p["purpose"] != "change"]
    rest = paid - credit - sum(p["amount"] for p in changes)
    day = first[-1]["made_at"] if first else own["confirmed_at"]
    parts = [{"at": day, "amount": credit, "change": False, "credit": True}] if credit else []
    if rest <= 0 and not credit:
        parts = [{"at": day, "amount": paid, "change": False}]
    else:
        parts += [{"at": day, "amount": rest, "change": False}] if rest > 0 else []
        parts += [{"at": p["made_at"], "amount": p["amount"], "change": True} for p in changes]
    sent = [r for r in refunds if r["state"] == "sent"]
    back, left = [], refunded
    for row in sent:
        share = min(row["amount"], left)
        if share > 0:
            back.append({"at": row["made_at"], "amount": share})
            left -= share
    if left > 0:
        back.append({"at": None, "amount": left})
    coming = sum(r["amount"] for r in refunds if r["state"] != "failed") - refunded
    return {
        "number": f"{own['id']:06}",
        "payments": sorted(parts, key=lambda part: (part["change"], part["at"])),
        "paid": paid,
        "refunds": back,
        "refunded": refunded,
        "coming": max(0, coming),
        "kept": paid - refunded,
    }
