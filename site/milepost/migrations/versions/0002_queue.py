"""The queue of jobs that wait on the world."""

from milepost.migrations import scripts_beside

revision = "0002"
down_revision = "0001"
upgrade, downgrade = scripts_beside(__file__)
