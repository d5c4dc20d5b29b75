"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# No deadlines: a busy machine is not a defect.
settings.register_profile("schedkit", deadline=None, print_blob=True)
settings.load_profile("schedkit")
