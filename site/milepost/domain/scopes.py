"""What a token of the API may do: each scope, with what its owner reads when they give it."""

from milepost.domain.messages import N_

EVENTS = "events"
SEE_CAMPAIGNS, EDIT_CAMPAIGNS = "campaigns:read", "campaigns:write"
SEE_PLEDGES = "pledges:read"
SEE_FULFILMENT, FULFIL = "fulfilment:read", "fulfilment:write"
SEE_SHOP, EDIT_SHOP = "shop:read", "shop:write"
SEE_ORDERS, SEND_ORDERS = "orders:read", "orders:write"
SEE_CUSTOMERS = "customers:read"
SEE_LOYALTY = "loyalty:read"
SEE_REPORTS = "reports:read"

SCOPES = {
    SEE_FULFILMENT: N_("See what is owed and sent, with addresses"),
    FULFIL: N_("Mark as sent"),
    SEE_CAMPAIGNS: N_("See campaigns, milestones and tiers"),
    EDIT_CAMPAIGNS: N_("Edit campaigns, milestones and tiers"),
    SEE_PLEDGES: N_("See pledges and who made them"),
    SEE_SHOP: N_("See products and stock"),
    EDIT_SHOP: N_("Edit products and stock"),
    SEE_ORDERS: N_("See orders and who made them"),
    SEND_ORDERS: N_("Mark orders as sent"),
    SEE_CUSTOMERS: N_("See customers"),
    SEE_LOYALTY: N_("See points, credit and what they came from"),
    EVENTS: N_("Tell what customers did in another shop"),
    SEE_REPORTS: N_("See reports"),
}
