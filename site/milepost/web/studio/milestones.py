"""`…/milestones`: the trail as its editor; a milestone is made, moved and changed after a look."""

from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.advice import Stone
from milepost.domain.errors import Conflict, Invalid, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import short_major
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.whatif import Foresight, Meter, Reissue, Seen
from milepost.services.amending import amend_milestone
from milepost.services.foreseeing import Wish, foresee_on, foresee_reissue, meter_now
from milepost.services.milestone_wishes import NotSeen, wish_of
from milepost.services.milestones import add_milestone, move_target
from milepost.storage import products, studio_milestones
from milepost.storage.database import Connection, reading
from milepost.storage.studio_milestones import language
from milepost.web.me.visit import back_to, said
from milepost.web.public.chosen import plain
from milepost.web.studio import milestone_form as form
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.line import line
from milepost.web.studio.milestone_form import Filled, typed_target
from milepost.web.studio.milestone_view import (
    advice_view,
    foresight_view,
    languages_beside,
    milestone_view,
    reissue_view,
    stone_of,
)
from milepost.web.studio.parts import numbered
from milepost.wording.saying import say

DONE = {
    "added": N_("The milestone stands on the trail."),
    "moved": N_("The milestone is moved."),
    "archived": N_("The milestone has left the trail. What it has given stands."),
}
MOST_SHOWN = 24  # products to choose from at once
LOOK = N_("Nothing is saved yet. This is what it would do.")


@behind(Deed.SEE_CAMPAIGN)
async def trail(request: Request, desk: Desk) -> Response:
    """`GET …/milestones`: the road with its milestones, and what the numbers advise."""
    return await _trail(request, desk)


async def _trail(
    request: Request,
    desk: Desk,
    status: int = 200,
    *,
    moving: int = 0,
    typed: str = "",
    errors: dict[str, str] | None = None,
    foresight: dict[str, Any] | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        row, meter = await meter_now(db, desk.campaign_id, site.clock())
        rows = await studio_milestones.trail(db, row["track_id"])
    c = desk.campaign(site.clock())
    standing = [r for r in rows if r["archived_at"] is None]
    views = [milestone_view(r, meter, desk.locale) for r in standing]
    gone = [r for r in rows if r["archived_at"] is not None]
    return shown(
        request,
        "studio/milestones.html",
        desk,
        status,
        tab="milestones",
        c=c,
        road=line(views, c["goal"], c["currency"], meter),
        milestones=views,
        archived=[milestone_view(r, meter, desk.locale) for r in gone],
        advice=advice_view(meter, c, [stone_of(r) for r in standing], desk.locale),
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        moving=moving,
        typed=typed,
        errors=errors or {},
        foresight=foresight,
        major=short_major,
        done=DONE.get(request.query_params.get("done", "")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def move(request: Request, desk: Desk) -> Response:
    """`POST …/{milestone}/target`: first what the move would do, then, once that is seen, the move.

    Raises 404 for a milestone of another campaign.
    """
    site, milestone_id = request.state.site, numbered(request, "milestone")
    row = await _row(request, desk, milestone_id)
    if request.method != "POST":
        return back_to(f"{desk.campaign_home}/milestones")
    sent = await request.form(max_files=0, max_fields=10)
    typed = plain(str(sent.get("target", "")), 40)
    seen = Seen.read(str(sent.get("seen", ""))[:80])
    try:
        target = typed_target(typed, desk.row)
        if sent.get("do") == "preview":
            raise NotSeen(await _foreseen_move(request, desk, row, target), False)
        await move_target(
            site.database,
            milestone_id,
            target,
            desk.name,
            site.clock(),
            creator_id=desk.creator_id,
            ask=True,
            seen=seen,
        )
    except NotSeen as unseen:
        answer = unseen.answer
        assert isinstance(answer, Foresight)
        view = foresight_view(answer, desk.campaign(site.clock()), row["target"])
        stale = seen is not None and sent.get("do") != "preview"
        view["note"] = say(unseen.sentence, desk.locale) if stale else ""
        return await _trail(
            request, desk, 409 if stale else 200, moving=milestone_id, typed=typed, foresight=view
        )
    except Refusal as refusal:
        errors = {refusal.about or "target": say(refusal.sentence, desk.locale)}
        status = 422 if isinstance(refusal, Invalid) else 409
        return await _trail(request, desk, status, moving=milestone_id, typed=typed, errors=errors)
    return back_to(f"{desk.campaign_home}/milestones?done=moved")


async def _row(request: Request, desk: Desk, milestone_id: int) -> Any:
    """The campaign's milestone with all that its form shows. Raises 404."""
    async with reading(request.state.site.database) as db:
        row = await studio_milestones.one(db, desk.campaign_id, milestone_id, True)
    if row is None:
        raise HTTPException(404)
    return row


async def _foreseen_move(request: Request, desk: Desk, row: Any, target: int) -> Foresight:
    if row["reached_seq"] is not None:
        raise Conflict(
            N_("This milestone is reached, and what was promised stands. Add another one.")
        )
    site = request.state.site
    async with reading(site.database) as db:
        found, meter = await meter_now(db, desk.campaign_id, site.clock())
        return await foresee_on(db, found, meter, wish_of(row, row, target))


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/milestones/new`: the form, what it would do, and the milestone that comes of it."""
    site = request.state.site
    if request.method != "POST":
        target = plain(request.query_params.get("target", ""), 20)
        return await _form(request, desk, Filled(form.empty(target=target)), None)
    languages = await _languages(request, desk)
    filled = await form.read(request, desk, languages, None)
    if filled.wants != "save" or filled.new is None:
        return await _form(request, desk, filled, None, _status(filled))
    try:
        made = await add_milestone(
            site.database,
            desk.campaign_id,
            filled.new,
            desk.name,
            site.clock(),
            creator_id=desk.creator_id,
            ask=True,
            seen=filled.seen,
        )
    except Refusal as refusal:
        return await _refused(request, desk, filled, None, refusal)
    return back_to(f"{desk.campaign_home}/milestones?done=added#milestone-{made}")


@behind(Deed.EDIT_CAMPAIGN)
async def edit(request: Request, desk: Desk) -> Response:
    """`…/{milestone}/edit`: the same form for one that is there (S56, A11, A12)."""
    site, milestone_id = request.state.site, numbered(request, "milestone")
    row = await _row(request, desk, milestone_id)
    if request.method != "POST":
        filled = form.filled_from(row, desk.row["currency"], desk.row["basis"])
        return await _form(request, desk, filled, row)
    filled = await form.read(request, desk, await _languages(request, desk), row)
    if filled.wants != "save" or filled.new is None:
        return await _form(request, desk, filled, row, _status(filled))
    try:
        await amend_milestone(
            site.database,
            milestone_id,
            filled.new,
            desk.name,
            site.clock(),
            creator_id=desk.creator_id,
            also_granted=filled.also_granted and row["reached_seq"] is not None,
            seen=filled.seen,
        )
    except Refusal as refusal:
        return await _refused(request, desk, filled, row, refusal)
    return back_to(f"{desk.campaign_home}/milestones/{milestone_id}?done=changed")


def _status(filled: Filled) -> int:
    return 422 if filled.errors and filled.wants == "save" else 200


async def _refused(
    request: Request, desk: Desk, filled: Filled, row: Any | None, refusal: Refusal
) -> Response:
    """The form again, with what is wrong, or with what it would do."""
    filled.errors[refusal.about] = refusal.sentence
    status = 422 if isinstance(refusal, Invalid) else 409
    answer = refusal.answer if isinstance(refusal, NotSeen) else None
    return await _form(request, desk, filled, row, status, answer)


async def _languages(request: Request, desk: Desk) -> list[str]:
    async with reading(request.state.site.database) as db:
        own = await language(db, desk.store_id)
    return [tag for tag, _ in languages_beside(own)]


async def _form(
    request: Request,
    desk: Desk,
    filled: Filled,
    row: Any | None,
    status: int = 200,
    answer: Foresight | Reissue | None = None,
) -> Response:
    site, c = request.state.site, desk.campaign(request.state.site.clock())
    async with reading(site.database) as db:
        campaign, meter = await meter_now(db, desk.campaign_id, site.clock())
        rows = await studio_milestones.trail(db, campaign["track_id"])
        tiers = await studio_milestones.tiers(db, desk.campaign_id)
        own = await language(db, desk.store_id)
        found = await products.of_store(
            db, desk.store_id, filled.typed["find"], None, MOST_SHOWN + 1
        )
        picked = await _picked(db, desk, filled, found)
        if answer is None and filled.wish is not None:
            answer = await _foreseen(db, desk, filled, filled.wish, row, campaign, meter)
        elif answer is None and row is not None and not filled.errors:
            answer = await foresee_on(db, campaign, meter, wish_of(row, row))
        pool = await studio_milestones.pool(db, row["id"]) if row is not None else None
    others = [r for r in rows if r["archived_at"] is None and (row is None or r["id"] != row["id"])]
    stones = [stone_of(r) for r in others]
    if filled.wish is not None:
        stones.append(_stone(filled, filled.wish, row, [*found, picked]))
    elif row is not None:
        stones.append(stone_of(row))
    is_save = filled.wants == "save"
    view = None
    if isinstance(answer, Reissue):
        view = reissue_view(answer)
    elif answer is not None and not (row is not None and row["reached_seq"] is not None):
        view = foresight_view(answer, c)
    return shown(
        request,
        "studio/milestone_form.html",
        desk,
        status,
        tab="milestones",
        c=c,
        m=milestone_view(row, meter, desk.locale) if row is not None else None,
        typed=filled.typed,
        chosen_tiers=filled.tiers,
        tiers=tiers,
        products=([picked] if picked is not None else []) + found[:MOST_SHOWN],
        more_products=len(found) > MOST_SHOWN,
        languages=languages_beside(own),
        pool=pool,
        foresight=view,
        looked=filled.wants == "preview",
        advice=advice_view(meter, c, stones, desk.locale),
        errors=said(filled.errors, desk.locale) if is_save else _quiet(filled, desk.locale),
    )


def _quiet(filled: Filled, locale: str) -> dict[str, str]:
    """While somebody still looks around, only what was typed wrong; not what is missing yet."""
    told: dict[str, Sentence] = {n: s for n, s in filled.errors.items() if filled.typed.get(n)}
    return said(told, locale)


async def _picked(db: Connection, desk: Desk, filled: Filled, found: list[Any]) -> Any | None:
    """The chosen product, where it is not among those that are shown anyway."""
    picked = number_in(filled.typed["product"])
    if picked is None or any(p["id"] == picked for p in found[:MOST_SHOWN]):
        return None
    return await products.one(db, desk.store_id, picked)


async def _foreseen(
    db: Connection,
    desk: Desk,
    filled: Filled,
    wish: Wish,
    row: Any | None,
    campaign: Any,
    meter: Meter,
) -> Foresight | Reissue | None:
    if row is None:
        return await foresee_on(db, campaign, meter, wish)
    wish = replace(wish, milestone_id=row["id"])
    if row["reached_seq"] is None:
        return await foresee_on(db, campaign, meter, wish)
    if not filled.also_granted:
        return None
    return await foresee_reissue(db, desk.campaign_id, row["id"], wish, meter.now)


def _stone(filled: Filled, wish: Wish, row: Any | None, known: list[Any]) -> Stone:
    """What is typed, as the advice looks at it."""
    picked = next((p for p in known if p is not None and p["id"] == wish.product_id), None)
    columns = {
        "title": filled.typed["title"],
        "target": wish.target,
        "reached_seq": row["reached_seq"] if row is not None else None,
        "cost": wish.cost,
        "stock": picked["stock"] if picked is not None else wish.stock,
        "kind": filled.typed["kind"],
        "per": wish.audience.per,
        "audience": wish.audience.kind,
        "tiers": wish.audience.tiers,
        "cap": wish.audience.cap,
        "text_before": filled.typed["text_before"],
    }
    return stone_of(columns)
