"""Promises: each campaign's chain of what was promised, and the salts of what is still sealed."""

from milepost.migrations import scripts_beside

revision = "0005"
down_revision = "0004"
upgrade, downgrade = scripts_beside(__file__)
