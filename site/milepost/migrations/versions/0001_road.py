"""The road: stores, campaigns, pledges, the ledger, milestones and grants."""

from milepost.migrations import scripts_beside

revision = "0001"
down_revision = None
upgrade, downgrade = scripts_beside(__file__)
