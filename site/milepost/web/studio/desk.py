"""Who sits at the desk: found and authorised together, by one function, before any page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from milepost.domain.messages import N_
from milepost.domain.roles import Deed, Role, may
from milepost.services.author import Author
from milepost.services.choosing import calendar_of
from milepost.services.entering import (
    PROOF_LASTS,
    SEEN_EACH,
    SITTING_LASTS,
    Caller,
    studio_page,
    token_hash,
)
from milepost.services.publishing import in_language
from milepost.settings import Settings
from milepost.storage import creators, sittings
from milepost.storage.database import reading
from milepost.web.me.visit import LONGEST_TOKEN, PRIVATE, client_of, language_of
from milepost.web.public.view import store_view
from milepost.web.studio.browsers import browser_of

SIGN_IN = "/studio/sign-in"
CAMPAIGN = (
    *("track_id", "basis", "currency", "goal", "funding_model", "zone", "opens_at", "closes_at"),
    *("late_pledges", "published", "outcome", "seq", "units", "money", "backers", "version"),
)
LONGEST_SLUG = 100
REFUSED = N_("Only an owner of the store may do that. Ask one of them.")
REFUSED_LOG = N_("Only owners and editors may read the log. Ask one of them.")


class SignedOut(Exception):
    """Nobody is signed in, or not any more."""


class NotAllowed(Exception):
    """A member of the store without this right in it."""

    def __init__(self, desk: "Desk") -> None:
        self.desk = desk
        super().__init__(desk.row["role"])


@dataclass(frozen=True)
class Desk:
    """Whoever asks, in the store that the address names, if it names one."""

    row: Any
    locale: str
    token: str
    renewed: bool

    @property
    def creator_id(self) -> int:
        """Who it is."""
        return int(self.row["creator_id"])

    @property
    def email(self) -> str:
        """Their address."""
        return str(self.row["email"])

    @property
    def name(self) -> str:
        """What they are called; their address where they said no name."""
        return str(self.row["creator_name"] or self.row["email"])

    @property
    def sitting_id(self) -> int:
        """The sitting that this request belongs to."""
        return int(self.row["sitting_id"])

    @property
    def store_id(self) -> int:
        """The store of the address."""
        return int(self.row["store_id"])

    @property
    def role(self) -> Role:
        """What they are in it."""
        return Role(self.row["role"])

    @cached_property
    def store(self) -> dict[str, Any] | None:
        """The store for the frame of the page; None on pages of no store."""
        return store_view(self.row, self.locale) if self.row["store_id"] is not None else None

    @property
    def home(self) -> str:
        """Where the store's pages begin."""
        return f"/studio/{self.row['store_slug']}"

    @property
    def campaign_id(self) -> int:
        """The campaign of the address."""
        return int(self.row["campaign_id"])

    @property
    def author(self) -> Author:
        """Whoever sits here, at work on the campaign of the address, if it names one."""
        campaign_id = self.row["campaign_id"] or 0
        return Author(self.creator_id, self.email, self.store_id, campaign_id)

    @property
    def campaign_home(self) -> str:
        """Where the campaign's pages begin."""
        return f"{self.home}/campaigns/{self.row['campaign_slug']}"

    def campaign(self, now: datetime) -> dict[str, Any]:
        """The campaign for the head of its pages: its row, its title here, where it stands."""
        row = self.row
        return {
            **{column: row[column] for column in CAMPAIGN},
            "id": self.campaign_id,
            "slug": row["campaign_slug"],
            "title": in_language(row, self.locale, "campaign_")("title"),
            "total": row["units"] if row["basis"] == "units" else row["money"],
            "state": row["outcome"] or calendar_of(row).phase(now),
        }

    def may(self, deed: Deed) -> bool:
        """True when they have this right here."""
        return self.row["role"] is not None and may(self.role, deed)

    def is_proved(self, now: datetime) -> bool:
        """True when they have shown within ten minutes that it is they."""
        return bool(now - self.row["proved_at"] <= PROOF_LASTS)


Page = Callable[[Request, Desk], Awaitable[Response]]


async def allowed(request: Request, deed: Deed) -> Desk:
    """The desk at which `deed` may be done: sitting, store, membership, campaign in one query.

    Raises SignedOut; 404 alike for no such store, one in which they do not work, and a campaign
    that is not the store's; NotAllowed for a member without the right.
    """
    site, slugs = request.state.site, request.path_params
    token = request.cookies.get(cookie_name(site.settings), "")
    if not token or len(token) > LONGEST_TOKEN:
        raise SignedOut
    now = site.clock()
    async with reading(site.database) as db:
        row = await creators.desk(
            db, token_hash(token), _slug(slugs, "store"), _slug(slugs, "campaign"), now
        )
        if row is None:
            raise SignedOut
        old = now - row["seen_at"] >= SEEN_EACH
        if old:
            await sittings.prolong(db, row["sitting_id"], now, now + SITTING_LASTS)
    desk = Desk(row, language_of(request, row["locale"]), token, old)
    if deed is Deed.MIND_ACCOUNT:
        return desk
    if row["role"] is None:
        raise HTTPException(404)
    if "campaign" in slugs and row["campaign_id"] is None:
        raise HTTPException(404)
    if not may(desk.role, deed):
        raise NotAllowed(desk)
    return desk


def _slug(slugs: Mapping[str, str], name: str) -> str:
    """The slug of that name in the address; empty, which is nobody's, where it can't be one."""
    slug = slugs.get(name, "")
    return slug if slug.isascii() and slug.isprintable() and len(slug) <= LONGEST_SLUG else ""


def behind(deed: Deed) -> Callable[[Page], Callable[[Request], Awaitable[Response]]]:
    """The page for whoever may do `deed`; others are led to where they sign in, or told why not."""

    def wall(page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            settings = request.state.site.settings
            try:
                desk = await allowed(request, deed)
                if request.method == "POST":
                    await request.body()  # whoever sends slowly may be nobody any more by its end
                    desk = replace(await allowed(request, deed), renewed=desk.renewed)
            except SignedOut:
                return _to_sign_in(request)
            except NotAllowed as refused:
                desk = refused.desk
                sentence = REFUSED_LOG if deed is Deed.SEE_LOG else REFUSED
                return shown(request, "studio/refused.html", desk, 403, sentence=sentence)
            try:
                response = await page(request, desk)
            finally:
                await request.close()  # files that came with a form
            if desk.renewed and "set-cookie" not in response.headers:
                give_cookie(response, settings, desk.token)
            return response

        guarded.__doc__ = page.__doc__
        return guarded

    return wall


async def desk_of(request: Request) -> Desk | None:
    """Whoever is signed in, on pages for everybody."""
    try:
        return await allowed(request, Deed.MIND_ACCOUNT)
    except SignedOut:
        return None


def _to_sign_in(request: Request) -> Response:
    settings, next_ = request.state.site.settings, studio_page(request.url.path)
    wanted = next_ if request.method == "GET" and next_ != "/studio" else ""
    question = f"?{urlencode({'next': wanted})}" if wanted else ""
    response = RedirectResponse(SIGN_IN + question, 303, PRIVATE)
    if cookie_name(settings) in request.cookies:
        take_cookie(response, settings)
    return response


def to_proof(next_: str) -> RedirectResponse:
    """303 to where they show again that it is they, and on to `next_` from there."""
    return RedirectResponse(f"/studio/account/proof?{urlencode({'next': next_})}", 303, PRIVATE)


def cookie_name(settings: Settings) -> str:
    """`__Host-` binds it to this very host, where there is TLS (RFC 6265bis, 4.1.3.2)."""
    return "__Host-milepost-studio" if settings.is_https else "milepost-studio"


def give_cookie(response: Response, settings: Settings, token: str) -> None:
    """Let the browser keep the sitting, for this host alone."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(SITTING_LASTS.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def take_cookie(response: Response, settings: Settings) -> None:
    """Let the browser forget the sitting."""
    response.delete_cookie(
        cookie_name(settings),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="lax",
    )


def caller_of(request: Request, locale: str = "") -> Caller:
    """Who tries to get in."""
    browser = browser_of(request.headers.get("user-agent", ""))
    return Caller(client_of(request), browser, locale or language_of(request))


def shown(
    request: Request, template: str, desk: Desk | None, status: int = 200, **context: object
) -> HTMLResponse:
    """A page of the studio, kept by no cache; without a desk it stands outside."""
    locale = desk.locale if desk is not None else language_of(request)
    site = request.state.site
    known: dict[str, object] = {"desk": desk, "store": None, "campaign": None}
    if desk is not None:
        known["store"] = desk.store
        if "campaign" in request.path_params and desk.row["campaign_id"] is not None:
            known["campaign"] = desk.campaign(site.clock())
    html = site.renderer.page(template, locale, **known | context)
    return HTMLResponse(html, status, PRIVATE)
