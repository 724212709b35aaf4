"""Judging a store of a million customers: sets instead of one customer after the other."""

from milepost.migrations import scripts_beside

revision = "0025"
down_revision = "0024"
upgrade, downgrade = scripts_beside(__file__)
