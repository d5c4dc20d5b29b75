"""Settings of all tests."""

from __future__ import annotations

import collections
import os
import signal
from typing import Any

from hypothesis import settings

# Shells let what they start in the background ignore Ctrl-C, and every process hands that on; the tests press it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadlines: a busy machine is not a defect.
settings.register_profile(
    "schedkit", deadline=None, print_blob=True, max_examples=int(os.environ.get("SCHEDKIT_EXAMPLES", "100"))
)
settings.load_profile("schedkit")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says why tests were skipped: how many for each reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = collections.Counter(
        report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else "other" for report in skipped
    )
    if reasons:
        terminalreporter.section(f"{sum(reasons.values())} tests were skipped")
    for reason, count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        terminalreporter.line(f"{count:>5}  {reason}")
