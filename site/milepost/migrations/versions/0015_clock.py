"""The clock of a store: its orders and whatever else belongs to no campaign are dated by it."""

from milepost.migrations import scripts_beside

revision = "0015"
down_revision = "0014"
upgrade, downgrade = scripts_beside(__file__)
