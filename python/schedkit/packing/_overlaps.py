"""What is wrong with offsets of buffers, for the checker and for offsets that callers give; shares no code with the search."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._violations import MOST, Rows


def faults(buffers: dict[str, Any], offset: NDArray[np.int64]) -> Rows:
    """What is wrong with offsets: their number, signs, alignment, capacity, fixed ones, and overlaps in space and time."""
    start, end, size = (buffers[name].tolist() for name in ("start", "end", "size"))
    if len(offset) != len(start):
        return [("missing", (), f"{len(offset)} buffers have offsets, expected {len(start)}")]
    fixed, alignment, capacity = dict(buffers["fixed"]), buffers["alignment"], buffers["capacity"]
    low = offset.tolist()
    high = [place + units for place, units in zip(low, size, strict=True)]
    found: Rows = []
    for i, place in enumerate(low):
        if place < 0:
            found.append(("capacity", (i,), f"buffer {i} has the offset {place}, expected at least 0"))
        if i in fixed and place != fixed[i]:
            found.append(("fixed", (i,), f"buffer {i} has the offset {place}, it is fixed at {fixed[i]}"))
        if i not in fixed and place % alignment:
            found.append(("capacity", (i,), f"buffer {i} has the offset {place}, which is no multiple of {alignment}"))
        if capacity is not None and high[i] > capacity:
            found.append(("capacity", (i,), f"buffer {i} ends at {high[i]}, the capacity is {capacity}"))
    return found[:MOST] + _overlaps(start, end, low, high)


def _overlaps(start: list[int], end: list[int], low: list[int], high: list[int]) -> Rows:
    """Pairs that share addresses while both are alive: those that are neighbours by offset when one of them begins."""
    events = sorted([(t, 1, i) for i, t in enumerate(start)] + [(t, 0, i) for i, t in enumerate(end)])
    alive: list[tuple[int, int, int]] = []
    found: Rows = []
    for _, begins, i in events:
        entry = (low[i], high[i], i)
        if not begins:
            del alive[bisect_left(alive, entry)]
            continue
        at = bisect_left(alive, entry)
        # Without an overlap so far, only the next lower and the next higher one can overlap.
        for other in alive[max(at - 1, 0) : at + 1]:
            if other[0] < high[i] and low[i] < other[1]:
                pair = (min(i, other[2]), max(i, other[2]))
                detail = f"buffers {pair[0]} and {pair[1]} are alive together and share addresses"
                found.append(("disjunctive", pair, detail))
                if len(found) >= MOST:
                    return found
        insort(alive, entry)
    return found
