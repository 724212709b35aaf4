"""`…/programs`: the list of rules, and a new one of the seven kinds (S1, S2, S10)."""

from datetime import datetime
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.loyalty_rewards import REWARDS, say_reward
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.domain.program_plans import ProgramPlan, Step
from milepost.domain.programs import KINDS, ProgramKind
from milepost.domain.roles import Deed
from milepost.services.programs import create_program, discard_program
from milepost.storage import program_list
from milepost.storage.database import reading
from milepost.storage.program_list import MOST_COUNTED
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.gates import ask_at, gate, require
from milepost.web.studio.parts import errors_of, status_of, typed_in
from milepost.web.studio.programs.frame import DONE, HOME, program_of, state_of
from milepost.wording.languages import translator
from milepost.wording.saying import say

PAGE = 24


@behind(Deed.SEE_STORE)
async def listed(request: Request, desk: Desk) -> Response:
    """`GET …/programs`: the newest first; `?before=` goes on below."""
    site, query = request.state.site, request.query_params
    before = number_in(query.get("before", ""))
    async with reading(site.database) as db:
        rows = await program_list.of_store(db, desk.store_id, before, PAGE + 1)
    now = site.clock()
    return shown(
        request,
        "studio/programs/programs.html",
        desk,
        rows=[
            {**dict(row), "state": state_of(row, now), "kind_title": KINDS[row["kind"]].title}
            for row in rows[:PAGE]
        ],
        most=MOST_COUNTED - 1,
        older=urlencode({"before": rows[PAGE - 1]["id"]}) if len(rows) > PAGE else "",
        is_first=before is None,
        may_edit=desk.may(Deed.EDIT_CAMPAIGN),
        done=DONE.get(query.get("done", "")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/programs/new`: which of the kinds; the draft begins with one milestone of its."""
    site, refusal = request.state.site, None
    async with reading(site.database) as db:
        store = await program_list.store(db, desk.store_id)
    currency = store["currencies"][0]
    if request.method == "POST":
        kind = KINDS.get((await typed_in(request)).get("kind", ""))
        if kind is None:
            raise HTTPException(422)
        try:
            require(request, desk, f"program.{kind.key}")
            plan = beginning(kind, currency, store["locale"], store["zone"], site.clock())
            made = await create_program(site.database, desk.author, plan, site.clock())
            return back_to(f"{desk.home}{HOME}/{made}?done=begun")
        except Refusal as refused:
            refusal = refused
    return shown(
        request,
        "studio/programs/new.html",
        desk,
        status_of(refusal),
        kinds=[
            {
                "kind": kind,
                "gate": gate(request, desk, f"program.{kind.key}"),
                "example": example(kind, currency, desk.locale),
            }
            for kind in KINDS.values()
        ],
        errors=errors_of(refusal, desk.locale),
    )


def first_step(kind: ProgramKind, currency: str) -> Step:
    """The milestone that a program of this kind begins with."""
    target, points = kind.example
    return Step(kind.measures[0].key, target, REWARDS["points"].make(points, currency))


def beginning(
    kind: ProgramKind, currency: str, locale: str, zone: str, now: datetime
) -> ProgramPlan:
    """The rule that a new program has before anybody has changed it, in the store's language."""
    name = translator(locale).gettext(kind.title)
    steps = (first_step(kind, currency),)
    starts_at = now.replace(second=0, microsecond=0)
    return ProgramPlan(kind.key, name, steps, starts_at, None, currency, None, zone)


def example(kind: ProgramKind, currency: str, locale: str) -> str:
    """Its first milestone in a sentence."""
    step = first_step(kind, currency)
    fields = {
        "target": kind.measures[0].said(step.target, currency),
        "reward": say(say_reward(step.reward), locale),
    }
    return say(Sentence(N_("Such as: %(target)s → %(reward)s"), fields), locale)


@behind(Deed.EDIT_CAMPAIGN)
async def discard(request: Request, desk: Desk) -> Response:
    """`…/{program}/discard`: a draft that was never on is thrown away, after a question."""
    site, refusal = request.state.site, None
    row, _ = await program_of(request, desk)
    if request.method == "POST":
        try:
            await discard_program(site.database, desk.author, row["id"], site.clock())
            return back_to(f"{desk.home}{HOME}?done=discarded")
        except Refusal as refused:
            refusal = refused
    return shown(
        request,
        "studio/programs/discard.html",
        desk,
        status_of(refusal),
        row=row,
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.SEE_STORE)
async def help_page(request: Request, desk: Desk) -> Response:
    """`GET …/programs/help`: each kind and each reward explained (S10)."""
    return shown(
        request,
        "studio/programs/help.html",
        desk,
        kinds=KINDS.values(),
        rewards=REWARDS.values(),
        ask_at=ask_at(request),
    )
