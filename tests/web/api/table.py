"""One row for each operation: what it needs, and how it is answered to whom."""

from dataclasses import dataclass
from typing import Any

from milepost.domain import scopes
from tests.web.api.full import DRAFT, SLUG

NOTHING = 200  # to another store: an empty list


@dataclass(frozen=True)
class Row:
    """An operation with an example of it that works in a full store.

    Without a `scope` it is for everybody. `elsewhere` is what another store's token is answered;
    `sent` goes as JSON, and `edits` reads the thing's ETag first.
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
SHIPPED = {
    "carrier": "DHL",
    "shipments": [
        {"grant": "1:1", "tracking": "00340434161094000001"},
        {"pledge": 2, "tracking": "1Z999AA10123456784", "carrier": "UPS"},
        {"grant": "3:1", "tracking": "00340434161094000003"},
    ],
}
CAMPAIGN = f"/campaigns/{SLUG}"
TABLE = {
    "list_campaigns": Row(scopes.SEE_CAMPAIGNS, "GET /campaigns?limit=1", elsewhere=NOTHING),
    "get_campaign": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}"),
    "list_grants": Row(scopes.SEE_FULFILMENT, "GET /grants?state=owed&limit=1", elsewhere=NOTHING),
    "get_grant": Row(scopes.SEE_FULFILMENT, "GET /grants/1:1"),
    "list_fulfilments": Row(
        scopes.SEE_FULFILMENT, "GET /fulfilments?batch=1&limit=1", elsewhere=NOTHING
    ),
    "ship_grants": Row(scopes.FULFIL, f"POST {CAMPAIGN}/fulfilments", SHIPPED),
    "correct_fulfilment": Row(
        scopes.FULFIL, f"POST {CAMPAIGN}/fulfilments/corrections", {"grant": "1:1"}
    ),
    "list_batches": Row(scopes.SEE_FULFILMENT, "GET /batches?limit=1", elsewhere=NOTHING),
    "get_batch": Row(scopes.SEE_FULFILMENT, "GET /batches/1"),
    "get_campaign_totals": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/totals"),
    "edit_campaign": Row(
        scopes.EDIT_CAMPAIGNS,
        f"PATCH {CAMPAIGN}",
        {"blurb": "It hears what you hear.", "translations": {"de": {"blurb": "Sie hört mit."}}},
        edits=True,
    ),
    "list_tiers": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/tiers?kind=tier"),
    "list_claimed_tiers": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/claimed"),
    "get_tier": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/tiers/1"),
    "add_tier": Row(
        scopes.EDIT_CAMPAIGNS,
        f"POST {CAMPAIGN}/tiers",
        {"title": "Recorder with a wind muff", "price": 12_900, "slots": 500, "ships": True},
        answered=201,
    ),
    "edit_tier": Row(
        scopes.EDIT_CAMPAIGNS, f"PATCH {CAMPAIGN}/tiers/1", {"slots": 250}, edits=True
    ),
    "remove_tier": Row(
        scopes.EDIT_CAMPAIGNS, f"DELETE /campaigns/{DRAFT}/tiers/2", answered=204, edits=True
    ),
    "list_milestones": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/milestones?limit=1"),
    "get_milestone": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/milestones/1"),
    "get_milestone_totals": Row(scopes.SEE_CAMPAIGNS, f"GET {CAMPAIGN}/milestones/1/totals"),
    "foresee_milestone": Row(
        scopes.EDIT_CAMPAIGNS,
        f"GET {CAMPAIGN}/foresight?target=3&audience=all_backers&product=1&cost=300",
    ),
    "foresee_reissued_reward": Row(
        scopes.EDIT_CAMPAIGNS, f"GET {CAMPAIGN}/milestones/1/reissue?product=1&cost=300"
    ),
    "add_milestone": Row(
        scopes.EDIT_CAMPAIGNS,
        f"POST {CAMPAIGN}/milestones",
        {"target": 600, "audience": "all_backers", "reward": {"title": "A second microphone"}},
        answered=201,
    ),
    "edit_milestone": Row(
        scopes.EDIT_CAMPAIGNS, f"PATCH {CAMPAIGN}/milestones/3", {"target": 300}, edits=True
    ),
    "add_codes": Row(
        scopes.EDIT_CAMPAIGNS, f"POST {CAMPAIGN}/milestones/2/codes", {"codes": ["TAPE-4"]}
    ),
    "reveal_milestone": Row(scopes.EDIT_CAMPAIGNS, f"POST {CAMPAIGN}/milestones/2/reveal"),
    "archive_milestone": Row(scopes.EDIT_CAMPAIGNS, f"POST {CAMPAIGN}/milestones/3/archive"),
    "list_pledges": Row(
        scopes.SEE_PLEDGES,
        "GET /pledges?limit=1&confirmed_since=2026-01-01T00:00:00Z",
        elsewhere=NOTHING,
    ),
    "get_pledge": Row(scopes.SEE_PLEDGES, "GET /pledges/1"),
    "get_report": Row(scopes.SEE_REPORTS, f"GET {CAMPAIGN}/report?days=7"),
    "list_costs": Row(scopes.SEE_REPORTS, f"GET {CAMPAIGN}/costs?limit=2"),
    "tell_events": Row(scopes.EVENTS, "POST /events", PAID, answered=202, elsewhere=409),
    "list_products": Row(scopes.SEE_SHOP, "GET /products?limit=1", elsewhere=NOTHING),
    "get_product": Row(scopes.SEE_SHOP, "GET /products/2"),
    "edit_product": Row(
        scopes.EDIT_SHOP, "PATCH /products/2", {"prices": {"USD": 2100}}, edits=True
    ),
    "list_listings": Row(scopes.SEE_SHOP, "GET /listings?limit=1", elsewhere=NOTHING),
    "get_listing": Row(scopes.SEE_SHOP, "GET /listings/1"),
    "list_stock": Row(scopes.SEE_SHOP, "GET /stock?limit=2", elsewhere=NOTHING),
    "get_stock": Row(scopes.SEE_SHOP, "GET /products/2/stock"),
    "set_stock": Row(scopes.EDIT_SHOP, "PUT /products/2/stock", {"stock": 40}, edits=True),
    "change_stock": Row(
        scopes.EDIT_SHOP,
        "POST /stock/changes",
        [{"product": 2, "change": 40, "why": "Delivery 1042"}],
        elsewhere=422,
    ),
    "add_product": Row(
        scopes.EDIT_SHOP,
        "POST /products",
        {"title": "Carry strap", "stock": 12},
        answered=201,
        elsewhere=201,
    ),
    "list_orders": Row(scopes.SEE_ORDERS, "GET /orders?limit=1", elsewhere=NOTHING),
    "get_order": Row(scopes.SEE_ORDERS, "GET /orders/1"),
    "ship_orders": Row(
        scopes.SEND_ORDERS,
        "POST /orders/shipments",
        {"carrier": "DHL", "shipments": [{"order": 1, "tracking": "00340434161094000001"}]},
        elsewhere=200,
    ),
    "list_customers": Row(scopes.SEE_CUSTOMERS, "GET /customers?limit=1", elsewhere=NOTHING),
    "get_customer": Row(scopes.SEE_CUSTOMERS, "GET /customers/1"),
    "list_programs": Row(scopes.SEE_LOYALTY, "GET /programs?limit=1", elsewhere=NOTHING),
    "get_program": Row(scopes.SEE_LOYALTY, "GET /programs/1"),
    "list_loyalty_facts": Row(
        scopes.SEE_LOYALTY, "GET /loyalty/facts?kind=order&limit=1", elsewhere=NOTHING
    ),
    "get_balances": Row(scopes.SEE_LOYALTY, "GET /customers/1/balances"),
    "list_entries": Row(scopes.SEE_LOYALTY, "GET /customers/1/entries?limit=1"),
    "get_standing": Row(scopes.SEE_LOYALTY, "GET /customers/1/standing"),
    "list_customer_rewards": Row(scopes.SEE_LOYALTY, "GET /customers/1/rewards?limit=1"),
    "get_cart": Row("", "GET /cart"),
    "begin_cart": Row("", "POST /cart", {"currency": "USD"}, answered=201),
    "change_cart": Row("", "POST /cart/changes", {"do": "add", "product": 2}),
}
