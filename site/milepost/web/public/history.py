"""What a campaign promised, link by link, for people and for whoever checks it (N6)."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from milepost.domain.promised import Promised, follow
from milepost.domain.promises import ALGORITHM, Link
from milepost.services.promising import history
from milepost.services.publishing import Published, publish
from milepost.storage.database import reading
from milepost.web.public.home import reader_locale
from milepost.web.public.view import campaign_view, store_view
from milepost.web.slugs import is_slug

CACHED = "public, max-age=0, s-maxage=2, stale-while-revalidate=30"


async def page(request: Request) -> Response:
    """`GET /c/{slug}/history`: the newest promise first."""
    site, locale = request.state.site, reader_locale(request)
    published, links = await _found(request)
    c = campaign_view(published, locale, site.clock(), site.settings.base_url)
    html = site.renderer.page(
        "public/history.html",
        locale,
        c=c,
        store=store_view(published.campaign, locale),
        titles={one["id"]: one["title"] for one in (*c["tiers"], *c["addons"])},
        links=links_view(links, locale)[::-1],
    )
    headers = {"vary": "accept-language", "content-language": locale}
    return _answer(request, html.encode(), "text/html", headers)


async def machine_readable(request: Request) -> Response:
    """`GET /c/{slug}/history.json`: the chain, each link with all that its hash is of."""
    published, links = await _found(request)
    campaign = links[0].statement["slug"] if links else published.campaign["slug"]
    previous = None
    told = []
    for link in links:
        told.append(link.document(campaign, previous) | {"hash": link.hash.hex()})
        del told[-1]["campaign"]
        previous = link.hash
    body = orjson.dumps({"campaign": campaign, "algorithm": ALGORITHM, "links": told})
    return _answer(request, body, "application/json", {"access-control-allow-origin": "*"})


async def _found(request: Request) -> tuple[Published, list[Link]]:
    """The published campaign with its chain; one query more than its page takes."""
    site, slug = request.state.site, request.path_params["slug"]
    if not is_slug(slug):
        raise HTTPException(404)
    async with reading(site.database) as db:
        published = await publish(db, slug, site.clock())
        if published is None:
            raise HTTPException(404)
        return published, await history(db, published.campaign["id"])


def _answer(request: Request, body: bytes, kind: str, headers: dict[str, str]) -> Response:
    tag = f'"{sha256(body).hexdigest()[:24]}"'
    headers = {"cache-control": CACHED, "etag": tag, **headers}
    if tag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    return Response(body, 200, headers, kind)


def links_view(links: Sequence[Link], locale: str) -> list[dict[str, Any]]:
    """Each link with the milestone that it is about, as that stood `was` before and `now` after."""
    promised: Promised = {}
    shown = []
    opened: dict[str, dict[str, Any]] = {}
    for link in links:
        subject = str(link.subject)
        was = _standing(promised, subject, opened, locale)
        follow(promised, link)
        if link.kind == "revealed":
            opened[subject] = link.statement["shown"]
        now = _standing(promised, subject, opened, locale)
        all_of_them = promised["milestones"] if link.kind == "begun" else {}
        shown.append(
            {
                "number": link.number,
                "made_at": link.made_at,
                "kind": link.kind,
                "said": link.statement,
                "hash": link.hash.hex(),
                "was": was,
                "now": now,
                "milestones": [_standing(promised, one, {}, locale) for one in all_of_them],
                "holds": _holds(promised, link),
            }
        )
    return shown


def _standing(
    promised: Promised, subject: str, opened: dict[str, dict[str, Any]], locale: str
) -> dict[str, Any]:
    """The campaign's own promises, with those about one milestone; its title once that is told."""
    own: dict[str, Any] = {"goal": promised.get("goal")}
    for name in ("opens_at", "closes_at"):
        own[name] = datetime.fromisoformat(promised[name]) if promised else None
    milestone = promised.get("milestones", {}).get(subject)
    if milestone is None:
        return own | {"title": "", "target": None, "audience": None, "reward": None}
    reward, shown = milestone["reward"], opened.get(subject, {})
    titles = reward.get("titles") or {
        tag: texts["title"]
        for tag, texts in shown.get("translations", {}).items()
        if "title" in texts
    }
    title = titles.get(locale) or reward.get("title") or shown.get("title", "")
    return own | {
        "title": title,
        "target": milestone["target"],
        "audience": milestone["audience"],
        "reward": reward,
    }


def _holds(promised: Promised, link: Link) -> bool:
    """False for a reveal that is not what was sealed."""
    if link.kind != "revealed":
        return True
    sealed = promised["versions"][str(link.subject), link.statement["version"]]
    return bool(sealed["opens"])
