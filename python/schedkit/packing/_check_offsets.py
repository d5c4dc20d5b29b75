"""The check of memory offsets for `schedkit.check`, by code that the search does not share."""

from __future__ import annotations

from ._overlaps import Rows, faults
from .memory_offsets import OffsetResult


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
    if result.status != ("optimal" if result.lower_bound == peak else "feasible"):
        found.append(("objective", (), f"the status is {result.status!r}, the peak {peak}, its bound {result.lower_bound!r}"))
    return found


def _without_offsets(result: OffsetResult) -> Rows:
    """What an answer without offsets says that cannot be."""
    if result.status not in ("infeasible", "unknown") or result.peak is not None:
        return [("missing", (), f"there are no offsets, but the status is {result.status!r} and the peak {result.peak!r}")]
    return []
