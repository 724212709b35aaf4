"""What the lists of the API are read by: orders, customers and loyalty facts in their order."""

from milepost.migrations import scripts_beside

revision = "0031"
down_revision = "0030"
upgrade, downgrade = scripts_beside(__file__)
