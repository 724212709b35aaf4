"""`/me/pledges/{key}/answers`: what the creator asks about a pledge, until the lock (B9)."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.services.publishing import in_language
from milepost.services.signing_in import Visit
from milepost.services.surveying import LONGEST, WrongAnswers, answer
from milepost.storage import surveys
from milepost.storage.database import reading
from milepost.web.me import next as coming
from milepost.web.me.view import answers_view
from milepost.web.me.visit import back_to, language_of, said, shown, signed_in, the_pledge
from milepost.web.public.chosen import plain
from milepost.web.public.view import store_view
from milepost.wording.saying import say

MOST_FIELDS = 200


@signed_in
async def answers(request: Request, visit: Visit) -> Response:
    """GET: the questions with what was answered. POST: 303 back, or what is wrong beside each."""
    site = request.state.site
    async with reading(site.database) as db:
        own = await the_pledge(db, request, visit)
        questions = await surveys.of_pledge(db, own["id"])
    if not questions:
        raise HTTPException(404)
    locale = language_of(request, own["locale"])
    if request.method != "POST":
        return _form(request, visit, own, questions, locale)
    sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
    typed = {q["id"]: plain(str(sent.get(f"q-{q['id']}", "")), LONGEST + 1) for q in questions}
    try:
        await answer(site.database, own["id"], typed, site.clock())
    except WrongAnswers as wrong:
        errors = said(wrong.errors, locale)
        return _form(request, visit, own, questions, locale, typed, errors, status=422)
    except Refusal as refusal:
        refused = say(refusal.sentence, locale)
        return _form(request, visit, own, questions, locale, typed, refused=refused, status=409)
    return back_to(f"/me/pledges/{own['key']}?done=answers")


def _form(
    request: Request,
    visit: Visit,
    own: Any,
    questions: Sequence[Any],
    locale: str,
    typed: Mapping[int, str] | None = None,
    errors: Mapping[int, str] | None = None,
    refused: str = "",
    status: int = 200,
) -> Response:
    return shown(
        request,
        "me/answers.html",
        locale,
        status,
        visit=visit,
        store=store_view(own, locale),
        own=dict(own),
        title=in_language(own, locale)("title"),
        questions=answers_view(questions, locale, typed, errors),
        wrong=bool(errors),
        refused=refused,
        longest=LONGEST,
        locked=coming.is_locked(own, request.state.site.clock()),
    )
