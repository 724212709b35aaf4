"""Properties are tried calmly: no deadline, and the same examples each time unless asked."""

import os

from hypothesis import settings

THOROUGH = os.environ.get("MILEPOST_THOROUGH") == "1"
settings.register_profile(
    "milepost",
    deadline=None,
    derandomize=not THOROUGH,
    database=None,
    max_examples=2000 if THOROUGH else 100,
)
settings.load_profile("milepost")
