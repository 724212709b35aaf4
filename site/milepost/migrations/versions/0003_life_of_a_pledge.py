"""The life of a pledge after its checkout: charges, changes, shipping, mails, the backer's page."""

from milepost.migrations import scripts_beside

revision = "0003"
down_revision = "0002"
upgrade, downgrade = scripts_beside(__file__)
