"""Referrals: by whose link a friend came, and whose first order or pledge it was."""

from milepost.migrations import scripts_beside

revision = "0019"
down_revision = "0018"
upgrade, downgrade = scripts_beside(__file__)
