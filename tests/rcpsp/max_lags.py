"""Random projects with maximal lags, and their optima by trying every start."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import schedkit as sk

RELATIONS = ("FS", "SS", "FF", "SF")


def columns(source: random.Random, most: int = 4, *, windows: bool = True) -> dict[str, Any]:
    """The columns of a small project with maximal lags; lags of some pairs have no minimum, of others no maximum."""
    n = source.randint(2, most)
    width = source.randint(0, 2)
    capacity = [source.randint(1, 3) for _ in range(width)]
    pairs, relation, lag, max_lag = [], [], [], []
    for i in range(n):
        for j in range(i + 1, n):
            if source.random() < 0.6:
                kind = source.choice(RELATIONS)
                low = source.choice([None, 0, source.randint(-3, 3)])
                high = source.choice([None, source.randint(-1, 4) + (low or 0)]) if low is not None else source.randint(-3, 5)
                pairs.append((i, j) if low is not None or source.random() < 0.5 else (j, i))
                relation.append(kind)
                lag.append(low)
                max_lag.append(high)
    found: dict[str, Any] = {
        "duration": [source.randint(0, 3) for _ in range(n)],
        "demand": [[source.randint(0, c) for c in capacity] for _ in range(n)],
        "capacity": capacity,
        "precedence": pairs,
        "relation": relation,
        "lag": lag,
        "max_lag": max_lag,
    }
    if windows and source.random() < 0.4:
        found["release_time"] = [source.randint(0, 3) for _ in range(n)]
    if windows and source.random() < 0.4:
        found["deadline"] = [source.choice([None, source.randint(4, 9)]) for _ in range(n)]
    if windows and n > 2 and source.random() < 0.3:
        found["disjunctive"] = [source.sample(range(n), 2)]
    return found


def made(source: random.Random, most: int = 4, *, windows: bool = True) -> tuple[dict[str, Any], sk.rcpsp.Project | None]:
    """Columns that are no other error than a positive cycle; then the project is None."""
    while True:
        found = columns(source, most, windows=windows)
        if not any(high is not None for high in found["max_lag"]):
            continue
        try:
            return found, sk.rcpsp.Project(**found)
        except sk.CycleError:
            return found, None


def keeps(found: dict[str, Any], start: dict[int, int], k: int) -> bool:
    """Whether two placed activities keep the lags of pair `k`."""
    i, j = found["precedence"][k]
    if i not in start or j not in start:
        return True
    duration, relation = found["duration"], found["relation"][k]
    first = start[i] + (duration[i] if relation[0] == "F" else 0)
    second = start[j] + (duration[j] if relation[1] == "F" else 0)
    low, high = found["lag"][k], found["max_lag"][k]
    return (low is None or second - first >= low) and (high is None or second - first <= high)


def fits(found: dict[str, Any], start: dict[int, int]) -> bool:
    """Whether resources and groups allow these starts."""
    duration = found["duration"]
    for time in range(max((s + duration[i] for i, s in start.items()), default=0)):
        running = [i for i, s in start.items() if s <= time < s + duration[i]]
        if any(sum(found["demand"][i][r] for i in running) > c for r, c in enumerate(found["capacity"])):
            return False
        if any(len(set(group) & set(running)) > 1 for group in found.get("disjunctive", [])):
            return False
    return True


def best(found: dict[str, Any], horizon: int, accept: Callable[[list[int]], bool] = lambda _: True) -> int | None:
    """The least makespan of all schedules that end by `horizon` and that `accept` takes, or None."""
    n = len(found["duration"])
    release = found.get("release_time") or [0] * n
    deadline = found.get("deadline") or [None] * n
    least: int | None = None

    def place(i: int, start: dict[int, int], end: int) -> None:
        nonlocal least
        if least is not None and end >= least:
            return
        if i == n:
            if accept([start[k] for k in range(n)]):
                least = end
            return
        duration = found["duration"][i]
        for time in range(release[i], horizon - duration + 1):
            start[i] = time
            late = deadline[i] is not None and time + duration > deadline[i]
            if not late and all(keeps(found, start, k) for k in range(len(found["precedence"]))) and fits(found, start):
                place(i + 1, start, max(end, time + duration))
            del start[i]

    place(0, {}, 0)
    return least
