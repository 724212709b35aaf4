"""Editing: what is typed and not saved, what was saved by whom, and who follows what is ahead."""

from milepost.migrations import scripts_beside

revision = "0011"
down_revision = "0010"
upgrade, downgrade = scripts_beside(__file__)
