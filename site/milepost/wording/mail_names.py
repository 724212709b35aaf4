"""What the letters are called where the studio lists them."""

from milepost.domain.messages import N_

MAIL_NAMES = {
    "order": N_("The order was made"),
    "gift_cards": N_("Gift cards"),
    "order_shipped": N_("An order is on its way"),
    "order_refunded": N_("Money of an order goes back"),
    "receipt": N_("Receipt"),
    "charged": N_("Charged"),
    "changed": N_("Changed"),
    "cancelled": N_("Cancelled"),
    "refunded": N_("Refunded"),
    "charge_due": N_("To be charged soon"),
    "charge_failed": N_("Card declined"),
    "dropped": N_("Dropped"),
    "funded": N_("The goal is reached"),
    "failed": N_("The goal is not reached"),
    "update": N_("Update"),
    "milestone": N_("Milestone"),
    "code": N_("Code"),
    "shipped": N_("Sent"),
    "sign_in": N_("Way in"),
    "studio_sign_in": N_("Way into the studio"),
    "invitation": N_("Invitation"),
    "reward_earned": N_("Reward earned"),
    "reward_expiring": N_("A code ends soon"),
    "survey": N_("Questions"),
    "survey_reminder": N_("Questions, once more"),
    "locks_soon": N_("The address locks soon"),
    "follow": N_("Follow"),
    "launch": N_("Launch"),
}
