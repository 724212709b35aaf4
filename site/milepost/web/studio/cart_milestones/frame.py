"""What the steps of a campaign share: its row, its frame, and what is kept as typed."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.cart_campaigns import part
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor.sheet import Sheet, kept_as_typed, show
from milepost.web.studio.parts import numbered
from milepost.wording.languages import translator

HOME = "/cart-milestones"
STEPS = {
    "rule": N_("Rule"),
    "display": N_("Display"),
    "design": N_("Design"),
    "languages": N_("Translations"),
}
DONE = {
    "saved": N_("Saved."),
    "begun": N_("The draft is there. No cart shows it until you activate it."),
    "forgotten": N_("What you had typed is put aside. Here is what is saved."),
    "activated": N_("It is active: carts show it from now on."),
    "paused": N_("It is paused: no cart shows it."),
}


async def campaign_of(request: Request, desk: Desk) -> Any:
    """The store's campaign that the address names. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await cart_campaigns.one(db, desk.store_id, numbered(request, "cart"))
    if row is None:
        raise HTTPException(404)
    return row


async def show_step(
    request: Request,
    desk: Desk,
    row: Any,
    step: str,
    saved: dict[str, str],
    labels: Mapping[str, str],
    context: Mapping[str, Any],
    *,
    says: Callable[[str, str], str] = lambda _name, value: value,
    typed: dict[str, str] | None = None,
    base: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The page of a step: its form as it was typed, or as it is saved, in the campaign's frame."""
    frame = {
        "row": row,
        "step": step,
        "steps": STEPS,
        "base_at": f"{desk.home}{HOME}/{row['id']}",
        "may_edit": desk.may(Deed.EDIT_CAMPAIGN),
    }
    template = f"studio/cart_milestones/{step}.html"
    sheet = Sheet(part(row["id"], step), template, saved, labels, {**frame, **context}, says)
    done = DONE.get(request.query_params.get("done", ""))
    return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal, done=done)


def read_as(
    values: Mapping[str, str], locale: str, titles: Mapping[str, str] | None = None
) -> Callable[[str, str], str]:
    """What a field's value means, for whoever compares two people's texts; `titles` of products."""
    _ = translator(locale).gettext

    def says(name: str, value: str) -> str:
        if name.endswith("-product"):
            return (titles or {}).get(value, value)
        return _(values[value]) if value in values else value

    return says


@behind(Deed.EDIT_CAMPAIGN)
async def keep(request: Request, desk: Desk) -> Response:
    """`POST …/{cart}/keep/{step}`: what is typed is kept, or put aside."""
    row, step = await campaign_of(request, desk), request.path_params["step"]
    home = f"{desk.home}{HOME}/{row['id']}"
    if request.method != "POST" or step not in STEPS:
        return back_to(f"{home}/rule")
    return await kept_as_typed(request, desk, part(row["id"], step), f"{home}/{step}")
