"""A night looks at those who came due, and judging at its own customers' grants alone."""

from milepost.migrations import scripts_beside

revision = "0027"
down_revision = "0026"
upgrade, downgrade = scripts_beside(__file__)
