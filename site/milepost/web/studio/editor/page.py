"""`…/edit`: the campaign's texts, its picture and its address; and a new campaign."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from milepost.domain.errors import Invalid, Refusal
from milepost.domain.messages import N_
from milepost.domain.money import check_currency
from milepost.domain.roles import Deed
from milepost.services.arranging import LONGEST_SLUG, Page, begin_campaign, save_page
from milepost.services.preparing import NewCampaign
from milepost.storage import editing
from milepost.storage.database import reading
from milepost.web.me.visit import PRIVATE, back_to
from milepost.web.studio import pictures
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.sheet import Sheet, show, status_of
from milepost.wording.prose import prose
from milepost.wording.saying import say

TITLE, BLURB, STORY = 120, 280, 60_000
LABELS = {
    "title": N_("Title"),
    "slug": N_("Address"),
    "blurb": N_("In one sentence"),
    "story": N_("The story"),
    "image_alt": N_("What it shows, in words"),
}
# What most stores take; any other may be typed.
CURRENCIES = (
    *("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "NZD", "SEK", "NOK", "DKK", "PLN", "CZK"),
    *("JPY", "KRW", "INR", "BRL", "MXN", "SGD", "HKD", "ZAR", "TRY", "KWD"),
)


@behind(Deed.EDIT_CAMPAIGN)
async def edit(request: Request, desk: Desk) -> Response:
    """`…/edit`: GET shows the form; POST saves it, or shows it with its preview."""
    site = request.state.site
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
    saved = {name: row[name] for name in ("title", "slug", "blurb", "story", "image", "image_alt")}
    stands = row["published"] or row["announced_at"] is not None
    sheet = Sheet(
        "page",
        "studio/edit/page.html",
        saved,
        {name: label for name, label in LABELS.items() if name != "slug" or not stands},
        {"row": row, "address_stands": stands, "preview": None, "tab_part": "page"},
    )
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request, files=1)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    if sent.get("do") == "preview":
        preview = prose(typed.get("story", ""))
        return await show(request, desk, sheet, typed=typed, base=base, preview=preview)
    try:
        image, alt = await pictures.chosen(request, desk, sent, "image", row["image"])
        typed |= {"image": image, "image_alt": alt}
        page = Page(
            title=_title(typed),
            slug=forms.line(typed, "slug", LONGEST_SLUG).lower() if not stands else row["slug"],
            blurb=forms.line(typed, "blurb", BLURB),
            story=forms.text(typed, "story", STORY),
            image=image,
            image_alt=alt,
        )
        pictures.check_alt("image", image, alt)
        await save_page(site.database, desk.author, base, page, site.clock())
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.home}/campaigns/{page.slug}/edit?done=saved")


def _title(typed: dict[str, str]) -> str:
    title = forms.line(typed, "title", TITLE)
    if not title:
        raise Invalid(N_("Give the campaign a title."), about="title")
    return title


@behind(Deed.EDIT_CAMPAIGN)
async def new(request: Request, desk: Desk) -> Response:
    """`…/campaigns/new`: the few things that a draft can't be without."""
    site = request.state.site
    if request.method != "POST":
        return _new(request, desk, {"basis": "money", "currency": "USD"})
    sent = await forms.sent_to(request)
    typed = forms.typed_in(sent)
    try:
        title = _title(typed)
        basis, model = typed.get("basis", ""), typed.get("funding_model", "")
        if basis not in ("units", "money") or model not in ("all_or_nothing", "keep_it_all"):
            raise Invalid(N_("Choose one of them."), about="basis" if model else "funding_model")
        currency = currency_in(typed)
        zone = zone_in(typed)
        opens, closes = first_dates(site.clock(), zone)
        campaign = NewCampaign(
            slug=forms.line(typed, "slug", LONGEST_SLUG).lower(),
            title=title,
            basis="units" if basis == "units" else "money",
            currency=currency,
            goal=goal_in(typed, basis, currency),
            funding_model="keep_it_all" if model == "keep_it_all" else "all_or_nothing",
            zone=zone,
            opens_at=opens,
            closes_at=closes,
            published=False,
        )
        slug = await begin_campaign(site.database, desk.author, campaign, site.clock())
    except Refusal as refusal:
        return _new(request, desk, typed, refusal)
    return back_to(f"{desk.home}/campaigns/{slug}/edit?done=begun")


def _new(
    request: Request, desk: Desk, typed: dict[str, str], refusal: Refusal | None = None
) -> Response:
    errors = {refusal.about: say(refusal.sentence, desk.locale)} if refusal else {}
    return shown(
        request,
        "studio/edit/new.html",
        desk,
        status_of(refusal),
        v=typed,
        errors=errors,
        currencies=CURRENCIES,
        zones=ZONES,
    )


ZONES = sorted(zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
ZONES.append("Etc/UTC")


def currency_in(typed: dict[str, str]) -> str:
    """An ISO 4217 currency. Raises Invalid."""
    currency = forms.line(typed, "currency", 3).upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Invalid(N_("A currency has three letters, like USD or EUR."), about="currency")
    check_currency(currency, "currency")
    return currency


def zone_in(typed: dict[str, str]) -> str:
    """An IANA time zone; without one, UTC. Raises Invalid."""
    zone = forms.line(typed, "zone", 60) or "Etc/UTC"
    if zone not in available_timezones():
        raise Invalid(
            N_("“%(zone)s” is not a time zone. Use one like Europe/Berlin."),
            about="zone",
            zone=zone,
        )
    return zone


def goal_in(typed: dict[str, str], basis: str, currency: str) -> int:
    """The goal in its basis: whole units, or minor units of the currency. Raises Invalid."""
    by_units = basis == "units"
    goal = (
        forms.whole(typed, "goal")
        if by_units
        else forms.amount(typed, "goal", currency, charged=False)
    )
    if not goal:
        raise Invalid(N_("A goal is above zero."), about="goal")
    return goal


def first_dates(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """A draft's dates until they are chosen: in a week at nine, for thirty days."""
    today = now.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    opens = (today + timedelta(days=7)).replace(hour=9, minute=0, second=0, microsecond=0)
    return opens, opens + timedelta(days=30)


@behind(Deed.EDIT_CAMPAIGN)
async def preview_prose(request: Request, desk: Desk) -> Response:
    """`POST …/prose`: Markdown as the campaign page shows it, for the script beside the field."""
    if request.method != "POST":
        return back_to(desk.home)
    sent = await forms.sent_to(request)
    html = prose(forms.clean(str(sent.get("text", ""))))
    return JSONResponse({"html": html}, headers=PRIVATE)
