"""`…/cart-milestones/{cart}/display`: where the bar shows, and in which layout (S22–S24)."""

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.cart_looks import Look
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.cart_bars import save_display
from milepost.web.me.visit import back_to
from milepost.web.studio.cart_milestones.bar_fields import places_typed, saved_places
from milepost.web.studio.cart_milestones.frame import HOME, campaign_of, read_as, show_step
from milepost.web.studio.cart_milestones.preview import beside
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms

LATELY = timedelta(days=7)  # a drawer that nobody has seen for so long may be gone
LABELS = {
    "place-drawer": N_("In the cart drawer"),
    "place-page": N_("On the cart’s page"),
    "place-embed": N_("In the cart on other sites"),
    "layout": N_("Layout"),
}
VALUES = {
    "on": N_("yes"),
    "classic": N_("Classic"),
    "segmented": N_("Segmented"),
    "single": N_("Single goal"),
}


@behind(Deed.SEE_STORE)
async def display(request: Request, desk: Desk) -> Response:
    """GET shows the step, POST saves it."""
    row, site = await campaign_of(request, desk), request.state.site
    typed, base, refusal = None, None, None
    if request.method == "POST" and desk.may(Deed.EDIT_CAMPAIGN):
        sent = await forms.sent_to(request)
        typed, base = forms.typed_in(sent), forms.base_of(sent)
        if sent.get("do") == "save":
            try:
                look = places_typed(typed)
                await save_display(
                    site.database,
                    desk.author,
                    row["id"],
                    base,
                    look.places,
                    look.layout,
                    site.clock(),
                )
                return back_to(f"{desk.home}{HOME}/{row['id']}/display?done=saved")
            except Refusal as refused:
                refusal = refused
    seen = row["drawer_seen_at"]
    context: dict[str, Any] = {
        "seen": seen,
        "is_integrated": seen is not None and site.clock() - seen <= LATELY,
        **await beside(request, desk, row, "display", typed),
    }
    return await show_step(
        request,
        desk,
        row,
        "display",
        saved_places(Look.of(row["design"])),
        LABELS,
        context,
        says=read_as(VALUES, desk.locale),
        typed=typed,
        base=base,
        refusal=refusal,
    )
