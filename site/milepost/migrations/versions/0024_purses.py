"""What a pledge uses of its backer's own: store credit and gifts."""

from milepost.migrations import scripts_beside

revision = "0024"
down_revision = "0023"
upgrade, downgrade = scripts_beside(__file__)
