"""${message}."""

from milepost.migrations import scripts_beside

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
upgrade, downgrade = scripts_beside(__file__)
