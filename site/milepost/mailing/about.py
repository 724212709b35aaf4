"""What one mail is about: its pledge, campaign, store and milestone, in its reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from milepost.domain.audience import Verdict
from milepost.domain.pledges import credit_used
from milepost.services.publishing import in_language
from milepost.wording.format import Format, written_in
from milepost.wording.languages import translator


@dataclass(frozen=True, slots=True)
class About:
    """Rows as the batch's queries gave them; a mail to an address alone has only its store.

    `customer`, `grants` and `products` are of mails about programs.
    """

    mail: Mapping[str, Any]
    locale: str
    base_url: str
    now: datetime
    store: Any = None
    pledge: Any = None
    campaign: Any = None
    lines: list[Any] = field(default_factory=list)
    milestone: Any = None
    verdict: Verdict | None = None
    update: Any = None
    order: Any = None
    customer: Any = None
    grants: list[Any] = field(default_factory=list)
    products: Mapping[int, Any] = field(default_factory=dict)

    def gettext(self, message: str, **fields: object) -> str:
        """The message in the reader's language, its fields put in."""
        said = translator(self.locale).gettext(message)
        return said % fields if fields else said

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The message about so many things, in the reader's language."""
        return translator(self.locale).ngettext(one, many, count) % {"count": count}

    @property
    def shown(self) -> Format:
        """How the reader's language writes amounts and dates."""
        return written_in(self.locale)

    @property
    def detail(self) -> Mapping[str, Any]:
        """What the letter was promised with."""
        found: Mapping[str, Any] = self.mail["detail"]
        return found

    @property
    def store_name(self) -> str:
        """The store's name, or the house's where there is no store."""
        if self.store is None:
            return "Milepost"
        return str(in_language(self.store, self.locale, "store_")("name"))

    @property
    def title(self) -> str:
        """The campaign's title."""
        return str(in_language(self.campaign, self.locale)("title"))

    def reward(self, column: str) -> str:
        """A text of the milestone's reward; empty where this reader may not have it (R2)."""
        own = self.milestone[column]
        return str((self.milestone["translations"].get(self.locale, {}).get(column) or own) if own
                   else "")  # fmt: skip

    @property
    def total(self) -> int:
        """What the pledge costs: goods, shipping and tax, in minor units."""
        return int(self.pledge["money"] + self.pledge["shipping"] + self.pledge["tax"])

    @property
    def card_sum(self) -> str:
        """What the card pays of it: the rest that store credit leaves."""
        return self.money(max(0, self.total - self.credit)) if self.credit else self.sum

    @property
    def is_covered(self) -> bool:
        """True where store credit pays for all of it, and no card is asked."""
        return bool(self.credit) and self.credit >= self.total

    @property
    def credit(self) -> int:
        """What store credit pays of it, in minor units."""
        return credit_used(self.pledge)

    @property
    def sum(self) -> str:
        """The same, written; the tax of a pledge that is not paid yet comes on top."""
        said = self.money(self.total)
        if self.campaign["tax"] and not self.pledge["paid"]:
            return self.gettext("%(sum)s plus tax", sum=said)
        return said

    def money(self, minor: int, exact: bool = False) -> str:
        """An amount in the campaign's or order's currency; `exact` with all its decimals (M4)."""
        about = self.campaign if self.campaign is not None else self.order
        return self.shown.money(minor, about["currency"], exact)

    @property
    def meter(self) -> int:
        """Where the campaign stands, in its own basis (C1)."""
        return int(self.campaign["units" if self.campaign["basis"] == "units" else "money"])

    def amount(self, value: int) -> str:
        """A value of the campaign's meter, written."""
        return self.shown.amount(value, self.campaign)

    def moment(self, when: str | datetime) -> str:
        """Day and time on the campaign's own clock."""
        return self.shown.datetime(_instant(when), self.campaign["zone"])

    def day(self, when: str | datetime) -> str:
        """The day on the campaign's own clock."""
        return self.shown.day(_instant(when), self.campaign["zone"], self.now)

    @property
    def pledge_url(self) -> str:
        """The page that shows the pledge."""
        return f"{self.base_url}/p/{self.pledge['key']}"

    @property
    def order_url(self) -> str:
        """The page that shows the order."""
        return f"{self.base_url}/o/{self.order['key']}"

    @property
    def manage_url(self) -> str:
        """The page on which its backer changes it."""
        return f"{self.base_url}/me/pledges/{self.pledge['key']}"

    @property
    def campaign_url(self) -> str:
        """The campaign's page."""
        return f"{self.base_url}/c/{self.campaign['slug']}"


def _instant(when: str | datetime) -> datetime:
    return datetime.fromisoformat(when) if isinstance(when, str) else when


@dataclass(frozen=True, slots=True)
class Reward:
    """A milestone's reward as the mail shows it."""

    title: str
    text: str
    image: str = ""
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What a mail says, before it is laid out as text and as HTML.

    `preview` is what inboxes show beside the subject; `notes` stand below the button, small;
    `body` is a creator's Markdown.
    """

    subject: str
    preview: str
    title: str
    paragraphs: tuple[str, ...]
    button: tuple[str, str]
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    reward: Reward | None = None
    why: str = ""
    code: str = ""
    exclusive: str = ""
    body: str = ""
    shows_lines: bool = False
    shows_road: bool = False
    is_news: bool = False
    unsubscribe: str = ""  # what the way out of this news is called
