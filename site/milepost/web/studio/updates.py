"""`…/updates`: drafts, updates that are out, and how one goes out (B7)."""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.numbers import LARGEST_SMALL, number_in
from milepost.domain.roles import Deed
from milepost.domain.talking import LONGEST_TITLE, LONGEST_UPDATE, Readers
from milepost.services.publishing import in_language
from milepost.services.updating import (
    Draft,
    Stale,
    discard_draft,
    from_milestone,
    publish_update,
    save,
    start,
    withdraw_update,
)
from milepost.storage import comments, updates
from milepost.storage.database import reading
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.writing import text_of, texts_in, title_of, translated
from milepost.wording.languages import LOCALES, NAMES
from milepost.wording.prose import prose
from milepost.wording.saying import say

PAGE = 20
MOST_DRAFTS = 50
MOST_FIELDS = 30
DONE = {
    "saved": N_("The draft is saved."),
    "edited": N_("The update is saved. Readers see it as it is now."),
    "published": N_("The update is out."),
    "withdrawn": N_("The update is withdrawn. Nobody outside the studio sees it."),
    "discarded": N_("The draft is gone."),
}


def home_of(desk: Desk) -> str:
    """Where the tab begins."""
    return f"{desk.campaign_home}/updates"


@behind(Deed.SEE_CAMPAIGN)
async def updates_page(request: Request, desk: Desk) -> Response:
    """`GET …/updates`: drafts, then what is out, newest first; `?before=` goes on below one."""
    before = number_in(request.query_params.get("before", ""), LARGEST_SMALL)
    async with reading(request.state.site.database) as db:
        drafts = await updates.drafts(db, desk.campaign_id, MOST_DRAFTS) if before is None else []
        rows = await updates.published(db, desk.campaign_id, before, PAGE + 1)
        counts = await comments.counts(db, desk.campaign_id)
        untold = await updates.untold(db, desk.row["track_id"]) if before is None else []
    told = [
        {"id": m["id"], "target": m["target"], "is_open": m["is_open"],
         "title": in_language(m, desk.locale)("title") if m["title"] else ""}
        for m in untold
    ]  # fmt: skip
    return shown(
        request,
        "studio/updates.html",
        desk,
        drafts=drafts,
        published=rows[:PAGE],
        older=rows[PAGE - 1]["number"] if len(rows) > PAGE else None,
        is_first=before is None,
        counts=counts,
        untold=told,
        done=DONE.get(request.query_params.get("done", "")),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def new_update(request: Request, desk: Desk) -> Response:
    """`…/updates/new`: an empty form, or one that tells a reached `?milestone=`; POST keeps it."""
    if request.method == "POST":
        return await _saved(request, desk, None)
    milestone_id, draft = number_in(request.query_params.get("milestone", "")), Draft()
    async with reading(request.state.site.database) as db:
        locale = await updates.locale_of(db, desk.campaign_id)
        if milestone_id is not None:
            found = await from_milestone(db, desk.campaign_id, milestone_id)
            if found is None:
                raise HTTPException(404)
            draft = found[0]
    form = _form(draft, locale) | {"key": secrets.token_urlsafe(12), "milestone": milestone_id}
    return shown(request, "studio/update.html", desk, u=None, form=form, errors={}, done=None)


@behind(Deed.EDIT_CAMPAIGN)
async def one_update(request: Request, desk: Desk) -> Response:
    """`…/updates/{update}`: the form of one update; POST saves it, and may go on to publishing."""
    row = await _found(request, desk)
    if request.method == "POST":
        return await _saved(request, desk, row)
    form = _form(_draft_in(row), row["store_locale"]) | {"revision": row["revision"]}
    done = DONE.get(request.query_params.get("done", ""))
    return shown(
        request, "studio/update.html", desk, u=_facts(row), form=form, errors={}, done=done
    )


async def _saved(request: Request, desk: Desk, row: Any) -> Response:
    """What was typed is kept, shown as it would look, or shown again with what is wrong."""
    sent = await _sent(request)
    draft = _typed(sent)
    if sent.get("do") == "preview":
        return await _again(request, desk, row, sent, draft, preview=True)
    try:
        update_id, _ = await _keep(request, desk, row, sent, draft)
    except Refusal as refusal:
        return await _again(request, desk, row, sent, draft, refusal)
    here = f"{home_of(desk)}/{update_id}"
    if sent.get("do") == "publish":
        return back_to(f"{here}/publish")
    was_out = row is not None and row["published_at"] is not None
    return back_to(f"{here}?done={'edited' if was_out else 'saved'}")


async def _keep(
    request: Request, desk: Desk, row: Any, sent: Mapping[str, str], draft: Draft
) -> tuple[int, int]:
    """The update's id and its revision from now on."""
    site, at = request.state.site, desk.author
    if row is None:
        key = sent.get("key", "")[:40] or secrets.token_urlsafe(12)
        milestone_id = number_in(sent.get("milestone", ""))
        return await start(site.database, at, key, draft, milestone_id, site.clock())
    stood = number_in(sent.get("revision", ""), LARGEST_SMALL) or 0
    revision = await save(site.database, at, row["id"], draft, stood, site.clock())
    return row["id"], revision


async def _again(
    request: Request,
    desk: Desk,
    row: Any,
    sent: Mapping[str, str],
    draft: Draft,
    refusal: Refusal | None = None,
    preview: bool = False,
) -> Response:
    """The form with all that was typed; after Stale its next try overwrites what was saved."""
    async with reading(request.state.site.database) as db:
        locale = await updates.locale_of(db, desk.campaign_id)
        if row is not None:
            row = await updates.for_studio(db, desk.campaign_id, row["id"])
    errors, status = {}, 200
    if refusal is not None:
        errors = {refusal.about: say(refusal.sentence, desk.locale)}
        status = 422 if isinstance(refusal, Invalid) else 409
    form = _form(draft, locale) | {
        "key": sent.get("key", "")[:40],
        "milestone": number_in(sent.get("milestone", "")),
        "revision": row["revision"]
        if row is not None and isinstance(refusal, Stale)
        else number_in(sent.get("revision", ""), LARGEST_SMALL),
        "theirs": _draft_in(row) if row is not None and isinstance(refusal, Stale) else None,
    }
    return shown(
        request,
        "studio/update.html",
        desk,
        status,
        u=_facts(row) if row is not None else None,
        form=form,
        errors=errors,
        done=None,
        preview=_looks(draft, row) if preview else None,
    )


@behind(Deed.EDIT_CAMPAIGN)
async def keep_new(request: Request, desk: Desk) -> Response:
    """`POST …/updates/new/keep`: a script keeps a draft that has no address yet."""
    if request.method != "POST":
        return back_to(home_of(desk))
    return await _kept(request, desk, None)


@behind(Deed.EDIT_CAMPAIGN)
async def keep(request: Request, desk: Desk) -> Response:
    """`POST …/updates/{update}/keep`: a script keeps a draft while it is typed.

    What is published is never changed by itself: for that somebody presses the button.
    """
    row = await _found(request, desk)
    if request.method != "POST":
        return back_to(f"{home_of(desk)}/{row['id']}")
    if row["published_at"] is not None:
        return _told(409, error=say(N_("This update is published. Save it yourself."), desk.locale))
    return await _kept(request, desk, row)


async def _kept(request: Request, desk: Desk, row: Any) -> Response:
    sent = await _sent(request)
    try:
        update_id, revision = await _keep(request, desk, row, sent, _typed(sent))
    except Refusal as refusal:
        status = 422 if isinstance(refusal, Invalid) else 409
        return _told(status, error=say(refusal.sentence, desk.locale))
    return _told(200, here=f"{home_of(desk)}/{update_id}", revision=revision)


def _told(status: int, **said: object) -> JSONResponse:
    return JSONResponse(said, status, PRIVATE)


@behind(Deed.EDIT_CAMPAIGN)
async def preview(request: Request, desk: Desk) -> Response:
    """`POST …/updates/preview`: what was typed as its page will show it, for a script."""
    if request.method != "POST":
        return back_to(home_of(desk))
    sent = await _sent(request)
    language = sent.get("language", "")
    draft = _typed(sent)
    texts = draft.translations.get(language, {})
    draft = Draft(
        texts.get("title") or draft.title, texts.get("text") or draft.text, draft.audience
    )
    u = _looks(draft, None) | {"number": number_in(sent.get("number", ""), LARGEST_SMALL)}
    locale = language if language in LOCALES else desk.locale
    html = request.state.site.renderer.page(
        "public/parts/update.html", locale, c=desk.campaign(request.state.site.clock()), u=u
    )
    return _told(200, html=html)


@behind(Deed.EDIT_CAMPAIGN)
async def publish(request: Request, desk: Desk) -> Response:
    """`…/updates/{update}/publish`: how it will look and who gets it; POST publishes it."""
    row, here = await _found(request, desk), home_of(desk)
    if row["published_at"] is not None:
        return back_to(f"{here}/{row['id']}?done=published")
    if request.method != "POST":
        return await _before(request, desk, row)
    site, sent = request.state.site, await _sent(request)
    revision = number_in(sent.get("revision", ""), LARGEST_SMALL) or 0
    try:
        await publish_update(site.database, desk.author, row["id"], revision, site.clock())
    except Refusal as refusal:
        return await _before(request, desk, await _found(request, desk), refusal)
    return back_to(f"{here}/{row['id']}?done=published")


async def _before(
    request: Request, desk: Desk, row: Any, refusal: Refusal | None = None
) -> Response:
    async with reading(request.state.site.database) as db:
        readers = await updates.readers(db, desk.campaign_id)
    errors = {"": say(refusal.sentence, desk.locale)} if refusal is not None else {}
    status = 200 if refusal is None else 422 if isinstance(refusal, Invalid) else 409
    looks = [("", NAMES.get(row["store_locale"], ""), _looks(_draft_in(row), row))]
    for locale, texts in row["translations"].items():
        draft = Draft(texts.get("title") or row["title"], texts.get("text") or row["text"])
        looks.append((locale, NAMES.get(locale, locale), _looks(draft, row)))
    return shown(
        request,
        "studio/update_publish.html",
        desk,
        status,
        u=_facts(row),
        looks=looks,
        readers=readers,
        errors=errors,
        missing=not (row["title"] and row["text"]),
    )


@behind(Deed.EDIT_CAMPAIGN)
async def withdraw(request: Request, desk: Desk) -> Response:
    """`POST …/updates/{update}/withdraw`: what was published is taken back."""
    row, here = await _found(request, desk), home_of(desk)
    if request.method != "POST":
        return back_to(f"{here}/{row['id']}")
    site = request.state.site
    await withdraw_update(site.database, desk.author, row["id"], site.clock())
    return back_to(f"{here}/{row['id']}?done=withdrawn")


@behind(Deed.EDIT_CAMPAIGN)
async def discard(request: Request, desk: Desk) -> Response:
    """`POST …/updates/{update}/discard`: a draft is thrown away."""
    row, here = await _found(request, desk), home_of(desk)
    if request.method != "POST":
        return back_to(f"{here}/{row['id']}")
    site = request.state.site
    await discard_draft(site.database, desk.author, row["id"], site.clock())
    return back_to(f"{here}?done=discarded")


async def _found(request: Request, desk: Desk) -> Any:
    """The update that the address names, if it is this campaign's. Raises 404."""
    update_id = number_in(str(request.path_params["update"]))
    row = None
    if update_id is not None:
        async with reading(request.state.site.database) as db:
            row = await updates.for_studio(db, desk.campaign_id, update_id)
    if row is None:
        raise HTTPException(404)
    return row


async def _sent(request: Request) -> dict[str, str]:
    sent = await request.form(max_files=0, max_fields=MOST_FIELDS)
    return {name: str(value).replace("\0", "") for name, value in sent.items()}


def _typed(sent: Mapping[str, str]) -> Draft:
    """What was typed, in each language."""
    return Draft(
        title_of(sent.get("title", "")),
        text_of(sent.get("text", "")),
        sent.get("audience", Readers.EVERYBODY),
        texts_in(sent, ("title", "text")),
    )


def _draft_in(row: Any) -> Draft:
    return Draft(row["title"], row["text"], row["audience"], row["translations"])


def _form(draft: Draft, store_locale: str) -> dict[str, Any]:
    """The form's fields as they are to be filled."""
    return {
        "title": draft.title,
        "text": draft.text,
        "audience": draft.audience,
        "languages": translated(draft.translations, store_locale, ("title", "text")),
        "language": NAMES.get(store_locale, store_locale),
        "longest_title": LONGEST_TITLE,
        "longest_text": LONGEST_UPDATE,
        "revision": None,
        "key": "",
        "milestone": None,
        "theirs": None,
    }


def _facts(row: Any) -> dict[str, Any]:
    """What is known of an update beside what it says."""
    names = ("id", "number", "title", "audience", "revision", "saved_at", "saver", "published_at")
    more = ("edited_at", "withdrawn_at", "waiting", "sent", "failed")
    return {name: row[name] for name in (*names, *more)}


def _looks(draft: Draft, row: Any) -> dict[str, Any]:
    """The update as the template of its page wants it."""
    return {
        "number": row["number"] if row is not None else None,
        "title": draft.title,
        "for_backers": draft.audience == Readers.BACKERS,
        "body": prose(draft.text) if draft.text else "",
        "published_at": row["published_at"] if row is not None else None,
        "edited_at": row["edited_at"] if row is not None else None,
    }
