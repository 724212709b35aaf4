"""One row for each operation: what it needs, and how it is answered to whom."""

from dataclasses import dataclass
from typing import Any

from milepost.domain import scopes
from tests.web.api.full import SLUG

NOTHING = 200  # to another store: an empty list


@dataclass(frozen=True)
class Row:
    """An operation with an example of it that works in a full store.

    `elsewhere` is what another store's token is answered; `sent` goes as JSON, and `edits` reads
    the thing's ETag first.
    """

    scope: str
    call: str
    sent: Any = None
    answered: int = 200
    elsewhere: int = 404
    edits: bool = False

    @property
    def method(self) -> str:
        """Of HTTP."""
        return self.call.split()[0]

    @property
    def path(self) -> str:
        """With its query."""
        return self.call.split()[1]


PAID = {
    "id": "evt-17",
    "type": "order.paid",
    "customer": "dana@example.org",
    "source": "order-1041",
    "at": "2026-06-01T12:00:00Z",
    "amount": 4200,
    "currency": "USD",
}
CAMPAIGN = f"/campaigns/{SLUG}"
TABLE = {
    "list_campaigns": Row(scopes.SEE_CAMPAIGNS, "GET /campaigns?limit=1", elsewhere=NOTHING),
    "get_campaign": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}"),
    "tell_events": Row(scopes.EVENTS, "POST /events", PAID, answered=202, elsewhere=409),
}
