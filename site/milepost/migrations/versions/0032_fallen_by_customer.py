"""Whoever lost what a program gave is found by their own facts, whatever the planner believes."""

from milepost.migrations import scripts_beside

revision = "0032"
down_revision = "0031"
upgrade, downgrade = scripts_beside(__file__)
