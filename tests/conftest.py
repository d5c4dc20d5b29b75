"""Settings of all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# Shells let what they start in the background ignore Ctrl-C, and every process hands that on; the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadlines: a busy machine is not a defect.
settings.register_profile(
    "schedkit", deadline=None, print_blob=True, max_examples=int(os.environ.get("SCHEDKIT_EXAMPLES", "100"))
)
settings.load_profile("schedkit")
