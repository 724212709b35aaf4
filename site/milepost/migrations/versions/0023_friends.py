"""What comes of a backer's link to a campaign."""

from milepost.migrations import scripts_beside

revision = "0023"
down_revision = "0022"
upgrade, downgrade = scripts_beside(__file__)
