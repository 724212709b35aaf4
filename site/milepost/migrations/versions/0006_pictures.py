"""Pictures: what each store has uploaded, by the address under which it is shown."""

from milepost.migrations import scripts_beside

revision = "0006"
down_revision = "0005"
upgrade, downgrade = scripts_beside(__file__)
