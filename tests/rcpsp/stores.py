"""Random projects with stores, and their optima by trying every start."""

from __future__ import annotations

import random
from typing import Any

import schedkit as sk

from . import max_lags


def columns(source: random.Random, most: int = 4, *, windows: bool = True, lags: bool = True) -> dict[str, Any]:
    """The columns of a small project with stores: some without limit, some so full or empty that activities must wait."""
    found = max_lags.columns(source, most, windows=windows)
    if not lags or source.random() < 0.6:
        kept = [k for k, low in enumerate(found["lag"]) if low is not None]
        for name in ("precedence", "relation", "lag"):
            found[name] = [found[name][k] for k in kept]
        del found["max_lag"]
    n, width = len(found["duration"]), source.randint(1, 2)
    found["storage"] = [source.choice([None, source.randint(0, 6)]) for _ in range(width)]
    found["initial"] = [source.randint(0, 3 if units is None else min(units, 4)) for units in found["storage"]]
    found["taken"] = [[source.choice([0, source.randint(0, 3)]) for _ in range(width)] for _ in range(n)]
    found["given"] = [[source.choice([0, source.randint(0, 4)]) for _ in range(width)] for _ in range(n)]
    return found


def made(
    source: random.Random, most: int = 4, *, windows: bool = True, lags: bool = True
) -> tuple[dict[str, Any], sk.rcpsp.Project]:
    """Columns without a positive cycle of lags, and their project."""
    while True:
        found = columns(source, most, windows=windows, lags=lags)
        try:
            return found, sk.rcpsp.Project(**found)
        except sk.CycleError:
            continue


def levels_hold(found: dict[str, Any], start: list[int]) -> bool:
    """Whether every store holds between nothing and its capacity after each moment at which something happens."""
    n = len(start)
    end = [start[i] + found["duration"][i] for i in range(n)]
    for store, capacity in enumerate(found["storage"]):
        for moment in {*start, *end}:
            level = found["initial"][store]
            level -= sum(found["taken"][i][store] for i in range(n) if start[i] <= moment)
            level += sum(found["given"][i][store] for i in range(n) if end[i] <= moment)
            if level < 0 or (capacity is not None and level > capacity):
                return False
    return True


def best(found: dict[str, Any]) -> int | None:
    """The least makespan of all schedules, or None; time in which nothing happens and no lag binds can be cut out."""
    lags = [abs(lag) for name in ("lag", "max_lag") for lag in found.get(name, ()) if lag is not None]
    horizon = max(found.get("release_time") or [0]) + sum(found["duration"]) + sum(lags)
    with_lags = {"max_lag": [None] * len(found["precedence"]), **found}
    return max_lags.best(with_lags, min(horizon, 22), lambda start: levels_hold(found, start))
