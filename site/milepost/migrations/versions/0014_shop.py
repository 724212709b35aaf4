"""The shop: listings and their variants, carts, cart milestones, orders, reviews, codes."""

from milepost.migrations import scripts_beside

revision = "0014"
down_revision = "0013"
upgrade, downgrade = scripts_beside(__file__)
