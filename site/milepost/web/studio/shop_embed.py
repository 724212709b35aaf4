"""`/studio/{store}/shop/embed`: the cart on other sites, and on which of them."""

from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.messages import N_
from milepost.domain.roles import Deed
from milepost.services.embedding import save_origins
from milepost.storage import cart_campaigns, carts
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, status_of, typed_in

MOST = 24
DONE = {"saved": N_("The cart can be shown there now.")}


@behind(Deed.EDIT_CAMPAIGN)
async def embed(request: Request, desk: Desk) -> Response:
    """GET shows how to put the cart on another site; POST keeps the sites that may."""
    site = request.state.site
    errors, status = {}, 200
    if request.method == "POST":
        typed = (await typed_in(request)).get("origins", "")
        try:
            await save_origins(
                site.database, desk.store_id, typed.splitlines(), desk.creator_id, site.clock()
            )
            return back_to(f"{desk.home}/shop/embed?done=saved")
        except Refusal as refusal:
            errors, status = errors_of(refusal, desk.locale), status_of(refusal)
    find = plain(request.query_params.get("find", ""), 80).strip()
    async with reading(site.database) as db:
        if request.method != "POST":
            typed = "\n".join(await carts.embeds_of(db, desk.store_id))
        goods = await cart_campaigns.goods(db, desk.store_id, find, (), MOST)
    return shown(
        request,
        "studio/shop/embed.html",
        desk,
        status,
        v={"origins": typed},
        find=find,
        goods=goods,
        most=MOST,
        errors=errors,
        done=DONE.get(asked(request, "done")),
    )
