"""The API's calls: each token's pace, and each unsafe call with the answer that it got."""

from milepost.migrations import scripts_beside

revision = "0028"
down_revision = "0027"
upgrade, downgrade = scripts_beside(__file__)
