"""Pledges are told in the order in which they were confirmed, from any moment on."""

from milepost.migrations import scripts_beside

revision = "0030"
down_revision = "0029"
upgrade, downgrade = scripts_beside(__file__)
