"""A pledge whose backer is paying the difference of a change is moving, and is not packed."""

from milepost.migrations import scripts_beside

revision = "0012"
down_revision = "0011"
upgrade, downgrade = scripts_beside(__file__)
