"""Overview: where a campaign's visits and pledges come from, and its ledger rolled up."""

from milepost.migrations import scripts_beside

revision = "0007"
down_revision = "0006"
upgrade, downgrade = scripts_beside(__file__)
