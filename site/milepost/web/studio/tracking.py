"""`…/fulfilment/tracking`: numbers come in as a file, are looked through, then sent."""

import io
from collections.abc import Mapping
from typing import IO, Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.carriers import KNOWN
from milepost.domain.errors import Invalid, NotFound, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.numbers import number_in
from milepost.domain.roles import Deed
from milepost.services.tracking import PROBLEMS, bad_lines_csv, send, take_file
from milepost.storage import parcels, tracking
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.public.chosen import plain
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.parts import (
    asked,
    download,
    errors_of,
    numbered,
    status_of,
    typed_in,
)
from milepost.wording.saying import say

SHOWN = 100  # bad lines on the page; all of them are in the file
LARGEST_PASTE = 8 * 1024 * 1024


@behind(Deed.FULFIL)
async def new(request: Request, desk: Desk) -> Response:
    """`…/tracking`: a file, or its lines pasted; nothing is sent before it was looked through."""
    if request.method != "POST":
        return await _form(request, desk, {"batch": asked(request, "batch")})
    site = request.state.site
    async with request.form(max_files=1, max_fields=8, max_part_size=LARGEST_PASTE) as sent:
        fields = {name: str(sent.get(name, "")) for name in ("batch", "carrier", "lines")}
        try:
            name, file = _file(sent.get("file"), fields["lines"])
            run_id = await take_file(
                site.database,
                desk.campaign_id,
                number_in(fields["batch"]) if fields["batch"] else None,
                name,
                file,
                fields["carrier"],
                desk.creator_id,
                site.clock(),
            )
        except NotFound as missing:
            raise HTTPException(404) from missing
        except Refusal as refusal:
            return await _form(request, desk, fields, refusal)
    return back_to(f"{desk.campaign_home}/fulfilment/tracking/{run_id}")


def _file(sent: Any, pasted: str) -> tuple[str, IO[bytes]]:
    """What was chosen, or else what was pasted. Raises Invalid when neither was."""
    if isinstance(sent, UploadFile) and sent.filename and sent.size:
        return plain(sent.filename, 120), sent.file
    if pasted.strip():
        return "", io.BytesIO(pasted.encode())
    raise Invalid(N_("There is nothing in it. Choose a file, or paste its lines."), about="file")


async def _form(
    request: Request, desk: Desk, typed: Mapping[str, str], refusal: Refusal | None = None
) -> Response:
    async with reading(request.state.site.database) as db:
        batches = await parcels.batches(db, desk.campaign_id, None, 100)
        runs = await tracking.runs(db, desk.campaign_id, 20)
    return shown(
        request,
        "studio/fulfilment/tracking.html",
        desk,
        status_of(refusal),
        batches=batches,
        runs=runs,
        carriers=KNOWN,
        typed=typed,
        errors=errors_of(refusal, desk.locale),
    )


async def _run(request: Request, desk: Desk) -> Any:
    async with reading(request.state.site.database) as db:
        found = await tracking.run(db, desk.campaign_id, numbered(request, "run"))
    if found is None:
        raise HTTPException(404)
    return found


@behind(Deed.FULFIL)
async def one(request: Request, desk: Desk) -> Response:
    """`…/tracking/{run}`: how far it is, how many lines are good, and each bad one by name."""
    return await _page(request, desk)


async def _page(request: Request, desk: Desk, refusal: Refusal | None = None) -> Response:
    run = await _run(request, desk)
    async with reading(request.state.site.database) as db:
        counts = await tracking.problems(db, run["id"])
        bad = await tracking.bad_lines(db, run["id"], 0, SHOWN)
    known = counts.pop("already", 0)
    wrong = sum(counts.values())
    return shown(
        request,
        "studio/fulfilment/run.html",
        desk,
        status_of(refusal),
        run=run,
        known=known,
        wrong=wrong,
        good=run["lines"] - known - wrong,
        bad=[(x, say(Sentence(PROBLEMS[x["problem"]]), desk.locale)) for x in bad],
        counts=[(say(Sentence(PROBLEMS[p]), desk.locale), n) for p, n in counts.items()],
        working=run["state"] in ("checking", "sending"),
        errors=errors_of(refusal, desk.locale),
    )


@behind(Deed.FULFIL)
async def apply(request: Request, desk: Desk) -> Response:
    """`POST …/tracking/{run}/send`: the good lines are sent, the bad ones stay."""
    here = f"{desk.campaign_home}/fulfilment/tracking/{numbered(request, 'run')}"
    if request.method != "POST":
        return back_to(here)
    run, site = await _run(request, desk), request.state.site
    await typed_in(request)
    try:
        await send(
            site.database,
            desk.store_id,
            desk.campaign_id,
            run["id"],
            desk.creator_id,
            site.clock,
        )
    except Refusal as refusal:
        return await _page(request, desk, refusal)
    return back_to(here)


@behind(Deed.FULFIL)
async def bad_lines(request: Request, desk: Desk) -> Response:
    """`…/tracking/{run}/bad.csv`: each bad line as it came, with its number and its reason."""
    run = await _run(request, desk)
    words = {name: say(Sentence(text), desk.locale) for name, text in PROBLEMS.items()}
    lines = bad_lines_csv(request.state.site.database, run["id"], words)
    return download(lines, f"{desk.row['campaign_slug']}-bad-lines-{run['id']}.csv")
