"""Slow, obvious versions of everything, written from the definitions."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

Ints = Sequence[int]


def total_tardiness(p: Ints, d: Ints, order: Ints, w: Sequence[float] | None = None) -> float:
    clock, total = 0, 0.0 if w and isinstance(w[0], float) else 0
    for j in order:
        clock += p[j]
        total += (1 if w is None else w[j]) * max(0, clock - d[j])
    return total


def brute_force(p: Ints, d: Ints, w: Sequence[float] | None = None) -> float:
    return min(total_tardiness(p, d, order, w) for order in itertools.permutations(range(len(p))))


def subset_dp(p: Ints, d: Ints) -> int:
    """Optimal total tardiness, by subsets."""
    n = len(p)
    time, value = [0] * (1 << n), [0] * (1 << n)
    for s in range(1, 1 << n):
        low = (s & -s).bit_length() - 1
        time[s] = time[s & (s - 1)] + p[low]
        value[s] = min(value[s ^ (1 << j)] + max(0, time[s] - d[j]) for j in range(n) if s >> j & 1)
    return value[-1]


def edd(p: Ints, d: Ints) -> list[int]:
    return sorted(range(len(p)), key=lambda j: (d[j], p[j], j))


def spt(p: Ints, d: Ints) -> list[int]:
    return sorted(range(len(p)), key=lambda j: (p[j], d[j], j))


def _dispatch(p: Ints, line: list[int], key: Callable[[int, int], Any]) -> list[int]:
    order: list[int] = []
    clock = 0
    while line:
        keys = [key(j, clock) for j in line]
        job = line.pop(keys.index(min(keys)))
        order.append(job)
        clock += p[job]
    return order


def mdd(p: Ints, d: Ints) -> list[int]:
    return _dispatch(p, list(range(len(p))), lambda j, t: (max(t + p[j], d[j]), j))


def psk(p: Ints, d: Ints) -> list[int]:
    """The authors' search, step by step."""
    u, order, t = spt(p, d), [], 0
    while u:
        if len(u) == 1:
            order += u
            break
        k = 0
        while True:
            i = u[k]
            if t + p[i] >= d[i] or k == len(u) - 1:
                break
            nxt = k + 1
            while nxt < len(u) and d[i] > t + p[u[nxt]] and d[i] <= d[u[nxt]]:
                nxt += 1
            if nxt == len(u) or d[i] <= t + p[u[nxt]]:
                break
            k = nxt
        order.append(u.pop(k))
        t += p[order[-1]]
    return order


def panneerselvam(p: Ints, d: Ints) -> list[int]:
    order = [j for j in range(len(p)) if p[j] == 0]
    line = [j for j in range(len(p)) if p[j] > 0]
    while line:
        rest = sum(p[j] for j in line)
        job = max(line, key=lambda j: ((rest - d[j]) / p[j], j))
        line.remove(job)
        order.append(job)
    return order


def atc(p: Ints, d: Ints, w: Sequence[float], k: float) -> list[int]:
    mean = sum(p) / len(p) if p else 0
    first = [j for j in range(len(p)) if p[j] == 0]
    line = [j for j in range(len(p)) if p[j] > 0]
    clock = 0
    while line:
        job = max(line, key=lambda j: (w[j] / p[j] * math.exp(-max(0, d[j] - p[j] - clock) / (k * mean)), -j))
        line.remove(job)
        first.append(job)
        clock += p[job]
    return first


def wmdd(p: Ints, d: Ints, w: Sequence[float]) -> list[int]:
    return _dispatch(p, list(range(len(p))), lambda j, t: (max(p[j], d[j] - t) / w[j] if w[j] else math.inf, j))


def wspt(p: Ints, w: Sequence[float]) -> list[int]:
    return sorted(range(len(p)), key=lambda j: (-(w[j] / p[j]) if p[j] else -math.inf, j))


def nbr(p: Ints, d: Ints) -> list[int]:
    s = edd(p, d)
    pos = len(s) - 1
    while pos >= 0:
        completion, clock = [], 0
        for j in s:
            clock += p[j]
            completion.append(clock)
        late = [max(0, completion[k] - d[j]) for k, j in enumerate(s)]
        best, place = 0, None
        if late[pos]:
            for i in range(pos):
                if p[s[i]] > p[s[pos]]:
                    gain = sum(min(p[s[i]], late[k]) for k in range(i + 1, pos + 1))
                    net = gain - (max(0, completion[pos] - d[s[i]]) - late[i])
                    if net > best:
                        best, place = net, i
        if place is None:
            pos -= 1
        else:
            s.insert(pos, s.pop(place))
    return s


def eddc(p: Ints, d: Ints) -> list[int]:
    s = spt(p, d)
    for i in range(1, len(s)):
        j = i
        while j > 0 and d[s[j]] < d[s[j - 1]]:
            if d[s[j - 1]] > sum(p[x] for x in s[:j]):
                s[j - 1], s[j] = s[j], s[j - 1]
            j -= 1
    return s


def mddc(p: Ints, d: Ints) -> list[int]:
    line, order, clock = edd(p, d), [], 0
    while line:
        longest, mean = max(p[j] for j in line), sum(p[j] for j in line) / len(line)

        def key(j: int, clock: int = clock, longest: int = longest, mean: float = mean) -> float:
            r = min(1.0, p[j] / (clock + longest)) if p[j] else 0.0
            theta = r * r / (1 + r * r)
            return max(1.1 * p[j] + clock, float(d[j])) * (1 + theta) + (p[j] / (clock + mean) if p[j] else 0.0)

        job = min(line, key=key)  # the first minimum in order of due dates
        line.remove(job)
        order.append(job)
        clock += p[job]
    return order


def augmented(p: Ints, d: Ints, order: list[int]) -> list[int]:
    part: list[int] = []
    for job in order:
        part.append(job)
        now = total_tardiness(p, d, part)
        moves = [part[:i] + part[i + 1 :] + [part[i]] for i in range(len(part) - 1)]
        costs = [total_tardiness(p, d, move) for move in moves]
        if costs and min(costs) < now:
            part = moves[costs.index(min(costs))]
    return part
