"""The clock that all benchmarks use."""

from __future__ import annotations

import time
from collections.abc import Callable


def seconds(*functions: Callable[[], object], repeat: int = 7) -> list[float]:
    """The best wall time of each function, measured in turns so that a noisy moment hits all of them."""
    best = [float("inf")] * len(functions)
    for _ in range(repeat):
        for k, function in enumerate(functions):
            start = time.perf_counter()
            function()
            best[k] = min(best[k], time.perf_counter() - start)
    return best
