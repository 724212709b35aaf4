"""Runs of programs that were left are found without looking at every program."""

from milepost.migrations import scripts_beside

revision = "0026"
down_revision = "0025"
upgrade, downgrade = scripts_beside(__file__)
