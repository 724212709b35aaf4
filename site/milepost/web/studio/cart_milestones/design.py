"""`…/cart-milestones/{cart}/design`: icons, reached tiers, the colour (S33–S35, S41)."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.cart_looks import ICONS, Look, TierLook
from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.cart_bars import save_design
from milepost.storage import cart_campaigns
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.cart_milestones.bar_fields import (
    design_typed,
    saved_design,
    tier_look_typed,
)
from milepost.web.studio.cart_milestones.frame import HOME, campaign_of, read_as, show_step
from milepost.web.studio.cart_milestones.preview import beside
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.pictures import check_alt, chosen
from milepost.wording.languages import translator

NAMES = {
    "percent": N_("Percent"),
    "tag": N_("Price tag"),
    "truck": N_("Truck"),
    "gift": N_("Gift"),
    "star": N_("Star"),
    "heart": N_("Heart"),
    "box": N_("Box"),
    "leaf": N_("Leaf"),
    "cup": N_("Cup"),
    "flag": N_("Flag"),
    "ticket": N_("Ticket"),
    "bolt": N_("Bolt"),
}
VALUES = {
    **NAMES,
    "on": N_("yes"),
    "check": N_("A checkmark on it"),
    "replace": N_("Another icon"),
    "library": N_("An icon of the library"),
    "upload": N_("A picture"),
    "picture": N_("The uploaded picture"),
    "product": N_("The product’s picture"),
}
FIELDS = {
    "source": N_("icon from"),
    "icon": N_("icon"),
    "done_icon": N_("icon once reached"),
    "shows": N_("picture"),
    "image_alt": N_("what the picture shows"),
}


@behind(Deed.SEE_STORE)
async def design(request: Request, desk: Desk) -> Response:
    """GET shows the step, POST saves it."""
    row, site = await campaign_of(request, desk), request.state.site
    async with reading(site.database) as db:
        tiers = await cart_campaigns.tiers(db, row["track_id"])
    typed, base, refusal = None, None, None
    if request.method == "POST" and desk.may(Deed.EDIT_CAMPAIGN):
        async with request.form(
            max_files=len(tiers) + 1, max_fields=forms.MOST_FIELDS, max_part_size=24 * 2**20
        ) as sent:
            typed, base = forms.typed_in(sent), forms.base_of(sent)
            try:
                for tier in tiers:
                    await _picture(request, desk, sent, typed, tier)
                if sent.get("do") == "save":
                    looks = {t["id"]: tier_look_typed(typed, t) for t in tiers}
                    for tier in tiers:
                        one = looks[tier["id"]]
                        check_alt(f"t{tier['id']}-image", one.image, one.image_alt)
                    chosen_look = design_typed(typed)
                    await save_design(
                        site.database,
                        desk.author,
                        row["id"],
                        base,
                        chosen_look,
                        looks,
                        site.clock(),
                    )
                    return back_to(f"{desk.home}{HOME}/{row['id']}/design?done=saved")
            except Refusal as refused:
                refusal = refused
    context: dict[str, Any] = {
        "tiers": tiers,
        "icons": [(name, NAMES[name]) for name in ICONS],
        "why_not": _why_not(tiers),
        **await beside(request, desk, row, "design", typed),
    }
    return await show_step(
        request,
        desk,
        row,
        "design",
        saved_design(Look.of(row["design"]), tiers),
        _labels(tiers, desk.locale),
        context,
        says=read_as(VALUES, desk.locale),
        typed=typed,
        base=base,
        refusal=refusal,
    )


async def _picture(
    request: Request, desk: Desk, sent: Any, typed: dict[str, str], tier: Any
) -> None:
    """A picture that came with the form is kept, also where the form is refused. Raises Invalid."""
    name = f"t{tier['id']}-image"
    current = TierLook.of(tier["design"], tier["kind"]).image
    typed[f"{name}_kept"], _ = await chosen(request, desk, sent, name, current)
    typed.pop(f"{name}_remove", None)


def _why_not(tiers: list[Any]) -> Any:
    """Why a tier's gift does not show its picture as typed; None where it does (S41)."""
    by_id = {tier["id"]: tier for tier in tiers}

    def why_not(tier_id: int, typed: Mapping[str, str]) -> Any:
        tier = by_id[tier_id]
        image = tier["product_image"] or ""
        picked = tier["product_id"] is not None
        return tier_look_typed(typed, tier).why_no_product_image(tier["kind"], image, picked)

    return why_not


def _labels(tiers: list[Any], locale: str) -> dict[str, str]:
    _ = translator(locale).gettext
    found = {
        "done": _("A reached tier shows"),
        "shimmer": _("Shimmer"),
        "colour": _("Colour of the bar"),
    }
    for place, tier in enumerate(tiers, 1):
        for name, label in FIELDS.items():
            said = _("Tier %(place)s") % {"place": place}
            found[f"t{tier['id']}-{name}"] = f"{said}: {_(label)}"
    return found
