"""Small projects with optional activities and alternatives, at random, and what is best by trying every choice."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import Any

import schedkit as sk

from . import constrained

Columns = dict[str, Any]


def columns(source: random.Random, most: int = 4, *, modes: bool = False, relations: bool = False) -> Columns:
    """The columns of a small project: groups of alternatives, which may share activities, and free optional activities."""
    n, width = source.randint(1, most), source.randint(0, 2)
    capacity = [source.randint(1, 3) for _ in range(width)]
    owner = sorted([*range(n), *(source.randrange(n) for _ in range(source.randint(1, 2) if modes else 0))])
    pairs = [(i, j) for i in range(n) for j in range(i + 1, n) if source.random() < 0.35]
    found: Columns = {
        "duration": [source.randint(0, 3) for _ in owner],
        "demand": [[source.randint(0, units) for units in capacity] for _ in owner],
        "capacity": capacity,
        "precedence": pairs,
        "lag": [source.randint(-2 if relations else 0, 2) for _ in pairs],
        "optional": [source.random() < 0.2 for _ in range(n)],
        "alternatives": [sorted(source.sample(range(n), source.randint(1, min(3, n)))) for _ in range(source.randint(0, 2))],
    }
    if relations:
        found["relation"] = [source.choice(["FS", "SS", "FF", "SF"]) for _ in pairs]
    if source.random() < 0.5:
        found["release_time"] = [source.choice([0, 0, 1, 3]) for _ in range(n)]
    if source.random() < 0.5:
        found["deadline"] = [source.choice([None, None, 4, 6, 9]) for _ in range(n)]
    if modes:
        stock = [source.randint(n, 3 * n)]
        found |= {"activity": owner, "nonrenewable": stock, "consumption": [[source.randint(0, 3)] for _ in owner]}
    return found


def made(source: random.Random, most: int = 4, *, modes: bool = False, relations: bool = False) -> sk.rcpsp.Project:
    """The next project that has an optional activity."""
    while not (project := sk.rcpsp.Project(**columns(source, most, modes=modes, relations=relations))).has_options:
        pass
    return project


def choices(project: sk.rcpsp.Project) -> Iterator[list[int]]:
    """Every choice of rows, -1 for what does not run, that groups, stocks and capacities allow."""
    n = project.num_activities
    owner = list(range(n)) if project.activity is None else project.activity.tolist()
    rows = [[row for row, i in enumerate(owner) if i == activity] for activity in range(n)]
    for mode in itertools.product(*(own + [-1] * bool(project.optional[i]) for i, own in enumerate(rows))):
        if any(sum(mode[i] != -1 for i in group) != 1 for group in project.alternatives):
            continue
        used = [row for row in mode if row != -1]
        if any((project.demand[row] > project.capacity).any() and project.duration[row] for row in used):
            continue
        if project.nonrenewable is not None and project.consumption is not None:
            total = project.consumption[used].sum(axis=0) if used else project.nonrenewable * 0
            if (total > project.nonrenewable).any():
                continue
        yield list(mode)


def single(project: sk.rcpsp.Project, mode: list[int]) -> sk.rcpsp.Project:
    """The project of what runs alone, made from nothing; its activities are numbered anew."""
    kept = [i for i, row in enumerate(mode) if row != -1]
    number = {i: k for k, i in enumerate(kept)}
    pairs = [k for k, (i, j) in enumerate(project.precedence.tolist()) if i in number and j in number]
    deadline = project.deadline.tolist()
    return sk.rcpsp.Project(
        [int(project.duration[mode[i]]) for i in kept],
        [project.demand[mode[i]].tolist() for i in kept] if kept else project.demand[:0],
        project.capacity,
        precedence=[(number[int(project.precedence[k, 0])], number[int(project.precedence[k, 1])]) for k in pairs],
        relation=[project.relation[k] for k in pairs],
        lag=[int(project.lag[k]) for k in pairs],
        release_time=[int(project.release_time[i]) for i in kept],
        deadline=[None if deadline[i] == constrained.NONE else deadline[i] for i in kept],
    )


def best(project: sk.rcpsp.Project) -> int | None:
    """The least makespan over all choices and starts; None if there is no schedule."""
    lengths: list[int] = []
    for mode in choices(project):
        alone = single(project, mode)
        if alone.num_activities == 0:
            return 0
        horizon = int(alone.duration.sum() + abs(alone.lag).sum() + alone.release_time.max(initial=0)) + 2
        length = constrained.best_makespan(constrained.Plain.of(alone), min([horizon, *lengths]))
        if length is not None:
            lengths.append(length)
    return min(lengths, default=None)
