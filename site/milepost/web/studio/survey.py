"""`…/fulfilment/questions` and `…/lock`: what is asked, who has not answered, until when."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.campaigns import instant
from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import asking
from milepost.services.surveying import NewQuestion
from milepost.storage import parcels, pledge_list, surveys
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import errors_of, numbered, status_of, typed_in

DONE = {
    "asked": N_("The question is asked. Everybody whom it concerns gets a mail."),
    "changed": N_("The question is changed."),
    "reminded": N_("Whoever has not answered gets a mail."),
    "locked": N_("The lock is announced. Everybody concerned gets a mail."),
}


@behind(Deed.FULFIL)
async def questions(request: Request, desk: Desk) -> Response:
    """`…/questions`: what is asked; an editor asks another."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        asked = await pledge_list.questions(db, desk.campaign_id)
        choices = await pledge_list.choices(db, desk.campaign_id)
        contents = await parcels.contents(db, desk.row["track_id"])
        lock = await surveys.lock_of(db, desk.campaign_id)
    return shown(
        request,
        "studio/fulfilment/questions.html",
        desk,
        status_of(refusal),
        questions=asked,
        choices=choices,
        contents=contents,
        lock=lock,
        locked=lock["locks_at"] is not None and lock["locks_at"] <= site.clock(),
        edits=desk.may(Deed.EDIT_CAMPAIGN),
        typed=typed or {"kind": "text", "required": "on"},
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(request.query_params.get("done", "")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def ask(request: Request, desk: Desk) -> Response:
    """`POST …/questions/ask`: one more question, and a mail to everybody whom it concerns."""
    here = f"{desk.campaign_home}/fulfilment/questions"
    if request.method != "POST":
        return back_to(here)
    site, typed = request.state.site, await typed_in(request)
    choice, whom = typed.get("kind") == "choice", typed.get("whom", "")
    number = number_in(whom.partition("-")[2])
    options = _options(typed.get("options", "")) if choice else []
    question = NewQuestion(
        prompt=typed.get("prompt", "").strip(),
        kind="choice" if choice else "text",
        options=options,
        required="required" in typed,
        tiers=[number] if number and whom.startswith("tier-") else [],
        milestone_id=number if number and whom.startswith("milestone-") else None,
    )
    try:
        if choice and not options:
            raise Invalid(N_("Write at least one option, each on a line."), about="options")
        await asking.ask(
            site.database,
            desk.store_id,
            desk.campaign_id,
            question,
            desk.creator_id,
            site.clock(),
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal, typed)
    return back_to(f"{here}?done=asked")


def _options(said: str) -> list[str]:
    return [line for own in said.splitlines() if (line := " ".join(own.split()))]


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`…/questions/{question}`: its words, its options, whether it must be answered."""
    site, number = request.state.site, numbered(request, "question")
    async with reading(site.database) as db:
        asked = await pledge_list.questions(db, desk.campaign_id)
    row = next((q for q in asked if q["id"] == number), None)
    if row is None:
        raise HTTPException(404)
    refusal: Refusal | None = None
    typed: dict[str, Any] = {
        "prompt": row["prompt"],
        "options": "\n".join(row["options"]),
        **({"required": "on"} if row["required"] else {}),
    }
    if request.method == "POST":
        typed = {**await typed_in(request)}
        try:
            await asking.change_question(
                site.database,
                desk.store_id,
                desk.campaign_id,
                number,
                typed.get("prompt", ""),
                _options(typed.get("options", "")),
                "required" in typed,
                desk.creator_id,
                site.clock(),
            )
        except Refusal as error:
            refusal = error
        else:
            return back_to(f"{desk.campaign_home}/fulfilment/questions?done=changed")
    return shown(
        request,
        "studio/fulfilment/question.html",
        desk,
        status_of(refusal),
        question=row,
        typed=typed,
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.FULFIL)
async def remind(request: Request, desk: Desk) -> Response:
    """`POST …/questions/remind`: a mail to whoever has not answered, once a day at most."""
    here = f"{desk.campaign_home}/fulfilment/questions"
    if request.method != "POST":
        return back_to(here)
    site = request.state.site
    try:
        await asking.remind_now(
            site.database, desk.store_id, desk.campaign_id, desk.creator_id, site.clock()
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(f"{here}?done=reminded")


@behind(Deed.EDIT_CAMPAIGN)
async def lock(request: Request, desk: Desk) -> Response:
    """`…/lock`: from when on addresses and answers stand; on the campaign's own clock."""
    site, refusal = request.state.site, None
    typed: dict[str, str] = {}
    if request.method == "POST":
        typed = await typed_in(request)
        try:
            locks_at = _instant(typed.get("at", ""), desk.row["zone"])
            await asking.lock(
                site.database,
                desk.store_id,
                desk.campaign_id,
                locks_at,
                desk.creator_id,
                site.clock(),
            )
        except Refusal as error:
            refusal = error
        else:
            return back_to(f"{desk.campaign_home}/fulfilment/lock?done=locked")
    async with reading(site.database) as db:
        known = await surveys.lock_of(db, desk.campaign_id)
    at = known["locks_at"]
    local = at.astimezone(ZoneInfo(desk.row["zone"])).strftime("%Y-%m-%dT%H:%M") if at else ""
    return shown(
        request,
        "studio/fulfilment/lock.html",
        desk,
        status_of(refusal),
        locks_at=at,
        locked=at is not None and at <= site.clock(),
        typed={"at": local} | typed,
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(request.query_params.get("done", "")),
    )


def _instant(said: str, zone: str) -> datetime:
    """What a browser's own field for day and time sends. Raises Invalid."""
    try:
        return instant(datetime.strptime(said.strip()[:16], "%Y-%m-%dT%H:%M"), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(N_("Type a day and a time, such as 2026-12-24T18:00."), about="at") from None
