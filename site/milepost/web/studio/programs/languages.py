"""`…/{program}/languages`: what the program says in other languages than its store's (B15)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.program_plans import LONGEST_NAME, LONGEST_TEXT, ProgramPlan
from milepost.domain.roles import Deed
from milepost.services.editing import part_held
from milepost.services.program_foresight import around
from milepost.services.program_words import save_words
from milepost.services.programs import part
from milepost.services.publishing import in_language
from milepost.web.loyalty.trail import program_trail
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.studio.desk import Desk, behind
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, kept_as_typed, show
from milepost.web.studio.programs.frame import DONE, HOME, program_of, state_of
from milepost.web.studio.programs.rule import example_standing, plan_here
from milepost.wording.languages import CART_LOCALES, LOCALES, NAMES, translator

PAGE = "languages"


def others(own: str) -> list[str]:
    """The languages to write in: all that a cart speaks, without the store's own."""
    return [tag for tag in CART_LOCALES if tag != own]


def says_more(tag: str) -> bool:
    """True where pages and mails come in it; a cart says a program's name alone."""
    return tag in LOCALES


@behind(Deed.SEE_STORE)
async def languages(request: Request, desk: Desk) -> Response:
    """GET shows the texts, POST saves them; also those of a program that is on."""
    site = request.state.site
    row, kept = await program_of(request, desk)
    plan, own = plan_here(row, kept), row["store_locale"]
    typed, base, refusal = None, None, None
    if request.method == "POST" and desk.may(Deed.EDIT_CAMPAIGN):
        sent = await forms.sent_to(request)
        typed, base = forms.typed_in(sent), forms.base_of(sent)
        if sent.get("do") == "save":
            try:
                names, texts = words_typed(typed, plan, own)
                await save_words(
                    site.database, desk.author, row["id"], base, names, texts, site.clock()
                )
                return back_to(f"{desk.home}{HOME}/{row['id']}/{PAGE}?done=saved")
            except Refusal as refused:
                refusal = refused
    held = await part_held(site.database, desk.author, part(row["id"], PAGE), site.clock())
    saved = saved_words(plan, own)
    values = typed if typed is not None else held.typed or saved
    context: dict[str, Any] = {
        "row": row,
        "state": state_of(row, site.clock()),
        "plan": plan,
        "spoken": [(tag, NAMES[tag], says_more(tag)) for tag in others(own)],
        "own": NAMES.get(own, own),
        "longest_name": LONGEST_NAME,
        "longest_text": LONGEST_TEXT,
        "base_at": f"{desk.home}{HOME}/{row['id']}",
        "may_edit": desk.may(Deed.EDIT_CAMPAIGN),
        **await beside(request, desk, row, plan, values),
    }
    labels = _labels(plan, own, desk.locale)
    sheet = Sheet(
        part(row["id"], PAGE), "studio/programs/languages.html", saved, labels, context
    )  # fmt: skip
    done = DONE.get(request.query_params.get("done", ""))
    return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal, done=done)


def words_typed(
    typed: Mapping[str, str], plan: ProgramPlan, own: str
) -> tuple[dict[str, str], dict[int, dict[str, str]]]:
    """The names by language, and each milestone's descriptions. Raises Invalid about a field."""
    names = {tag: forms.line(typed, f"name-{tag}", LONGEST_NAME) for tag in others(own)}
    texts = {
        step.id: {
            tag: forms.text(typed, f"t{step.id}-{tag}", LONGEST_TEXT)
            for tag in others(own)
            if says_more(tag)
        }
        for step in plan.steps
        if step.id is not None and step.text
    }
    return names, texts


def saved_words(plan: ProgramPlan, own: str) -> dict[str, str]:
    """The fields of the form as they are saved."""
    found = {f"name-{tag}": plan.names.get(tag, "") for tag in others(own)}
    for step in plan.steps:
        if step.text:
            found |= {
                f"t{step.id}-{tag}": step.texts.get(tag, "")
                for tag in others(own)
                if says_more(tag)
            }
    return found


def _labels(plan: ProgramPlan, own: str, locale: str) -> dict[str, str]:
    """What the fields are called where two people's texts are put side by side."""
    _ = translator(locale).gettext
    found = {}
    for tag in others(own):
        found[f"name-{tag}"] = f"{_('Name')} ({NAMES[tag]})"
        for place, step in enumerate(plan.steps, 1):
            if step.text and says_more(tag):
                said = _("Milestone %(place)s") % {"place": place}
                found[f"t{step.id}-{tag}"] = f"{said}: {_('description')} ({NAMES[tag]})"
    return found


async def beside(
    request: Request, desk: Desk, row: Any, plan: ProgramPlan, values: Mapping[str, str]
) -> dict[str, Any]:
    """The program as a customer of the language that is asked for sees it, with what is typed."""
    site, own = request.state.site, row["store_locale"]
    wished = values.get("at_lang", next(tag for tag in LOCALES if tag != own))
    tag = wished if wished in LOCALES else LOCALES[0]
    try:
        names, texts = words_typed(values, plan, own)
    except Invalid:
        names, texts = {}, {}
    steps = (
        replace(step, texts={**step.texts, **texts.get(step.id or 0, {})}) for step in plan.steps
    )
    heard = replace(plan, names={**plan.names, **names}, steps=tuple(steps)).spoken(tag)
    known = await around(site.database, desk.store_id, plan, site.clock())
    titles = {p: in_language(r, tag)("title") for p, r in known.rows.items()}
    standing, _ = example_standing(heard, tag)
    shown = site.renderer.page(
        "studio/programs/heard.html",
        tag,
        store=desk.store,
        name=heard.name,
        t=program_trail(heard, standing, titles, tag),
    )
    return {
        "heard": Markup(shown),
        "at_lang": tag,
        "listeners": [(one, NAMES[one]) for one in LOCALES],
    }


@behind(Deed.EDIT_CAMPAIGN)
async def keep(request: Request, desk: Desk) -> Response:
    """`POST …/languages/keep`: what is typed is kept, or put aside."""
    row, _ = await program_of(request, desk)
    home = f"{desk.home}{HOME}/{row['id']}/{PAGE}"
    if request.method != "POST":
        return back_to(home)
    return await kept_as_typed(request, desk, part(row["id"], PAGE), home)


@behind(Deed.SEE_STORE)
async def preview(request: Request, desk: Desk) -> Response:
    """`POST …/languages/preview`: what stands beside the texts, for its script."""
    row, kept = await program_of(request, desk)
    if request.method != "POST":
        return back_to(f"{desk.home}{HOME}/{row['id']}/{PAGE}")
    typed = forms.typed_in(await forms.sent_to(request))
    context = await beside(request, desk, row, plan_here(row, kept), typed)
    html = request.state.site.renderer.page(
        "studio/programs/heard_beside.html", desk.locale, store=desk.store, **context
    )
    return JSONResponse({"html": html}, headers=PRIVATE)
