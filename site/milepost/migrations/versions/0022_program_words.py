"""What programs say in their customers' languages."""

from milepost.migrations import scripts_beside

revision = "0022"
down_revision = "0021"
upgrade, downgrade = scripts_beside(__file__)
