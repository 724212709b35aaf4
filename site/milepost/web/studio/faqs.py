"""`…/updates/faq`: questions that backers ask again and again, answered on the page (B7)."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.domain.talking import LONGEST_ANSWER, LONGEST_QUESTION, MOST_FAQS
from milepost.services.explaining import Faq, add_faq, change_faq, move_faq, remove_faq
from milepost.services.publishing import in_language
from milepost.storage import comments, faqs, updates
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.updates import MOST_FIELDS, home_of
from milepost.web.studio.writing import text_of, texts_in, title_of, translated
from milepost.wording.languages import NAMES
from milepost.wording.prose import prose
from milepost.wording.saying import say

NAMED = ("question", "answer")
DONE = {
    "added": N_("The question stands on the page."),
    "changed": N_("The question is saved."),
    "moved": N_("The order is changed."),
    "removed": N_("The question is gone from the page."),
}


@behind(Deed.SEE_CAMPAIGN)
async def faqs_page(request: Request, desk: Desk) -> Response:
    """`…/updates/faq`: the list in its order, and a form for one more; POST adds it."""
    return await _page(request, desk, {})


async def _page(
    request: Request,
    desk: Desk,
    sent: Mapping[str, str],
    refusal: Refusal | None = None,
    faq_id: int | None = None,
) -> Response:
    """The list; the form is for one more, or for the question that is being changed."""
    async with reading(request.state.site.database) as db:
        rows = await faqs.of_campaign(db, desk.campaign_id)
        counts = await comments.counts(db, desk.campaign_id)
        locale = await updates.locale_of(db, desk.campaign_id)
    changed = next((row for row in rows if row["id"] == faq_id), None)
    if faq_id is not None and changed is None:
        raise HTTPException(404)
    typed = _typed(sent)
    if changed is not None and not sent:
        typed = Faq(changed["question"], changed["answer"], changed["translations"])
    errors, status = {}, 200
    if refusal is not None:
        errors = {refusal.about: say(refusal.sentence, desk.locale)}
        status = 422 if isinstance(refusal, Invalid) else 409
    form = {
        "question": typed.question,
        "answer": typed.answer,
        "languages": translated(typed.translations, locale, NAMED),
        "language": NAMES.get(locale, locale),
        "longest_question": LONGEST_QUESTION,
        "longest_answer": LONGEST_ANSWER,
    }
    return shown(
        request,
        "studio/faqs.html",
        desk,
        status,
        faqs=[_shown(row, desk.locale) for row in rows],
        counts=counts,
        form=form,
        changed=faq_id,
        is_full=len(rows) >= MOST_FAQS,
        errors=errors,
        done=DONE.get(request.query_params.get("done", "")),
    )


def _shown(row: Any, locale: str) -> dict[str, Any]:
    text = in_language(row, locale)
    return {"id": row["id"], "question": text("question"), "answer": prose(text("answer"))}


@behind(Deed.EDIT_CAMPAIGN)
async def add(request: Request, desk: Desk) -> Response:
    """`POST …/updates/faq/add`: one more, below the others."""
    here = f"{home_of(desk)}/faq"
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await _sent(request)
    try:
        await add_faq(site.database, desk.author, _typed(sent), site.clock())
    except Refusal as refusal:
        return await _page(request, desk, sent, refusal)
    return back_to(f"{here}?done=added")


@behind(Deed.EDIT_CAMPAIGN)
async def change(request: Request, desk: Desk) -> Response:
    """`…/updates/faq/{faq}`: the form of one question; POST saves it."""
    site, faq_id = request.state.site, _id_of(request)
    if request.method != "POST":
        return await _page(request, desk, {}, faq_id=faq_id)
    sent = await _sent(request)
    try:
        await change_faq(site.database, desk.author, faq_id, _typed(sent), site.clock())
    except Invalid as refusal:
        return await _page(request, desk, sent, refusal, faq_id)
    return back_to(f"{home_of(desk)}/faq?done=changed")


@behind(Deed.EDIT_CAMPAIGN)
async def move(request: Request, desk: Desk) -> Response:
    """`POST …/updates/faq/{faq}/move`: one place `up` or `down`."""
    here, faq_id = f"{home_of(desk)}/faq", _id_of(request)
    if request.method != "POST":
        return back_to(here)
    site, sent = request.state.site, await _sent(request)
    if sent.get("to") not in ("up", "down"):
        return back_to(here)
    await move_faq(site.database, desk.author, faq_id, sent["to"] == "up", site.clock())
    return back_to(f"{here}?done=moved#faq-{faq_id}")


@behind(Deed.EDIT_CAMPAIGN)
async def remove(request: Request, desk: Desk) -> Response:
    """`POST …/updates/faq/{faq}/remove`: gone from the page; the log keeps what it said."""
    here, faq_id = f"{home_of(desk)}/faq", _id_of(request)
    if request.method != "POST":
        return back_to(here)
    site = request.state.site
    await remove_faq(site.database, desk.author, faq_id, site.clock())
    return back_to(f"{here}?done=removed")


def _id_of(request: Request) -> int:
    found = number_in(request.path_params["faq"])
    if found is None:
        raise HTTPException(404)
    return found


async def _sent(request: Request) -> dict[str, str]:
    sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: str(value) for name, value in sent.items()}


def _typed(sent: Mapping[str, str]) -> Faq:
    question, answer = title_of(sent.get("question", "")), text_of(sent.get("answer", ""))
    return Faq(question, answer, texts_in(sent, NAMED))
