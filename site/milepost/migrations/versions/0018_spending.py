"""Spending: store credit, gifts and codes of the customer's own are claimed and used by orders."""

from milepost.migrations import scripts_beside

revision = "0018"
down_revision = "0017"
upgrade, downgrade = scripts_beside(__file__)
