"""What a reward costs each, for the what-if, and a promise for how a milestone opens."""

from milepost.migrations import scripts_beside

revision = "0010"
down_revision = "0009"
upgrade, downgrade = scripts_beside(__file__)
