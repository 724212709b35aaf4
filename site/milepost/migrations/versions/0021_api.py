"""Tokens of the API, and the events that were told with them."""

from milepost.migrations import scripts_beside

revision = "0021"
down_revision = "0020"
upgrade, downgrade = scripts_beside(__file__)
