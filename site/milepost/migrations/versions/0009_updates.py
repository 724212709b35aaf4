"""Updates, questions and answers, and comments with their moderation."""

from milepost.migrations import scripts_beside

revision = "0009"
down_revision = "0008"
upgrade, downgrade = scripts_beside(__file__)
