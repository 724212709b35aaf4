"""`/studio/{store}/hooks`: where other programs are told of what happens, and how that goes."""

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.hooks import GROUPS, TESTED, TYPES, body_of
from milepost.domain.messages import N_
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services import hooking
from milepost.storage import hooks as stored
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import asked, errors_of, numbered, status_of, typed_in

MOST = 30  # deliveries on a page
DONE = {
    "saved": N_("Saved."),
    "paused": N_("It is paused. What happens waits, and nothing is lost."),
    "resumed": N_("It goes on. What has waited is sent now, in its order."),
    "tested": N_("The test is on its way. Its answer shows in the log below."),
    "again": N_("It is sent once more, with the same id."),
    "removed": N_("The endpoint is removed. Nothing is sent there any more."),
}


@behind(Deed.EDIT_CAMPAIGN)
async def hooks(request: Request, desk: Desk) -> Response:
    """`GET`: those there are; `POST`: one more, whose secret is in the answer and never again."""
    if request.method != "POST":
        return await _list(request, desk)
    site, typed = request.state.site, await typed_in(request)
    try:
        _, secret = await hooking.make_hook(
            site.database,
            desk.author,
            typed.get("url", ""),
            _types(typed),
            site.clock(),
            plain=site.settings.sends_anywhere,
        )
    except Refusal as refusal:
        return await _list(request, desk, typed=typed, refusal=refusal)
    return await _list(request, desk, secret=secret)


@behind(Deed.EDIT_CAMPAIGN)
async def hook(request: Request, desk: Desk) -> Response:
    """`…/{hook}`: what it hears, and its log; `POST` does what `do` says, a new secret is shown."""
    hook_id = numbered(request, "hook")
    if request.method != "POST":
        return await _one(request, desk, hook_id)
    typed = await typed_in(request)
    try:
        secret, done = await _do(request, desk, hook_id, typed)
    except Refusal as refusal:
        return await _one(request, desk, hook_id, typed=typed, refusal=refusal)
    if secret:
        return await _one(request, desk, hook_id, secret=secret)
    home = f"{desk.home}/hooks"
    return back_to(f"{home}{'' if done == 'removed' else f'/{hook_id}'}?done={done}")


async def _do(request: Request, desk: Desk, hook_id: int, typed: dict[str, str]) -> tuple[str, str]:
    """A new secret, else what was done. Raises a Refusal."""
    site, by = request.state.site, desk.author
    database, now = site.database, site.clock()
    match typed.get("do"):
        case "rotate":
            return await hooking.rotate_secret(database, by, hook_id, now), ""
        case "pause":
            await hooking.pause_hook(database, by, hook_id, now)
            return "", "paused"
        case "resume":
            await hooking.resume_hook(database, by, hook_id, now)
            return "", "resumed"
        case "test":
            await hooking.test_hook(database, by, hook_id, now)
            return "", "tested"
        case "remove":
            await hooking.remove_hook(database, by, hook_id, now)
            return "", "removed"
        case "again":
            which = number_in(typed.get("happening", "")) or 0
            await hooking.send_again(database, by, hook_id, which, now)
            return "", "again"
        case _:
            url, plain = typed.get("url", ""), site.settings.sends_anywhere
            await hooking.save_hook(database, by, hook_id, url, _types(typed), now, plain=plain)
            return "", "saved"


def _types(typed: dict[str, str]) -> list[str]:
    """The chosen types; none are all."""
    return [one for one in TYPES if typed.get(f"type-{one}")]


async def _list(
    request: Request,
    desk: Desk,
    *,
    secret: str = "",
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site = request.state.site
    async with reading(site.database) as db:
        rows = await stored.of_store(db, desk.store_id)
    return shown(
        request,
        "studio/hooks/list.html",
        desk,
        status_of(refusal),
        hooks=rows,
        types=TYPES,
        many=stored.MANY,
        groups=GROUPS,
        secret=secret,
        url=(typed or {}).get("url", ""),
        chosen=_types(typed or {}),
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(asked(request, "done")),
    )


async def _one(
    request: Request,
    desk: Desk,
    hook_id: int,
    *,
    secret: str = "",
    typed: dict[str, str] | None = None,
    refusal: Refusal | None = None,
) -> Response:
    site, before = request.state.site, number_in(asked(request, "before"))
    async with reading(site.database) as db:
        rows = await stored.of_store(db, desk.store_id)
        row = next((one for one in rows if one["id"] == hook_id), None)
        if row is None:
            raise HTTPException(404)
        log = await stored.log(db, hook_id, before, MOST + 1)
    chosen = _types(typed) if typed is not None and "url" in typed else row["types"]
    return shown(
        request,
        "studio/hooks/one.html",
        desk,
        status_of(refusal),
        hook=dict(row),
        url=(typed or {}).get("url", row["url"]),
        chosen=chosen,
        types=TYPES,
        many=stored.MANY,
        groups=GROUPS,
        log=[dict(one) | {"body": _body(one)} for one in log[:MOST]],
        tested=TESTED,
        fresh=any(one["state"] == "waiting" and not one["status"] for one in log[:MOST]),
        older=log[MOST - 1]["id"] if len(log) > MOST else None,
        secret=secret,
        errors=errors_of(refusal, desk.locale),
        done=DONE.get(asked(request, "done")),
    )


def _body(row: object) -> str:
    """What was sent, to read."""
    told = orjson.loads(body_of(row["type"], row["at"], row["data"]))  # type: ignore[index]
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()
