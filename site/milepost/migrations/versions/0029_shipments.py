"""What keeps each grant, and each pledge's goods, from being sent; lists of them for programs."""

from milepost.migrations import scripts_beside

revision = "0029"
down_revision = "0028"
upgrade, downgrade = scripts_beside(__file__)
