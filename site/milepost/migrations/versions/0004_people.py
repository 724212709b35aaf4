"""People: creators and how they sign in, members of stores, invitations, the log of deeds."""

from milepost.migrations import scripts_beside

revision = "0004"
down_revision = "0003"
upgrade, downgrade = scripts_beside(__file__)
