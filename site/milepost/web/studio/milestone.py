"""`…/milestones/{milestone}`: one milestone, what each reader would see, the button (R2, R3)."""

from typing import Any

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from milepost.domain.audience import reason
from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_, Sentence
from milepost.domain.money import Money
from milepost.domain.roles import Deed
from milepost.domain.whatif import Meter
from milepost.gateways.mail import Parcel
from milepost.mailing.composing import Composer
from milepost.mailing.previewing import Reader, Speaker, about_milestone, speaker
from milepost.services.foreseeing import meter_now
from milepost.services.milestones import add_codes, archive_milestone, reveal_milestone
from milepost.services.publishing import in_language
from milepost.services.showing import ShownReward
from milepost.storage import milestones, studio_milestones
from milepost.storage.database import Connection, reading
from milepost.web.dev import OF_A_MAIL
from milepost.web.guard import page_headers
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.public.shown import reward_view
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.milestone_form import LONGEST_CODE, MOST_CODES, PART
from milepost.web.studio.milestone_view import milestone_view
from milepost.web.studio.parts import numbered
from milepost.wording.saying import say

DONE = {
    "changed": N_("The milestone is changed."),
    "revealed": N_("It is open on every page. The mails are on their way."),
    "codes": N_("The codes are in the pool."),
}
READERS: tuple[Reader, ...] = ("entitled", "others")


@behind(Deed.SEE_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """`GET …/{milestone}`: where it stands, who has it, and for editors what each would see."""
    return await _page(request, desk)


async def _row(db: Connection, request: Request, desk: Desk) -> Any:
    """The campaign's milestone; its secrets for editors alone. Raises 404."""
    may_edit = desk.may(Deed.EDIT_CAMPAIGN)
    wanted = numbered(request, "milestone")
    row = await studio_milestones.one(db, desk.campaign_id, wanted, may_edit)
    if row is None:
        raise HTTPException(404)
    return row


async def _page(
    request: Request,
    desk: Desk,
    status: int = 200,
    errors: dict[str, str] | None = None,
    codes: str = "",
) -> Response:
    site, may_edit = request.state.site, desk.may(Deed.EDIT_CAMPAIGN)
    now, c = site.clock(), desk.campaign(site.clock())
    async with reading(site.database) as db:
        row = await _row(db, request, desk)
        _, meter = await meter_now(db, desk.campaign_id, now)
        granted = await studio_milestones.grants(db, row["id"])
        pool = await studio_milestones.pool(db, row["id"])
        tiers = await studio_milestones.tiers(db, desk.campaign_id)
        changes = await milestones.changes_of(db, row["id"])
        previews = await _previews(db, request, desk, row, meter) if may_edit else None
    names = {t["id"]: in_language(t, desk.locale)("title") for t in tiers}
    when = meter.pace.reaches(row["target"], meter.total, now) if meter.pace else None
    page = shown(
        request,
        "studio/milestone.html",
        desk,
        status,
        tab="milestones",
        c=c,
        m=milestone_view(row, meter, desk.locale),
        reached_by_trend=when,
        in_time=when is not None and when < c["closes_at"],
        granted=granted,
        counts=_counts(granted),
        pool=pool,
        tier_names=[names[t] for t in row["tiers"] if t in names],
        changes=[_change(change, c) for change in changes[::-1]],
        previews=previews,
        may_edit=may_edit,
        errors=errors or {},
        typed_codes=codes,
        done=DONE.get(request.query_params.get("done", "")),
    )
    if may_edit:
        policy = dict(page_headers(site.settings))[b"content-security-policy"].decode()
        page.headers["content-security-policy"] = f"{policy}; frame-src 'self'"
    return page


def _counts(granted: dict[str, Any]) -> dict[str, int]:
    """Grants that stand, those handed over among them, and what waits for stock or a code."""
    live = [row for state, row in granted.items() if state != "void"]
    return {
        "grants": sum(row["grants"] for row in live),
        "pieces": sum(row["pieces"] for row in live),
        "fulfilled": granted["fulfilled"]["grants"] if "fulfilled" in granted else 0,
        "waiting": sum(row["waiting"] for row in live),
        "waiting_pieces": sum(row["waiting_pieces"] for row in live),
        "flagged": sum(row["flagged"] for row in granted.values()),
    }


def _change(change: Any, c: dict[str, Any]) -> dict[str, Any]:
    """A kept change; targets are values of the meter."""
    return {
        "made_at": change["made_at"],
        "made_by": change["made_by"],
        "what": change["what"],
        "was": change["before"].get("target"),
        "now": change["after"].get("target"),
        "title": change["after"].get("title") or change["after"].get("reward"),
        "also_granted": change["after"].get("also_granted"),
    }


async def _previews(
    db: Connection, request: Request, desk: Desk, row: Any, meter: Meter
) -> dict[str, Any]:
    """What everybody, the entitled and the others see once it is open, with their mails."""
    found: dict[str, Any] = {"public": _public(row, desk.locale, meter)}
    for reader in READERS:
        said = await _speaker(db, desk, row, meter, reader)
        if said is None:
            found[reader] = None
            continue
        title = in_language(row, desk.locale)("title")
        target = row["target"]
        called = title or (
            Money(target, desk.row["currency"]) if meter.basis == "money" else target
        )
        reached_seq = row["reached_seq"] or meter.seq + 1
        why = reason(said.verdict.because, called, said.first_seq, reached_seq)
        parcels = {"milestone": await _parcel(db, request, desk, row, said, "milestone")}
        code = await _code(db, row)
        if reader == "entitled" and (code or row["exclusive"]):
            parcels["code"] = await _parcel(db, request, desk, row, said, "code", code)
        found[reader] = {
            "card": _card(row, desk.locale, said, why, code),
            "parcels": parcels,
        }
    return found


async def _speaker(
    db: Connection, desk: Desk, row: Any, meter: Meter, reader: Reader
) -> Speaker | None:
    audience = milestones.audience_of(row)
    reached_seq = row["reached_seq"] or meter.seq + 1
    examples = await studio_milestones.examples(
        db, desk.campaign_id, audience.opens_after(reached_seq)
    )
    provisional = desk.row["funding_model"] == "all_or_nothing" and desk.row["outcome"] is None
    return speaker(reader, audience, reached_seq, examples, provisional)


async def _code(db: Connection, row: Any) -> str:
    """The shared code, or the one that the next of the pool would be."""
    if row["code_kind"] == "shared":
        return str(row["shared_code"])
    return (
        (await studio_milestones.next_code(db, row["id"]) or "")
        if row["code_kind"] == "pool"
        else ""
    )


async def _parcel(
    db: Connection,
    request: Request,
    desk: Desk,
    row: Any,
    said: Speaker,
    kind: Any,
    code: str = "",
) -> Parcel:
    settings, now = request.state.site.settings, request.state.site.clock()
    about = await about_milestone(
        db, desk.campaign_id, row, said, kind, desk.locale, settings.base_url, now, code
    )
    return Composer(settings.base_url, settings.secret_key).preview(about)


def _public(row: Any, locale: str, meter: Meter) -> dict[str, Any]:
    """The milestone on the campaign's page once it is open."""
    text = in_language(row, locale)
    return {
        "id": str(row["id"]),
        "target": row["target"],
        "state": "revealed",
        "audience": row["audience"],
        "reward": row["kind"],
        "mystery": row["mystery"],
        "reached_at": row["reached_at"] or meter.now,
        "left": 0,
        "title": text("title"),
        "text": text("text_after"),
        "image": row["image"] or None,
        "image_alt": text("image_alt"),
    }


def _card(row: Any, locale: str, said: Speaker, why: Sentence, code: str) -> dict[str, Any]:
    """The reward on a backer's own page; without a grant it is one of those still ahead."""
    text, due = in_language(row, locale), said.verdict.wanted == "owed"
    reward = ShownReward(
        milestone_id=row["id"],
        target=row["target"],
        left=0,
        kind=row["kind"],
        title=text("title"),
        image=row["image"],
        image_alt=text("image_alt"),
        text=text("text_after"),
        exclusive=text("exclusive") if due else "",
        code=code if due else "",
        state=said.verdict.wanted or "ahead",
        backordered=False,
        quantity=said.verdict.quantity,
        why=why,
    )
    return reward_view(reward, locale)


@behind(Deed.EDIT_CAMPAIGN)
async def mail(request: Request, desk: Desk) -> Response:
    """`GET …/{milestone}/mail`: the HTML of a mail as it will be sent; `?to=` and `?kind=`."""
    site = request.state.site
    reader: Reader = "others" if request.query_params.get("to") == "others" else "entitled"
    is_code = reader == "entitled" and request.query_params.get("kind") == "code"
    async with reading(site.database) as db:
        row = await _row(db, request, desk)
        _, meter = await meter_now(db, desk.campaign_id, site.clock())
        said = await _speaker(db, desk, row, meter, reader)
        code = await _code(db, row) if is_code else ""
        if said is None or (is_code and not (code or row["exclusive"])):
            raise HTTPException(404)
        kind = "code" if is_code else "milestone"
        parcel = await _parcel(db, request, desk, row, said, kind, code)
    return HTMLResponse(parcel.html, headers=PRIVATE | {"content-security-policy": OF_A_MAIL})


@behind(Deed.EDIT_CAMPAIGN)
async def reveal(request: Request, desk: Desk) -> Response:
    """`POST …/{milestone}/reveal`: open it on every page at once (R3)."""
    site, milestone_id = request.state.site, await _own(request, desk)
    here = f"{desk.campaign_home}/milestones/{milestone_id}"
    if request.method != "POST":
        return back_to(here)
    try:
        await reveal_milestone(
            site.database, milestone_id, desk.name, site.clock(), creator_id=desk.creator_id
        )
    except Refusal as refusal:
        return await _page(request, desk, 409, {"": say(refusal.sentence, desk.locale)})
    return back_to(f"{here}?done=revealed")


@behind(Deed.EDIT_CAMPAIGN)
async def codes(request: Request, desk: Desk) -> Response:
    """`POST …/{milestone}/codes`: more codes for the pool, pasted or from a file (R2, A14)."""
    site, milestone_id = request.state.site, await _own(request, desk)
    here = f"{desk.campaign_home}/milestones/{milestone_id}"
    if request.method != "POST":
        return back_to(here)
    async with request.form(max_files=1, max_fields=5, max_part_size=PART) as sent:
        file = sent.get("codes_file")
        pasted = str(sent.get("codes", ""))
        body = await file.read() if isinstance(file, UploadFile) and file.filename else b""
    try:
        pasted = "\n".join(part for part in (pasted, _text_of(body)) if part)
        await add_codes(
            site.database,
            milestone_id,
            _codes_in(pasted),
            desk.name,
            site.clock(),
            creator_id=desk.creator_id,
        )
    except Refusal as refusal:
        errors = {refusal.about: say(refusal.sentence, desk.locale)}
        kept = "".join(c for c in pasted if c.isprintable() or c == "\n").strip()
        return await _page(request, desk, 422, errors, kept)
    return back_to(f"{here}?done=codes")


def _codes_in(pasted: str) -> list[str]:
    """One code a line, empty lines aside. Raises Invalid for none, too many, and too long ones."""
    lines = ("".join(c for c in line if c.isprintable()).strip() for line in pasted.splitlines())
    found = [line for line in lines if line]
    if not found:
        raise Invalid(N_("Paste the codes, or choose a file: one code a line."), about="codes")
    if len(found) > MOST_CODES or any(len(code) > LONGEST_CODE for code in found):
        message = N_("A pool takes up to %(most)s codes of %(long)s characters each at once.")
        raise Invalid(message, about="codes", most=MOST_CODES, long=LONGEST_CODE)
    return found


def _text_of(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            N_("That file is not plain text. Save it as UTF-8, one code a line."), about="codes"
        ) from None


@behind(Deed.EDIT_CAMPAIGN)
async def archive(request: Request, desk: Desk) -> Response:
    """`…/{milestone}/archive`: what stays and what goes, then off the trail (A13)."""
    site, milestone_id = request.state.site, await _own(request, desk)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            await archive_milestone(
                site.database, milestone_id, desk.name, site.clock(), creator_id=desk.creator_id
            )
            return back_to(f"{desk.campaign_home}/milestones?done=archived")
        except Refusal as refusal:
            errors = {"": say(refusal.sentence, desk.locale)}
    async with reading(site.database) as db:
        row = await _row(db, request, desk)
        _, meter = await meter_now(db, desk.campaign_id, site.clock())
        granted = await studio_milestones.grants(db, milestone_id)
    return shown(
        request,
        "studio/milestone_archive.html",
        desk,
        409 if errors else 200,
        tab="milestones",
        c=desk.campaign(site.clock()),
        m=milestone_view(row, meter, desk.locale),
        counts=_counts(granted),
        errors=errors,
    )


async def _own(request: Request, desk: Desk) -> int:
    """The id of the campaign's own milestone. Raises 404 for any other."""
    async with reading(request.state.site.database) as db:
        row = await _row(db, request, desk)
    return int(row["id"])
