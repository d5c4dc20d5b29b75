"""The check of memory offsets for `schedkit.check`, by code that the search does not share."""

from __future__ import annotations

from typing import Any

from ._overlaps import faults
from ._violations import Rows, wrong_status
from .memory_offsets import OffsetResult

_TRIED = 7
"""Buffers of a conflict up to which all orders are tried."""


def offset_violations(result: OffsetResult) -> Rows:
    """Rows (kind, subject, detail) of memory offsets."""
    buffers = result._buffers
    if result.offset is None:
        return _without_offsets(result)
    found = faults(buffers, result.offset)
    if any(kind == "missing" for kind, _, _ in found):
        return found
    peak = int((result.offset + buffers["size"]).max(initial=0))
    if result.peak != peak:
        found.append(("objective", (), f"the peak is {peak}, not {result.peak!r}"))
    if result.lower_bound > peak:
        found.append(("objective", (), f"the lower bound {result.lower_bound!r} exceeds the peak {peak}"))
    if result.conflict is not None:
        found.append(("objective", (), "there are offsets, but a conflict as well"))
    return found + wrong_status(result.status, peak, result.lower_bound, "peak", is_optimal=result.lower_bound == peak)


def _without_offsets(result: OffsetResult) -> Rows:
    """What an answer without offsets says that cannot be."""
    if result.status not in ("infeasible", "unknown") or result.peak is not None:
        return [("missing", (), f"there are no offsets, but the status is {result.status!r} and the peak {result.peak!r}")]
    capacity, fixed = result._buffers["capacity"], result._buffers["fixed"]
    refuted = capacity is not None and result.lower_bound > capacity
    found: Rows = []
    if result.status == "unknown" and (capacity is None or refuted):
        detail = f"the status is 'unknown', the lower bound {result.lower_bound!r} and the capacity {capacity!r}"
        found.append(("objective", (), detail))
    if result.status == "infeasible" and not refuted and not fixed:
        found.append(("objective", (), f"the lower bound {result.lower_bound!r} does not exceed the capacity {capacity!r}"))
    if result.conflict is not None:
        found += _conflict(result)
    return found


def _conflict(result: OffsetResult) -> Rows:
    """What is wrong with a conflict: buffers that do not exist, that fit together, or that do not fit without one of them."""
    buffers, members = result._buffers, result.conflict.tolist() if result.conflict is not None else []
    if result.status != "infeasible":
        return [("objective", (), f"there is a conflict, but the status is {result.status!r}")]
    if not members or len(set(members)) < len(members) or not all(0 <= i < result.size.size for i in members):
        return [("unknown_id", (), f"the conflict {members} does not hold different buffers from 0 to {result.size.size - 1}")]
    if _fits(buffers, members):
        return [("objective", tuple(members), "the buffers of the conflict fit together")]
    for k, i in enumerate(members):
        if _fits(buffers, members[:k] + members[k + 1 :]) is False:
            return [("objective", (i,), f"the buffers of the conflict do not fit without buffer {i} either")]
    return []


def _fits(buffers: dict[str, Any], members: list[int]) -> bool | None:
    """Whether buffers fit together into the capacity; None if there are too many to try.

    Buffers that fit can be pushed down until each lies at 0 or on one below it. So it is enough to try all orders of offsets,
    where each buffer takes the lowest free place that is not below the one before.
    """
    start, end, size = (buffers[name] for name in ("start", "end", "size"))
    capacity, alignment, fixed = buffers["capacity"], buffers["alignment"], dict(buffers["fixed"])
    given = [(i, fixed[i]) for i in members if i in fixed]
    free = [i for i in members if i not in fixed]

    def overlap(i: int, j: int) -> bool:
        return bool(start[i] < end[j] and start[j] < end[i])

    def clash(i: int, place: int, placed: list[tuple[int, int]]) -> list[int]:
        """The tops of placed buffers that a buffer would overlap."""
        return [p + int(size[j]) for j, p in placed if overlap(i, j) and p < place + size[i] and place < p + size[j]]

    for k, (i, place) in enumerate(given):
        if (capacity is not None and place + size[i] > capacity) or clash(i, place, given[:k]):
            return False
    if capacity is None:
        return True
    if alignment == 1 and not given and free and int(start[free].max()) < int(end[free].min()):
        return bool(size[free].sum() <= capacity)  # all are alive together: only the sum counts
    if len(free) > _TRIED:
        return None

    def extends(placed: list[tuple[int, int]], rest: list[int], floor: int) -> bool:
        if not rest:
            return True
        for i in rest:
            place = -(-floor // alignment) * alignment
            while tops := clash(i, place, placed):
                place = -(-max(tops) // alignment) * alignment
            if place + int(size[i]) <= capacity and extends([*placed, (i, place)], [j for j in rest if j != i], place):
                return True
        return False

    return extends(given, free, 0)
