"""Settings of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadlines: a busy machine is not a defect.
settings.register_profile(
    "schedkit", deadline=None, print_blob=True, max_examples=int(os.environ.get("SCHEDKIT_EXAMPLES", "100"))
)
settings.load_profile("schedkit")
