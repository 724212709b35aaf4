"""`/studio/{store}/brand`: the store's name, tagline and colour, with what is made of it."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.branding import colour_of, save_brand
from milepost.services.editing import part_held
from milepost.storage import editing
from milepost.storage.database import reading
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, show
from milepost.wording.colour import PAIRS, brand_css, contrast, palette
from milepost.wording.languages import LOCALES, NAMES

NAME, TAGLINE = 80, 140
LABELS = {"name": N_("Name of the store"), "tagline": N_("Tagline"), "brand": N_("Colour")}


@behind(Deed.EDIT_CAMPAIGN)
async def brand(request: Request, desk: Desk) -> Response:
    """GET shows the form; POST saves it, or shows what would be made of the colour."""
    site = request.state.site
    async with reading(site.database) as db:
        row = await editing.store(db, desk.store_id)
    others = [locale for locale in LOCALES if locale != row["locale"]]
    saved = {"name": row["name"], "tagline": row["tagline"], "brand": row["brand"]}
    for locale in others:
        saved[f"tagline-{locale}"] = row["translations"].get(locale, {}).get("tagline", "")
    context = {"row": row, "others": [(locale, NAMES[locale]) for locale in others]}
    sheet = Sheet("brand", "studio/brand.html", saved, LABELS, context)
    if request.method != "POST":
        return await show(request, desk, sheet, look=look_of(await _seen(request, desk, saved)))
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    try:
        colour = colour_of(typed.get("brand", ""))
        typed["brand"] = colour
        if sent.get("do") == "preview":
            return await show(request, desk, sheet, typed=typed, base=base, look=look_of(colour))
        taglines = {o: forms.line(typed, f"tagline-{o}", TAGLINE) for o in others}
        await save_brand(
            site.database,
            desk.author,
            base,
            forms.line(typed, "name", NAME),
            forms.line(typed, "tagline", TAGLINE),
            colour,
            taglines,
            site.clock(),
        )
    except Refusal as refusal:
        look = look_of(row["brand"] if refusal.about == "brand" else typed["brand"])
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal, look=look)
    return back_to(f"{desk.home}/brand?done=saved")


async def _seen(request: Request, desk: Desk, saved: dict[str, str]) -> str:
    """The colour that the form shows: one typed before and not saved, or the saved one."""
    site, author = request.state.site, desk.author
    held = await part_held(site.database, author, "brand", site.clock())
    try:
        return colour_of((held.typed or saved).get("brand", ""))
    except Invalid:
        return saved["brand"]


@behind(Deed.EDIT_CAMPAIGN)
async def look(request: Request, desk: Desk) -> Response:
    """`…/brand/look?brand=`: what is made of a colour, for the script beside the field."""
    colour = _asked(request)
    html = request.state.site.renderer.page(
        "studio/parts/look.html", desk.locale, look=look_of(colour), store=desk.store
    )
    return JSONResponse({"html": html}, headers=PRIVATE)


@behind(Deed.EDIT_CAMPAIGN)
async def look_css(request: Request, desk: Desk) -> Response:
    """`…/brand/look.css?brand=`: the tokens made from a colour, for the preview alone."""
    return Response(brand_css(_asked(request), ".brand-look"), 200, PRIVATE, "text/css")


def _asked(request: Request) -> str:
    try:
        return colour_of(request.query_params.get("brand", ""))
    except Invalid:
        return "#17795e"


# What is read of all the pairs: name, the pair.
_TOLD = (
    (N_("Letters on the button"), "on-button", "button"),
    (N_("Links on the page"), "accent", "paper"),
    (N_("The road on the page"), "road", "paper"),
    (N_("Text on the page"), "ink", "paper"),
)


def look_of(brand: str) -> dict[str, Any]:
    """The colour's tokens on both grounds, and the contrast that each pair has and must have."""
    needed = {(one, other): least for one, other, least in PAIRS}
    grounds = []
    for dark in (False, True):
        tokens = palette(brand, dark)
        rows = [
            (label, contrast(tokens[one], tokens[other]), needed[one, other])
            for label, one, other in _TOLD
        ]
        worst = min(contrast(tokens[one], tokens[other]) / least for one, other, least in PAIRS)
        grounds.append(
            {
                "dark": dark,
                "rows": rows,
                "holds": worst >= 1,
                "button": tokens["button"].hex,
                "moved": tokens["button"].hex != brand,
            }
        )
    return {"brand": brand, "grounds": grounds}
