"""Composing: a batch of mails as text and HTML, each in its reader's language."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment

from milepost.gateways.mail import Parcel
from milepost.mailing.about import About, Said
from milepost.mailing.gathering import gathered
from milepost.mailing.letters import LETTERS
from milepost.mailing.letters_of_orders import order_rows
from milepost.services.notifying import Follows
from milepost.services.posting import Composed, Pointless, Unspeakable
from milepost.services.publishing import in_language
from milepost.services.unsubscribing import Subscriptions
from milepost.storage.database import Connection
from milepost.wording.colour import DEFAULT_BRAND, palette
from milepost.wording.format import direction
from milepost.wording.prose import mailed_prose, prose
from milepost.wording.templating import environment

log = logging.getLogger("milepost.mail")
# Seconds after which a mail of this kind is of no use.
SHORT_LIVED = {"sign_in": 15 * 60, "studio_sign_in": 15 * 60}


class Composer:
    """Makes mails; one bad letter spoils itself and no other."""

    def __init__(self, base_url: str, secret: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._subscriptions = Subscriptions(secret)
        self._follows = Follows(secret)

    async def __call__(
        self, db: Connection, mails: Sequence[Mapping[str, Any]], now: datetime
    ) -> dict[int, Composed]:
        """Each mail as it is to be sent, or why it is not."""
        found: dict[int, Composed] = {}
        for about in await gathered(db, mails, self._base_url, now):
            mail = about.mail
            try:
                found[mail["id"]] = self._parcel(about)
            except Pointless as why:
                found[mail["id"]] = why
            except Exception as error:
                log.exception("mail %s (%s) could not be composed", mail["id"], mail["kind"])
                found[mail["id"]] = Unspeakable(f"could not be composed: {error!r}")
        return found

    def preview(self, about: About) -> Parcel:
        """One mail as it would be sent."""
        return self._parcel(about)

    def _parcel(self, a: About) -> Parcel:
        kind = a.mail["kind"]
        if a.pledge is not None and a.pledge["erased_at"] is not None:
            raise Pointless("its reader was erased")
        if a.order is not None and a.order["erased_at"] is not None:
            raise Pointless("its reader was erased")
        if a.customer is not None and a.customer["erased_at"] is not None:
            raise Pointless("its reader was erased")
        age = (a.now - a.mail["due_at"]).total_seconds() if kind in SHORT_LIVED else 0
        if age > SHORT_LIVED.get(kind, 0) > 0:
            raise Pointless("its link is no longer good")
        said = LETTERS[kind](a)
        unsubscribe = ""
        if said.is_news:
            token = self._leaving(a)
            unsubscribe = f"{self._base_url}/unsubscribe/{token}"
        shown = _context(a, said, unsubscribe)
        return Parcel(
            recipient=a.mail["recipient"],
            name=_named(a),
            subject=" ".join(said.subject.split()),
            text=_template(a.locale, True).get_template("mail/letter.txt").render(shown),
            html=_template(a.locale, False).get_template("mail/letter.html").render(shown),
            locale=a.locale,
            sender_name=a.store_name,
            unsubscribe=unsubscribe,
        )

    def _leaving(self, a: About) -> str:
        """What stands in the link that ends this news, a follower's or a backer's."""
        if "follower" in a.detail:
            return self._follows.token(a.detail["follower"], leaving=True)
        return self._subscriptions.token(a.mail["customer_id"])


def _named(a: About) -> str:
    """What the reader is called, as far as known."""
    about = a.pledge if a.pledge is not None else a.order
    about = about if about is not None else a.customer
    return (about["customer_name"] or "") if about is not None else ""


@cache
def _template(locale: str, plain: bool) -> Environment:
    return environment(locale, plain)


@cache
def _colours(brand: str) -> tuple[dict[str, str], dict[str, str]]:
    """The store's colours by name, on a light and on a dark ground."""
    light, dark = (palette(brand, is_dark) for is_dark in (False, True))
    return {n: c.hex for n, c in light.items()}, {n: c.hex for n, c in dark.items()}


def _context(a: About, said: Said, unsubscribe: str) -> dict[str, Any]:
    light, dark = _colours(a.store["store_brand"] if a.store is not None else DEFAULT_BRAND)
    return {
        "locale": a.locale,
        "dir": direction(a.locale),
        "said": said,
        "store": a.store_name,
        "home": a.base_url,
        "campaign": a.title if a.campaign is not None else "",
        "manage_url": a.manage_url if a.pledge is not None else "",
        "unsubscribe": unsubscribe,
        "unsubscribe_words": said.unsubscribe or a.gettext("No more news of what you back"),
        "light": light,
        "dark": dark,
        "exclusive": prose(said.exclusive) if said.exclusive else "",
        "body": mailed_prose(said.body, a.base_url) if said.body else "",
        "order": (order_rows(a) if a.order is not None else _order(a)) if said.shows_lines else [],
        "sum": _sum(a) if said.shows_lines else "",
        "road": _road(a) if said.shows_road else None,
    }


def _sum(a: About) -> str:
    return a.money(a.order["total"] if a.order is not None else a.total, True)


def _order(a: About) -> list[tuple[str, str]]:
    """What the pledge holds, line by line, with shipping and tax: together its total."""
    _ = a.gettext
    names = {"bonus": _("Bonus"), "own_amount": _("Pledge without a reward")}
    rows = []
    for line in a.lines:
        if line["source"] == "shipping":
            continue  # it is the pledge's own sum, below
        text = in_language(line, a.locale)("title") if line["translations"] else line["title"]
        title = text or names.get(line["source"], "")
        many = line["quantity"]
        label = f"{a.shown.number(many)} × {title}" if many > 1 else title
        rows.append((label, a.money(many * line["unit_price"], True)))
    for label, minor in ((_("Shipping"), a.pledge["shipping"]), (_("Tax"), a.pledge["tax"])):
        if minor:
            rows.append((label, a.money(minor, True)))
    return rows


def _road(a: About) -> dict[str, Any]:
    """Where the campaign stands on its way to the goal."""
    goal = a.campaign["goal"]
    return {
        "percent": max(0, min(100, a.meter * 100 // goal)),
        "said": a.gettext(
            "%(total)s of %(goal)s pledged", total=a.amount(a.meter), goal=a.amount(goal)
        ),
    }
