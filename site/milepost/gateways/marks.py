"""What we write on Stripe's objects as metadata, so that an event says whose it is."""

from typing import Literal

CAMPAIGN, PLEDGE = "milepost_campaign", "milepost_pledge"
ATTEMPT, FOR = "milepost_attempt", "milepost_for"
ORDER = "milepost_order"  # the key of the order that it pays for
SUBSCRIPTION = "milepost_subscription"  # the key of the subscription that it is about
GOODS, UNITS, TIERS = "milepost_goods", "milepost_units", "milepost_tiers"  # on refunds only

Page = Literal["checkout", "mend", "card", "change"]
"""What a payment page is for: the pledge itself, to pay what a card declined, to put another card
in its place, to pay for a change."""
Purpose = Literal[Page, "charge"]
"""The same, or the charge of a saved card, which has no page."""


def marks(
    campaign_id: int, pledge_id: int, attempt_id: int = 0, purpose: Purpose = "checkout"
) -> dict[str, str]:
    """The metadata of one payment; no attempt and the pledge's own checkout go without saying."""
    told = {CAMPAIGN: str(campaign_id), PLEDGE: str(pledge_id)}
    if attempt_id:
        told[ATTEMPT] = str(attempt_id)
    if purpose != "checkout":
        told[FOR] = purpose
    return told
