"""The checks of partitions and bins for `schedkit.check`, by code that the methods do not share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._violations import MOST, Rows, wrong_lengths, wrong_status
from .bin_packing import BinResult
from .partitioning import PartitionResult

_EPSILON = 2.0**-52


def partition_violations(result: PartitionResult) -> Rows:
    """Rows (kind, subject, detail) of a partition."""
    most, equal, num_bins = result._limits
    if found := wrong_lengths({"load": result.load}, num_bins):
        return found
    found, total, count, close = _content(result.bin, result.load, result.size, num_bins)
    if equal and count.size and int(count.max()) - int(count.min()) > 1:
        low, high = int(count.argmin()), int(count.argmax())
        detail = f"bin {high} holds {count[high]} items and bin {low} {count[low]}: they differ by more than one"
        found.append(("capacity", (high,), detail))
    if most is not None:
        found += [
            ("capacity", (int(b),), f"bin {b} holds {count[b]} items, at most {most} are allowed")
            for b in np.flatnonzero(count > most)[:MOST]
        ]
    if result._speeds is None:
        largest: Any = total.max()
    else:
        largest = (total / result._speeds).max()
        close = close / result._speeds.min() + 4 * _EPSILON * abs(largest)
    if abs(largest - result.max_load) > close:
        found.append(("objective", (), f"the largest load is {largest.item()}, not {result.max_load!r}"))
    return found + _bounds(result, result.max_load, "largest load", close)


def bin_violations(result: BinResult) -> Rows:
    """Rows (kind, subject, detail) of a bin packing."""
    found, total, count, close = _content(result.bin, result.load, result.size, len(result.load))
    over = np.flatnonzero(total > result.capacity + close)
    found += [
        ("capacity", (int(b),), f"bin {b} holds {total[b].item()}, its capacity is {result.capacity!r}") for b in over[:MOST]
    ]
    if result.num_bins != len(result.load) or (count == 0).any():
        used = int((count > 0).sum())
        found.append(("objective", (), f"{used} bins hold items, not {result.num_bins}"))
    return found + _bounds(result, result.num_bins, "number of bins", 0)


def _content(placed: Any, load: Any, sizes: NDArray[Any], num_bins: int) -> tuple[Rows, Any, Any, float]:
    """What is wrong with the bins of items, the true loads and counts, and by how much a sum of floats may differ."""
    placed = np.asarray(placed)
    if len(placed) != sizes.size:
        return [("missing", (), f"{len(placed)} items have bins, expected {sizes.size}")], load, np.zeros(num_bins, int), 0.0
    found: Rows = [
        ("unknown_id", (int(i),), f"item {i} is in bin {placed[i]}, expected 0 to {num_bins - 1}")
        for i in np.flatnonzero((placed < 0) | (placed >= num_bins))[:MOST]
    ]
    known = (placed >= 0) & (placed < num_bins)
    total = np.zeros(num_bins, sizes.dtype)
    np.add.at(total, placed[known], sizes[known])
    count = np.bincount(placed[known], minlength=num_bins)
    close = float(total.max(initial=0)) * _EPSILON * (sizes.size + 4) if sizes.dtype.kind == "f" else 0.0
    found += [
        ("objective", (int(b),), f"the load of bin {b} is {total[b].item()}, not {load[b].item()}")
        for b in np.flatnonzero(np.abs(total - load) > close)[:MOST]
    ]
    return found, total, count, close


def _bounds(result: Any, value: float, noun: str, close: float) -> Rows:
    """What the bound and the status say that cannot be."""
    found: Rows = []
    if result.lower_bound > value + close:
        found.append(("objective", (), f"the lower bound {result.lower_bound!r} exceeds the {noun} {value!r}"))
    return found + wrong_status(result.status, value, result.lower_bound, noun, is_optimal=result.lower_bound == value)
