"""Gift cards: a code for each piece that was paid, redeemed as store credit once."""

from milepost.migrations import scripts_beside

revision = "0017"
down_revision = "0016"
upgrade, downgrade = scripts_beside(__file__)
