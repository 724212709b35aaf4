"""`…/edit/languages/{locale}`: the campaign's own texts in the other languages (B15)."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.errors import Refusal
from milepost.domain.roles import Deed
from milepost.services.arranging import save_language
from milepost.storage import editing
from milepost.storage.database import reading
from milepost.web.me.visit import back_to
from milepost.web.studio.desk import Desk, behind, shown
from milepost.web.studio.editor import forms
from milepost.web.studio.editor.page import BLURB, LABELS, STORY, TITLE
from milepost.web.studio.editor.rewards import TEXT
from milepost.web.studio.editor.rewards import TITLE as TIER_TITLE
from milepost.web.studio.editor.sheet import DONE, Sheet, show
from milepost.wording.languages import LOCALES, NAMES
from milepost.wording.prose import prose

COLUMNS = {"title": TITLE, "blurb": BLURB, "story": STORY, "image_alt": 300}


@behind(Deed.EDIT_CAMPAIGN)
async def languages(request: Request, desk: Desk) -> Response:
    """Which languages there are, and how much of the campaign is in each."""
    async with reading(request.state.site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        tiers = await editing.tiers(db, desk.campaign_id)
    wanted = [name for name in COLUMNS if row[name]]
    count = len(wanted) + sum(1 + bool(tier["text"]) for tier in tiers)
    rows = []
    for locale in others(row["store_locale"]):
        own = row["translations"].get(locale, {})
        there = sum(bool(own.get(name)) for name in wanted)
        for tier in tiers:
            said = tier["translations"].get(locale, {})
            there += bool(said.get("title")) + bool(tier["text"] and said.get("text"))
        rows.append({"locale": locale, "name": NAMES[locale], "there": there, "of": count})
    return shown(
        request,
        "studio/edit/languages.html",
        desk,
        row=row,
        languages_of=rows,
        first=NAMES.get(row["store_locale"], row["store_locale"]),
        tab_part="languages",
        done=DONE.get(request.query_params.get("done", "")),
    )


def others(own: str) -> list[str]:
    """The languages that pages come in, without the store's own."""
    return [locale for locale in LOCALES if locale != own]


@behind(Deed.EDIT_CAMPAIGN)
async def one(request: Request, desk: Desk) -> Response:
    """One language: GET shows the texts side by side, POST saves them."""
    site, locale = request.state.site, request.path_params["locale"]
    async with reading(site.database) as db:
        row = await editing.campaign(db, desk.campaign_id)
        tiers = await editing.tiers(db, desk.campaign_id)
    if locale not in others(row["store_locale"]):
        raise HTTPException(404)
    fields = _fields(tiers)
    context = {
        "row": row,
        "tiers": tiers,
        "spoken": locale,
        "name": NAMES[locale],
        "preview": None,
        "tab_part": "languages",
    }
    labels = LABELS | {name: tier["title"] for name, (tier, _, _) in fields.items()}
    labels.pop("slug")
    sheet = Sheet(
        f"language-{locale}", "studio/edit/language.html", _saved(row, fields, locale), labels,
        context,
    )  # fmt: skip
    if request.method != "POST":
        return await show(request, desk, sheet)
    sent = await forms.sent_to(request)
    typed, base = forms.typed_in(sent), forms.base_of(sent)
    if sent.get("do") == "preview":
        preview = prose(typed.get("story", ""))
        return await show(request, desk, sheet, typed=typed, base=base, preview=preview)
    try:
        texts = {
            name: (forms.text if name == "story" else forms.line)(typed, name, most)
            for name, most in COLUMNS.items()
        }
        own: dict[int, dict[str, str]] = {}
        for name, (tier, column, most) in fields.items():
            own.setdefault(tier["id"], {})[column] = forms.text(typed, name, most)
        author, now = desk.author, site.clock()
        await save_language(site.database, author, locale, base, texts, own, now)
    except Refusal as refusal:
        return await show(request, desk, sheet, typed=typed, base=base, refusal=refusal)
    return back_to(f"{desk.campaign_home}/edit/languages?done=saved")


def _fields(tiers: list[Any]) -> dict[str, tuple[Any, str, int]]:
    """Each field of a reward, with its reward, its column and its room."""
    return {
        f"{column}-{tier['id']}": (tier, column, most)
        for tier in tiers
        for column, most in (("title", TIER_TITLE), ("text", TEXT))
        if tier[column]
    }


def _saved(row: Any, fields: dict[str, tuple[Any, str, int]], locale: str) -> dict[str, str]:
    own = row["translations"].get(locale, {})
    said = {name: own.get(name, "") for name in COLUMNS}
    for name, (tier, column, _) in fields.items():
        said[name] = tier["translations"].get(locale, {}).get(column, "")
    return said
