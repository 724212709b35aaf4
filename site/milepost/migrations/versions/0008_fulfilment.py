"""Fulfilment: batches, the parcels in them, tracking numbers as they come in, notes on pledges."""

from milepost.migrations import scripts_beside

revision = "0008"
down_revision = "0007"
upgrade, downgrade = scripts_beside(__file__)
