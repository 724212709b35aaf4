"""`/c/{slug}/comments`: what backers say, about the campaign and below each update (B7)."""

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import LARGEST_SMALL, number_in
from milepost.domain.talking import LONGEST_COMMENT, LONGEST_NAME, Readers, Setting
from milepost.services.commenting import (
    Said,
    Thread,
    comment,
    report_comment,
    withdraw_comment,
)
from milepost.services.signing_in import TooOften
from milepost.storage import comments, updates
from milepost.storage.database import Connection, reading
from milepost.web.me.visit import back_to, client_of
from milepost.web.public.talk import (
    Place,
    answered,
    place_of,
    update_view,
)
from milepost.web.public.view import store_view
from milepost.wording.prose import excerpt, remark, writable
from milepost.wording.saying import say

PAGE = 20
MOST_ANSWERS = 50  # shown below one comment, the newest
DONE = {
    "shown": N_("Your comment is here."),
    "waiting": N_("Thank you. Others see your comment once the creator has approved it."),
    "withdrawn": N_("Your comment is gone."),
    "reported": N_("Thank you. The creator will look at it."),
}
NOT_SIGNED_IN = N_("You are not signed in any more. Copy your text, sign in, and send it again.")
STORE_S_NAME = N_("That is the name of the store. Type your own.")
NOT_A_BACKER = N_("Only backers of this campaign comment here.")


async def comments_page(request: Request) -> Response:
    """`/c/{slug}/comments`: newest first; POST adds one, here or below an update."""
    if request.method == "POST":
        return await _said(request)
    async with reading(request.state.site.database) as db:
        place = await place_of(request, db)
        thread = await thread_of(request, db, place, None)
    return answered(request, place, "public/comments.html", thread=thread)


async def _said(request: Request) -> Response:
    site, sent = request.state.site, await request.form(max_files=0, max_fields=10)
    typed = {name: str(sent.get(name, "")) for name in ("name", "text", "answers", "update")}
    number = number_in(typed["update"], LARGEST_SMALL)
    async with reading(site.database) as db:
        place = await place_of(request, db)
        update = None
        if number is not None:
            update = await updates.public_one(db, place.campaign["id"], place.is_backer, number)
            if update is None or not _may_read(update, place):
                raise HTTPException(404)
    name = " ".join(writable(typed["name"][: 2 * LONGEST_NAME]).split())
    text = _text_in(typed["text"])
    try:
        customer_id = _who(place)
        if name.casefold() == str(store_view(place.campaign, place.locale)["name"]).casefold():
            raise Invalid(STORE_S_NAME, about="name")
        thread = Thread(place.campaign["id"], update["id"] if update is not None else None)
        said = Said(name, text, number_in(typed["answers"]))
        shown = await comment(site.database, thread, customer_id, said, site.clock())
    except Refusal as refusal:
        return await _again(request, place, update, {"name": name, "text": text}, refusal)
    what = "shown" if shown else "waiting"
    return back_to(f"{_where(place, number)}?said={what}#comments")


def _who(place: Place) -> int:
    """The backer who comments. Raises Refusal."""
    if place.reader is None:
        raise Refusal(NOT_SIGNED_IN)
    if place.customer_id is None or not place.reader["was_backer"]:
        raise Refusal(NOT_A_BACKER)
    return place.customer_id


async def _again(
    request: Request, place: Place, update: Any, typed: Mapping[str, str], refusal: Refusal
) -> Response:
    """The page with the form as it was typed, and why it was not taken."""
    status = 429 if isinstance(refusal, TooOften) else 422 if isinstance(refusal, Invalid) else 409
    errors = {refusal.about: say(refusal.sentence, place.locale)}
    async with reading(request.state.site.database) as db:
        thread = await thread_of(request, db, place, update, typed, errors)
    if update is None:
        return answered(request, place, "public/comments.html", status, thread=thread)
    u = update_view(update, place.locale, is_open=True)
    return answered(
        request, place, "public/update.html", status, u=u, thread=thread, is_signed_in=True
    )


async def withdraw(request: Request) -> Response:
    """`POST /c/{slug}/comments/{comment}/withdraw`: one's own is gone."""
    site, comment_id = request.state.site, number_in(request.path_params["comment"])
    sent = await request.form(max_files=0, max_fields=5) if request.method == "POST" else {}
    number = number_in(str(sent.get("update", "")), LARGEST_SMALL)
    async with reading(site.database) as db:
        place = await place_of(request, db)
    if request.method == "POST":
        if comment_id is None or place.customer_id is None:
            raise HTTPException(404)
        who = place.customer_id
        await withdraw_comment(site.database, place.campaign["id"], comment_id, who)
        return back_to(f"{_where(place, number)}?said=withdrawn#comments")
    return back_to(_where(place, number))


async def report(request: Request) -> Response:
    """`/c/{slug}/comments/{comment}/report`: asks once, then tells the creator."""
    site, comment_id = request.state.site, number_in(request.path_params["comment"])
    async with reading(site.database) as db:
        place = await place_of(request, db)
        found = None
        if comment_id is not None:
            found = await comments.shown_one(db, place.campaign["id"], comment_id)
    if found is None or not _may_read(found, place):
        raise HTTPException(404)
    where = _where(place, found["number"])
    if request.method != "POST":
        return answered(request, place, "public/report.html", where=where, comment_id=found["id"])
    try:
        await report_comment(
            site.database, place.campaign["id"], found["id"], client_of(request), site.clock()
        )
    except TooOften as refusal:
        said = say(refusal.sentence, place.locale)
        context = {"where": where, "comment_id": found["id"], "error": said}
        return answered(request, place, "public/report.html", 429, **context)
    return back_to(f"{where}?said=reported#comments")


async def thread_of(
    request: Request,
    db: Connection,
    place: Place,
    update: Any,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The comments of a campaign, or of an update that the reader may read: three queries."""
    asked = request.query_params
    update_id = update["id"] if update is not None else None
    before = number_in(asked.get("before", ""))
    campaign_id, customer_id = place.campaign["id"], place.customer_id
    rows = await comments.of_thread(db, campaign_id, update_id, customer_id, before, PAGE + 1)
    shown = rows[:PAGE]
    below = await comments.answers(db, [row["id"] for row in shown], customer_id, MOST_ANSWERS)
    listed = [
        {**_comment(row), "answers": [_comment(one) for one in below.get(row["id"], [])]}
        for row in shown
    ]
    answering = number_in(asked.get("answer", ""))
    return {
        "comments": listed,
        "count": await comments.count(db, campaign_id, update_id),
        "older": shown[-1]["id"] if len(rows) > PAGE else None,
        "is_first": before is None,
        "here": _where(place, update["number"] if update is not None else None),
        "update": update["number"] if update is not None else "",
        "answering": next((c for c in listed if c["id"] == answering and c["is_shown"]), None),
        "may": _may_comment(place),
        "known_as": place.reader["known_as"] or "" if place.reader is not None else "",
        "typed": typed or {},
        "errors": errors or {},
        "done": DONE.get(asked.get("said", "")),
        "longest": LONGEST_COMMENT,
        "longest_name": LONGEST_NAME,
    }


def _comment(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "name": row["name"],
        "is_creators": row["is_creators"],
        "is_own": bool(row["is_own"]),
        "is_shown": row["state"] == "shown",
        "waits": row["state"] == "waiting",
        "made_at": row["made_at"],
        "body": remark(row["text"]) if row["text"] else "",
        "begins": excerpt(row["text"], 60) if row["text"] else "",
    }


def _may_comment(place: Place) -> str:
    """`yes`, or what stands in the way: `closed`, `signed_out`, `stranger`, `blocked`."""
    if place.campaign["comments"] == Setting.CLOSED:
        return "closed"
    if place.reader is None:
        return "signed_out"
    if place.customer_id is None or not place.reader["was_backer"]:
        return "stranger"
    return "blocked" if place.reader["is_blocked"] else "yes"


def _may_read(row: Any, place: Place) -> bool:
    return row["audience"] == Readers.EVERYBODY or place.is_backer


def _where(place: Place, number: int | None) -> str:
    home = f"/c/{place.campaign['slug']}"
    return f"{home}/updates/{number}" if number is not None else f"{home}/comments"


def _text_in(typed: str) -> str:
    """What was typed, its lines kept, without characters that no page can hold."""
    lines = typed.replace("\r\n", "\n").replace("\r", "\n")[: 2 * LONGEST_COMMENT].split("\n")
    return "\n".join(writable(line).rstrip() for line in lines).strip()
