"""Subscriptions: what the shop sells again and again, an order for each paid cycle."""

from milepost.migrations import scripts_beside

revision = "0020"
down_revision = "0019"
upgrade, downgrade = scripts_beside(__file__)
