"""`…/programs/{program}`: the rule, its milestones, and what customers will see (S11–S20)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.loyalty_rewards import REWARDS
from milepost.domain.messages import N_, Sentence
from milepost.domain.program_advice import advise
from milepost.domain.program_plans import MOST_STEPS, ProgramPlan, Step
from milepost.domain.programs import KINDS, MEASURES
from milepost.domain.roles import Deed
from milepost.services.editing import part_held
from milepost.services.program_foresight import around
from milepost.services.programs import part, plan_of, save_program
from milepost.services.publishing import in_language
from milepost.storage import program_list
from milepost.storage.database import reading
from milepost.web.loyalty.trail import Standing, program_trail
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, kept_as_typed, show
from milepost.web.studio.gates import ask_at, gate, require
from milepost.web.studio.programs.fields import (
    PICKED,
    about_field,
    plan_typed,
    products_of,
    saved_plan,
    step_keys,
)
from milepost.web.studio.programs.frame import DONE, HOME, program_of, state_of
from milepost.wording.format import written_in
from milepost.wording.languages import translator
from milepost.wording.saying import say

SHOWN = 24  # products to choose from at once
LABELS = {
    "name": N_("Name"),
    "starts_at": N_("Starts"),
    "ends_at": N_("Ends"),
    "currency": N_("Currency"),
    "every": N_("Begins again after"),
}
FIELDS = {
    "measure": N_("counts"),
    "target": N_("target"),
    "reward": N_("reward"),
    "points": N_("points"),
    "money": N_("amount"),
    "percent": N_("percent off"),
    "days": N_("days of its code"),
    "text": N_("description"),
}


def plan_here(row: Any, kept: list[Any]) -> ProgramPlan:
    """The saved plan, on the store's clock of now."""
    return replace(plan_of(row, kept), zone=row["store_zone"])


@behind(Deed.SEE_STORE)
async def rule(request: Request, desk: Desk) -> Response:
    """GET shows the rule; the form's own buttons change what is typed, and only Save saves."""
    row, kept = await program_of(request, desk)
    if request.method != "POST" or not desk.may(Deed.EDIT_CAMPAIGN):
        return await show_rule(request, desk, row, kept)
    site, sent = request.state.site, await forms.sent_to(request)
    typed, base, do = forms.typed_in(sent), forms.base_of(sent), str(sent.get("do", ""))
    was = plan_here(row, kept)
    if do != "save":
        return await show_rule(request, desk, row, kept, typed=_changed(typed, do, was), base=base)
    try:
        plan = plan_typed(typed, was, row["currencies"], row["store_zone"])
        require_rewards(request, desk, plan, was, step_keys(typed))
        await save_program(site.database, desk.author, row["id"], base, plan, site.clock())
    except Refusal as refusal:
        about = about_field(refusal, step_keys(typed), typed)
        return await show_rule(request, desk, row, kept, typed=typed, base=base, refusal=about)
    return back_to(f"{desk.home}{HOME}/{row['id']}?done=saved")


def require_rewards(
    request: Request, desk: Desk, plan: ProgramPlan, was: ProgramPlan, keys: list[str]
) -> None:
    """Raises Conflict for a reward that the store's plan does not have; what was saved stays."""
    saved = {step.id: step.reward.kind for step in was.steps}
    for key, step in zip(keys, plan.steps, strict=False):
        if step.id is None or saved.get(step.id) != step.reward.kind:
            require(request, desk, f"reward.{step.reward.kind}", f"{key}-reward")


def _changed(typed: dict[str, str], do: str, was: ProgramPlan) -> dict[str, str]:
    """What is typed after a button of the form: a milestone more, one less, or one moved up."""
    keys = step_keys(typed)
    if do == "add" and len(keys) < MOST_STEPS:
        key = f"m{max((int(key[1:]) for key in keys), default=-1) + 1}"
        measure = KINDS[was.kind].measures[0].key
        return typed | {key: "new", f"{key}-measure": measure, f"{key}-reward": "points"}
    if do.startswith("remove-") and (key := do.removeprefix("remove-")) in keys:
        return _without(typed, key)
    if do.startswith("up-") and (key := do.removeprefix("up-")) in keys[1:]:
        return _swapped(typed, keys[keys.index(key) - 1], key)
    return typed


def _without(typed: Mapping[str, str], key: str) -> dict[str, str]:
    return {n: v for n, v in typed.items() if n != key and not n.startswith(f"{key}-")}


def _swapped(typed: Mapping[str, str], one: str, other: str) -> dict[str, str]:
    """The fields of two milestones in each other's place."""

    def renamed(name: str) -> str:
        head, dash, rest = name.partition("-")
        return {one: other, other: one}.get(head, head) + dash + rest

    return {renamed(name): value for name, value in typed.items()}


async def show_rule(
    request: Request,
    desk: Desk,
    row: Any,
    kept: list[Any],
    *,
    typed: dict[str, str] | None = None,
    base: int | None = None,
    refusal: Refusal | None = None,
) -> Response:
    """The rule's page."""
    site, was = request.state.site, plan_here(row, kept)
    held = await part_held(site.database, desk.author, part(row["id"]), site.clock())
    saved = saved_plan(was)
    values = typed if typed is not None else held.typed or saved
    find = plain(values.get("find", ""), 80).strip()
    picked = [int(m[2]) for name in values if (m := PICKED.fullmatch(name))]
    async with reading(site.database) as db:
        goods = await program_list.gifts(db, desk.store_id, find, picked[:200], SHOWN)
    titles = {p["id"]: in_language(p, desk.locale)("title") for p in goods}
    context: dict[str, Any] = {
        "row": row,
        "state": state_of(row, site.clock()),
        "kind": KINDS[row["kind"]],
        "measures": MEASURES,
        "rewards": list(REWARDS.values()),
        "has_given": {str(m["id"]) for m in kept if m["has_given"]},
        "goods": [{**dict(p), "title": titles[p["id"]]} for p in goods],
        "titles": titles,
        "most_steps": MOST_STEPS,
        "step_keys": step_keys,
        "base_at": f"{desk.home}{HOME}/{row['id']}",
        "may_edit": desk.may(Deed.EDIT_CAMPAIGN),
        "gates": {key: gate(request, desk, f"reward.{key}") for key in REWARDS},
        "ask_at": ask_at(request),
        **await beside(request, desk, row, was, values, titles),
    }
    labels = _labels(saved | values, desk.locale)
    sheet = Sheet(
        part(row["id"]), "studio/programs/rule.html", saved, labels, context, _read_as(desk, titles)
    )
    done = DONE.get(request.query_params.get("done", ""))
    return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal, done=done)


async def beside(
    request: Request,
    desk: Desk,
    row: Any,
    was: ProgramPlan,
    values: Mapping[str, str],
    titles: Mapping[int, str],
) -> dict[str, Any]:
    """What stands beside the rule: the trail, and advice; of what is typed, if that can be."""
    site = request.state.site
    try:
        plan = plan_typed(values, was, row["currencies"], row["store_zone"])
    except Invalid:
        plan = was
    known = await around(site.database, desk.store_id, plan, site.clock())
    pieces = advise(plan, row["buys"] or {}, known.bills, known.gifts)
    own = {p: in_language(r, desk.locale)("title") for p, r in known.rows.items()}
    standing, reading_said = example_standing(plan, desk.locale)
    return {
        "t": program_trail(plan, standing, {**titles, **own}, desk.locale),
        "stands_at": reading_said,
        "advice": [
            {
                "topic": piece.topic,
                "is_good": piece.is_good,
                "sentence": say(Sentence(piece.message, piece.fields), desk.locale),
            }
            for piece in pieces
        ],
    }


def example_standing(plan: ProgramPlan, locale: str) -> tuple[Standing, str]:
    """Somebody on the way to the first milestone, and how far they are, in words."""
    steps: list[Step] = list(plan.steps)
    if not steps:
        return Standing(), ""
    first = steps[0] if KINDS[plan.kind].in_steps else min(steps, key=lambda step: step.target)
    measure = MEASURES[first.measure]
    if measure.sums in ("days", "months"):
        return Standing(), ""
    so_far = first.target * 3 // 5
    if not so_far:
        return Standing(), ""
    said = written_in(locale).field(measure.said(so_far, plan.currency))
    return Standing({measure.key: so_far}), said


def _labels(typed: Mapping[str, str], locale: str) -> dict[str, str]:
    """What the fields are called where two people's texts are put side by side."""
    _ = translator(locale).gettext
    found = {name: _(label) for name, label in LABELS.items()}
    for place, key in enumerate(step_keys(typed), 1):
        own = _("Milestone %(place)s") % {"place": place}
        found |= {f"{key}-{name}": f"{own}: {_(label)}" for name, label in FIELDS.items()}
        for product in products_of(typed, key):
            found[f"{key}-product-{product}"] = f"{own}: {_('gift')}"
    return found


def _read_as(desk: Desk, titles: Mapping[int, str]) -> Any:
    """What a field's value means, for whoever compares two people's texts."""
    _ = translator(desk.locale).gettext

    def says(name: str, value: str) -> str:
        if name.endswith("-measure"):
            return _(MEASURES[value].title) if value in MEASURES else value
        if name.endswith("-reward"):
            return _(REWARDS[value].title) if value in REWARDS else value
        if (found := PICKED.fullmatch(name)) and value:
            return titles.get(int(found[2]), found[2])
        return value

    return says


@behind(Deed.EDIT_CAMPAIGN)
async def keep(request: Request, desk: Desk) -> Response:
    """`POST …/{program}/keep`: what is typed is kept, or put aside."""
    row, _ = await program_of(request, desk)
    home = f"{desk.home}{HOME}/{row['id']}"
    if request.method != "POST":
        return back_to(home)
    return await kept_as_typed(request, desk, part(row["id"]), home)


@behind(Deed.SEE_STORE)
async def preview(request: Request, desk: Desk) -> Response:
    """`POST …/{program}/preview`: what stands beside the rule, for its script."""
    row, kept = await program_of(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}{HOME}/{row['id']}")
    typed = forms.typed_in(await forms.sent_to(request))
    context = await beside(request, desk, row, plan_here(row, kept), typed, {})
    html = request.state.site.renderer.page(
        "studio/programs/beside.html", desk.locale, store=desk.store, **context
    )
    return JSONResponse({"html": html}, headers=PRIVATE)
