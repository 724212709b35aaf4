"""A pledge form's fields: as typed, as a choice, and as a pledge would fill them in again."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from milepost.domain.money import major
from milepost.domain.origins import Origin
from milepost.services.choosing import MOST_ADDONS, NOWHERE, Choice
from milepost.services.showing import ShownPledge
from milepost.web.public.purse import GIFT, purse_fields
from milepost.web.public.purse import MOST_FIELDS as PURSE_FIELDS
from milepost.web.slugs import is_key

FIELDS = ("tier", "quantity", "amount", "bonus", "country", "shown_total")
ADDON = "addon-"  # and the add-on's id: the field for how many of it (domain.lines.addon_field)
MOST_FIELDS = 20 + MOST_ADDONS + PURSE_FIELDS


def plain(typed: str, most: int = 200) -> str:
    """What was typed, without characters that no page can hold."""
    return "".join(character for character in typed[:most] if character.isprintable())


async def sent_with(request: Request) -> dict[str, str]:
    """The fields of a pledge form that was sent."""
    sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: str(value) for name, value in sent.items()}


def typed_in(sent: Mapping[str, str]) -> dict[str, str]:
    """What the form's fields hold, those of the add-ons among them, each as it was typed."""
    addons = [name for name in sent if name.startswith(ADDON) and len(name) < 30]
    typed = {name: plain(sent.get(name, "")) for name in (*FIELDS, *addons)}
    return typed | purse_fields(sent)


def choice_of(
    typed: Mapping[str, str], locale: str, instead: str = "", origin: Origin = NOWHERE
) -> Choice:
    """The same as a choice; `instead` is the key of an earlier checkout, if it is one."""
    return Choice(
        tier=typed["tier"],
        quantity=typed["quantity"],
        amount=typed["amount"],
        bonus=typed["bonus"],
        country=typed["country"],
        shown_total=typed["shown_total"],
        origin=origin,
        addons={name.removeprefix(ADDON): typed[name] for name in typed if name.startswith(ADDON)},
        locale=locale,
        instead=instead if is_key(instead) else "",
    )


def filled_in(shown: ShownPledge) -> tuple[dict[str, str], dict[str, int]]:
    """The form as this pledge would have been typed, and the slots that it holds, by tier's id."""
    row = shown.row
    typed = {
        "tier": "",
        "quantity": "1",
        "amount": "",
        "bonus": "",
        "country": row["country"] or "",
    }
    held = {}
    for line in shown.lines:
        tier_id, count = str(line["tier_id"] or ""), line["quantity"]
        if line["source"] == "tier":
            typed |= {"tier": tier_id, "quantity": str(count)}
        elif line["source"] == "addon":
            typed[f"{ADDON}{tier_id}"] = str(count)
        elif line["source"] != "shipping":
            typed["bonus" if line["source"] == "bonus" else "amount"] = major(
                line["unit_price"], row["currency"]
            )
        if tier_id and row["claiming"]:
            held[tier_id] = count
    if row["credit"] or row["gifts"]:
        typed |= {"purse": "0"} | ({"credit": "1"} if row["credit"] else {})
        typed |= {f"{GIFT}{gift['grant']}": "1" for gift in row["gifts"]}
    return typed, held


def give_back(tier: dict[str, Any], held: int) -> None:
    """Count the slots that this backer holds as free: choosing again frees them first (P3)."""
    if held and tier["left"] is not None:
        tier["left"] += held
        tier["state"] = "open" if tier["state"] == "sold_out" else tier["state"]


def keep(tier: dict[str, Any], held: int, price: int) -> None:
    """So many of it stay with their backer, at the price that they were pledged for (M3, P6)."""
    tier["price"] = price
    if tier["state"] in ("ended", "soon"):
        tier |= {"left": held, "state": "open", "closes_at": None}
    else:
        give_back(tier, held)
