"""Slow and obvious dispatching, and random small shops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import schedkit as sk

Run = tuple[int, int, int]  # machine, start, end


def is_open(calendar: sk.shop.Calendar | None, time: int) -> bool:
    """Whether a machine is open at a moment; tells it by the step that began last."""
    if calendar is None or not calendar.time.size:
        return True
    steps = calendar.time.tolist()
    if calendar.period is not None:
        time = steps[0] + (time - steps[0]) % calendar.period
    begun = [k for k, step in enumerate(steps) if step <= time]
    return not begun or bool(calendar.capacity[begun[-1]])


def dispatch(
    shop: sk.shop.Shop, rule: Any, scheme: str, fixed: dict[int, tuple[int, int, int]] | None = None, now: int = 0
) -> list[Run]:
    """Giffler and Thompson's or non-delay dispatching: every step looks at every ready operation on every machine."""
    fixed = fixed or {}
    jobs = shop.jobs
    owner: list[int] = []
    first: list[int] = []
    choices: list[tuple[tuple[int, int], ...]] = []
    for j, job in enumerate(jobs):
        first.append(len(owner))
        for operation in job:
            owner.append(j)
            choices.append(operation)
    release, weight = shop.release_time.tolist(), [1] * len(jobs) if shop.weight is None else shop.weight.tolist()
    family = list(range(len(jobs))) if shop.family is None else shop.family.tolist()
    shortest = [min(d for _, d in c) for c in choices]
    mean = sum(shortest) / max(len(shortest), 1)
    runs: dict[int, Run] = dict(fixed)
    order: dict[int, list[int]] = {m: [] for m in range(shop.num_machines)}
    for op in sorted(fixed, key=lambda op: (fixed[op][2], op)):
        order[fixed[op][0]].append(op)

    def place(op: int, machine: int, duration: int) -> tuple[int, int, int, int]:
        """Completion, machine, start and arrival of an operation as the next one of a machine."""
        j, arrival = owner[op], release[owner[op]]
        if op > first[j]:
            before = runs[op - 1]
            way = 0 if shop.transport is None else int(shop.transport[before[0], machine])
            arrival = before[2] + way
        ready = now
        if order[machine]:
            last = order[machine][-1]
            ready = max(now, runs[last][2])
            if machine in shop.setup:
                ready += int(shop.setup[machine][family[owner[last]], family[j]])
        elif machine in shop.initial_setup:
            ready += int(shop.initial_setup[machine][family[j]])
        start = max(ready, arrival)
        while not all(is_open(shop.calendars.get(machine), t) for t in range(start, start + duration)):
            start += 1
        return start + duration, machine, start, arrival

    while len(runs) < len(owner):
        ready = {}
        for j, job in enumerate(jobs):
            left = [op for op in range(first[j], first[j] + len(job)) if op not in runs]
            if left:
                ready[j] = (left[0], *min(place(left[0], m, d) for m, d in choices[left[0]]))
        if scheme == "active":
            best = min(ready, key=lambda j: (ready[j][1], j))
            _, end, machine, _, _ = ready[best]
            chosen = [j for j, r in ready.items() if r[2] == machine and (r[3] < end or j == best)]
        else:
            soonest = min(r[3] for r in ready.values())
            chosen = [j for j, r in ready.items() if r[3] == soonest]
        moment = min(ready[j][3] for j in chosen)

        def key(j: int, moment: int = moment, ready: Any = ready) -> Any:
            op, end, _, start, arrival = ready[j]
            p, total = end - start, sum(shortest[first[j] : first[j] + len(jobs[j])])
            work = sum(shortest[op : first[j] + len(jobs[j])])
            left = first[j] + len(jobs[j]) - op
            due = total + total // 2
            if shop.due_date is not None and shop.due_date[j] != 2**63 - 1:
                due = int(shop.due_date[j])
            if not isinstance(rule, str):
                return rule[op]
            if rule == "cr":
                return (due - moment) / work if work else math.copysign(math.inf, due - moment) if due != moment else 0.0
            if rule == "atc":
                rate = 0.0 if not weight[j] else math.inf if not p else weight[j] / p
                return -rate if math.isinf(rate) else -rate * math.exp(-max(0, due - moment - work) / max(2 * mean, 1e-300))
            return {
                "spt": p,
                "lpt": -p,
                "mwkr": -work,
                "lwkr": work,
                "mopnr": -left,
                "lopnr": left,
                "fifo": arrival,
                "edd": due,
                "slack": due - moment - work,
            }[rule]

        j = min(chosen, key=lambda j: (key(j), j))
        op, end, machine, start, _ = ready[j]
        runs[op] = (machine, start, end)
        order[machine].append(op)
    return [runs[op] for op in range(len(owner))]


def random_shop(rng: np.random.Generator, *, dispatchable: bool = True) -> sk.shop.Shop:
    """A small shop with a random mix of features; without `dispatchable` also those that dispatching refuses."""
    n, m = int(rng.integers(0, 6)), int(rng.integers(1, 5))
    most = 1 if rng.random() < 0.5 else m
    jobs = []
    for _ in range(n):
        machines = [rng.permutation(m)[: rng.integers(1, most + 1)].tolist() for _ in range(rng.integers(0, 5))]
        jobs.append([{k: int(rng.integers(0, 7)) for k in chosen} for chosen in machines])
    options: dict[str, Any] = {"num_machines": m}
    if rng.random() < 0.5:
        options["release_time"] = rng.integers(0, 10, n)
    if rng.random() < 0.5:
        options["due_date"] = [None if rng.random() < 0.3 else int(rng.integers(-5, 30)) for _ in range(n)]
    if rng.random() < 0.5:
        options["weight"] = rng.integers(0, 5, n) if rng.random() < 0.5 else rng.integers(0, 5, n) / 4
    families = n
    if n and rng.random() < 0.3:
        families = int(rng.integers(1, n + 1))
        options["family"] = [*rng.integers(0, families, n - 1), families - 1]
    if rng.random() < 0.3:
        options["setup"] = {int(k): rng.integers(0, 5, (families, families)) for k in rng.permutation(m)[:2]}
        options["initial_setup"] = {0: rng.integers(0, 5, families)}
    elif rng.random() < 0.4:
        options["calendars"] = {int(k): sk.shop.Calendar([0, 8, 11], [1, 0, 1], 16) for k in rng.permutation(m)[:2]}
    if rng.random() < 0.3:
        options["transport"] = rng.integers(0, 5, (m, m))
    if not dispatchable:
        kind = rng.integers(0, 4)
        if kind == 1:
            options["no_wait"] = True
        elif kind == 2:
            options["blocking"] = "swap"
        elif kind == 3 and "transport" not in options:
            options["blocking"] = "no_swap"
    return sk.shop.Shop(jobs, **options)
