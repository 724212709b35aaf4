"""Outgoing hooks: endpoints, what is told to them, and how far each delivery is."""

from milepost.migrations import scripts_beside

revision = "0027"
down_revision = "0026"
upgrade, downgrade = scripts_beside(__file__)
