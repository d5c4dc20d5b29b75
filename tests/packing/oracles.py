"""Slow and obvious versions of the methods of packing, written from their definitions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Bins = list[int]


def first_fit(sizes: Sequence[Any], capacity: Any) -> Bins:
    """Each item into the lowest bin with enough left."""
    left: list[Any] = []
    bins = []
    for size in sizes:
        fitting = [b for b, free in enumerate(left) if size <= free]
        if not fitting:
            left.append(capacity)
        b = fitting[0] if fitting else len(left) - 1
        left[b] -= size
        bins.append(b)
    return bins


def best_fit(sizes: Sequence[Any], capacity: Any) -> Bins:
    """Each item into the bin with the least that is enough, the lowest of equals."""
    left: list[Any] = []
    bins = []
    for size in sizes:
        fitting = [(free, b) for b, free in enumerate(left) if size <= free]
        if not fitting:
            left.append(capacity)
        b = min(fitting)[1] if fitting else len(left) - 1
        left[b] -= size
        bins.append(b)
    return bins


def in_descending_order(sizes: Sequence[Any]) -> list[int]:
    """The items, the largest first, then by index."""
    return sorted(range(len(sizes)), key=lambda i: (-sizes[i], i))


def decreasing(method: Callable[[Sequence[Any], Any], Bins]) -> Callable[[Sequence[Any], Any], Bins]:
    """A method on the items in descending order."""

    def run(sizes: Sequence[Any], capacity: Any) -> Bins:
        order = in_descending_order(sizes)
        bins = [0] * len(sizes)
        for i, b in zip(order, method([sizes[i] for i in order], capacity), strict=True):
            bins[i] = b
        return bins

    return run


def mffd(sizes: Sequence[Any], capacity: Any) -> Bins:
    """Modified first fit decreasing, phase by phase."""
    order = in_descending_order(sizes)
    large = [i for i in order if 2 * sizes[i] > capacity]
    medium = [i for i in order if 2 * sizes[i] <= capacity < 3 * sizes[i]]
    small = [i for i in order if 3 * sizes[i] <= capacity < 6 * sizes[i]]
    tiny = [i for i in order if 6 * sizes[i] <= capacity]
    bins = [0] * len(sizes)
    left = [capacity - sizes[i] for i in large]
    for b, i in enumerate(large):
        bins[i] = b

    def put(item: int, b: int) -> None:
        for kind in (medium, small, tiny):
            if item in kind:
                kind.remove(item)
        left[b] -= sizes[item]
        bins[item] = b

    with_medium = set()
    for b in range(len(large)):
        fitting = [i for i in medium if sizes[i] <= left[b]]
        if fitting:
            put(fitting[0], b)
            with_medium.add(b)
    for b in reversed(range(len(large))):
        if b in with_medium or len(small) < 2:
            continue
        if sizes[small[-1]] <= left[b] and sizes[small[-2]] <= left[b] - sizes[small[-1]]:
            put(small[-1], b)
            put(next(i for i in small if sizes[i] <= left[b]), b)
    for b in range(len(large)):
        while fitting := [i for i in (*medium, *small, *tiny) if sizes[i] <= left[b]]:
            put(fitting[0], b)
    rest = [*medium, *small, *tiny]
    for i, b in zip(rest, first_fit([sizes[i] for i in rest], capacity), strict=True):
        bins[i] = b + len(large)
    return bins


def karmarkar_karp(sizes: Sequence[Any], k: int) -> list[Any]:
    """The loads by the largest differencing method on whole k-tuples, the largest first."""
    tuples = [((size - (0 if k > 1 else size)), i, [(size, [i])] + [(0, [])] * (k - 1)) for i, size in enumerate(sizes)]
    while len(tuples) > 1:
        tuples.sort(key=lambda entry: (-entry[0], entry[1]))
        (_, i, a), (_, j, b), *tuples = tuples
        joined = sorted(((x + y, g + h) for (x, g), (y, h) in zip(a, reversed(b), strict=True)), key=lambda entry: -entry[0])
        least = joined[-1][0]
        joined = [(load - least, items) for load, items in joined]
        tuples.append((joined[0][0], min(i, j), joined))
    groups = tuples[0][2] if tuples else []
    return sorted((sum(sizes[i] for i in items) for _, items in groups), reverse=True)


def longest_first(sizes: Sequence[Any], k: int, most: float = math.inf, speeds: Sequence[float] | None = None) -> Bins:
    """Longest processing time first by completion time, into bins with fewer than `most` items."""
    load, count, bins = [0] * k, [0] * k, [0] * len(sizes)
    speed = speeds or [1] * k
    for i in in_descending_order(sizes):
        b = min((b for b in range(k) if count[b] < most), key=lambda b: ((load[b] + sizes[i]) / speed[b], b))
        load[b] += sizes[i]
        count[b] += 1
        bins[i] = b
    return bins


def least_max_load(sizes: Sequence[int], k: int, max_count: int | None = None, *, equal_count: bool = False) -> int:
    """The least possible largest load, by trying all partitions."""
    n = len(sizes)
    most = -(-n // k) if equal_count else (n if max_count is None else max_count)
    least = n // k if equal_count else 0
    best = sum(sizes)
    states = {tuple([(0, 0)] * k)}
    for size in sizes:
        states = {
            tuple(sorted((*state[:b], (state[b][0] + size, state[b][1] + 1), *state[b + 1 :])))
            for state in states
            for b in range(k)
            if state[b][1] < most
        }
    for state in states:
        if min(count for _, count in state) >= least:
            best = min(best, max(load for load, _ in state))
    return best


def least_bins(sizes: Sequence[int], capacity: int) -> int:
    """The least number of bins, by trying all partitions into one, two, ... bins."""
    return next(k for k in range(len(sizes) + 1) if (k and least_max_load(sizes, k) <= capacity) or not sizes)


def _balanced(load: Sequence[np.float32], packs: int) -> list[list[int]]:
    """Equally many items for each pack, as DeepSeek's balancer packs them."""
    places = len(load) // packs
    if places == 1:
        return [[i] for i in range(len(load))]
    total, content = [np.float32(0)] * packs, [list[int]() for _ in range(packs)]
    for i in sorted(range(len(load)), key=lambda i: (-load[i], i)):
        pack = min((p for p in range(packs) if len(content[p]) < places), key=lambda p: (total[p], p))
        content[pack].append(i)
        total[pack] = np.float32(total[pack] + load[i])
    return content


def eplb(load: Sequence[float], replicas: int, groups: int, nodes: int, devices: int) -> list[int]:
    """The expert in each slot by the stated rule, in 32-bit floats."""
    numbers = [np.float32(value) for value in load]
    if groups % nodes:
        groups = nodes = 1
    size = len(numbers) // groups
    group_load = []
    for g in range(groups):
        total = np.float32(0)
        for value in numbers[g * size : (g + 1) * size]:
            total = np.float32(total + value)
        group_load.append(total)
    slots = []
    for packed in _balanced(group_load, nodes):
        members = [e for g in packed for e in range(g * size, (g + 1) * size)]
        own = np.array([numbers[e] for e in members], np.float32)
        count = np.ones(len(members), np.float32)
        holders = list(range(len(members)))
        for _ in range(replicas // nodes - len(members)):
            heaviest = int(np.argmax(own / count))
            holders.append(heaviest)
            count[heaviest] += 1
        parts = [np.float32(own[m] / count[m]) for m in holders]
        slots += [members[holders[s]] for device in _balanced(parts, devices // nodes) for s in device]
    return slots
