"""Loyalty: programs on tracks, facts about customers, ledgers of points and credit, own codes."""

from milepost.migrations import scripts_beside

revision = "0016"
down_revision = "0015"
upgrade, downgrade = scripts_beside(__file__)
