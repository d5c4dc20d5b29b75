"""Dispatchers and how they are driven by simulated time."""

from __future__ import annotations

from typing import Any

import schedkit as sk

BACKFILLS = ("none", "greedy", "easy", "conservative")


def dispatcher(capacity: Any = None, *args: Any, **options: Any) -> Any:
    return sk.online.Dispatcher({"cpu": 4} if capacity is None else capacity, *args, **options)


def small_case(backfill: str) -> Any:
    """Four cores; A holds three until 10, B needs all, C and D need one."""
    d = dispatcher(backfill=backfill)
    for key, cores, estimate in [("A", 3, 10), ("B", 4, 5), ("C", 1, 8), ("D", 1, 12)]:
        d.submit(key, demand={"cpu": cores}, estimate=estimate, now=0)
    return d


def run(d: Any, duration: dict[Any, float], now: float = 0.0) -> dict[Any, float]:
    """Start times if every key runs for its duration and a decision follows every moment at which keys end."""
    start = {}
    while True:
        for key in d.next(now=now):
            assert key not in start
            start[key] = now
        ends = [start[key] + duration[key] for key in d.running]
        if not ends:
            return start
        now = min(ends)
        for key in d.running:
            if start[key] + duration[key] == now:
                d.finished(key, now=now)
