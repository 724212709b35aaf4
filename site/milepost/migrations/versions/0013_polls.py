"""When Stripe was last asked for its events: polling takes up there, and reads nothing twice."""

from milepost.migrations import scripts_beside

revision = "0013"
down_revision = "0012"
upgrade, downgrade = scripts_beside(__file__)
