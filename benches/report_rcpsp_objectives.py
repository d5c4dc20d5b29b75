"""What `rcpsp.solve` gains over rules for due dates, and what it proves: tables of docs/results/rcpsp.md.

Half an hour; needs the data and OR-Tools.

PSPLIB has no due dates, so they are drawn here, with a seed: three activities of four have one, uniform between 0.4 and 1.1
times the makespan of the serial scheme by latest finish, and a weight from 1 to 10.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import schedkit as sk

from benches.report_rcpsp import instances
from benches.tables import Makers, Table, producer, table
from tests.rcpsp.dated import KINDS, cp_sat
from tests.rcpsp.dated import project as small_project

SETS = ("j30", "j60")
EVERY = 16
"""One instance of so many."""
BUDGETS = (1000, 10_000)
SMALL, SECONDS = 40, 2.0
"""Small projects of each kind, and the time for each."""
TIGHTNESS = (1.0, 1.2, 1.5)
"""Due dates, as multiples of the earliest completion times by precedence alone."""
PER_SET, LONG = 50, 10.0
"""Instances of a set that are compared with CP-SAT, and the seconds for each."""
NAMES = tuple(name for name in sk.rcpsp.OBJECTIVES if name != "makespan")


def dated(name: str) -> Iterator[sk.rcpsp.Project]:
    """Instances with due dates and weights."""
    for k, (project, _) in enumerate(instances(name, EVERY)):
        chance = np.random.default_rng(k)
        n, length = project.num_activities, sk.rcpsp.serial_sgs(project).makespan
        drawn: list[int] = chance.uniform(0.4 * length, 1.1 * length, n).astype(np.int64).tolist()
        due: list[int | None] = [when if kept < 0.75 else None for when, kept in zip(drawn, chance.random(n), strict=True)]
        yield sk.rcpsp.Project(
            project.duration,
            project.demand,
            project.capacity,
            precedence=project.precedence,
            due_date=due,
            weight=chance.integers(1, 11, n),
        )


def by_rules(project: sk.rcpsp.Project, objective: str) -> float:
    """The best value of both schemes with every priority rule, and with due dates that predecessors inherit."""
    due = project.due_date.astype(np.float64)
    before, after = project.precedence.T.tolist()
    # PSPLIB numbers activities topologically.
    for i, j in sorted(zip(before, after, strict=True), key=lambda edge: -edge[1]):
        due[i] = min(due[i], due[j] - project.duration[j])
    ranked = due.argsort(kind="stable").argsort(kind="stable")
    rules = [rule for rule in sk.rcpsp.RULES if rule != "random"]
    priorities: list[Any] = [*rules, ranked]
    made = [scheme(project, rule) for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs) for rule in priorities]
    return float(min(getattr(schedule, objective) for schedule in made))


def objectives() -> Table:
    """One row for each set and objective, one thread, seed 0: means over the instances."""
    cells = []
    for name in SETS:
        projects = list(dated(name))
        for objective in NAMES:
            rules = [by_rules(project, objective) for project in projects]
            found: dict[int, list[float]] = {budget: [] for budget in BUDGETS}
            proven, bound = 0, []
            for project in projects:
                for budget in BUDGETS:
                    solution = sk.rcpsp.solve(project, objective=objective, max_schedules=budget, seed=0)
                    assert sk.check(project, solution.schedule) == []
                    assert solution.objective is not None
                    found[budget].append(solution.objective)
                proven += solution.status == "optimal"
                bound.append(solution.lower_bound)
            values = [f"{np.mean(found[budget]):.1f}" for budget in BUDGETS]
            share = f"{proven} of {len(projects)}"
            cells.append((name, objective, f"{np.mean(rules):.1f}", *values, f"{np.mean(bound):.1f}", share))
    columns = ("set", "objective", "best rule", *(f"{budget:,} schedules" for budget in BUDGETS), "lower bound", "proven")
    return table(columns, cells)


def proofs() -> Table:
    """One row for each kind of project: the same seconds and threads for our search and for CP-SAT, one after the other."""
    cells = []
    for kind in KINDS:
        proven, better, worse, took = [0, 0], 0, 0, [0.0, 0.0]
        for seed in range(SMALL):
            project, objective = small_project(kind, seed, most=30), NAMES[seed % len(NAMES)]
            begin = time.perf_counter()
            solution = sk.rcpsp.solve(project, objective=objective, time_limit=SECONDS, threads=2)
            took[0] += time.perf_counter() - begin
            begin = time.perf_counter()
            best, is_proven = cp_sat(project, objective, SECONDS, 2)
            took[1] += time.perf_counter() - begin
            assert solution.objective is not None
            assert sk.check(project, solution.schedule) == []
            assert best is None or solution.lower_bound <= best
            assert not is_proven or best is None or solution.objective >= best
            proven = [proven[0] + (solution.status == "optimal"), proven[1] + is_proven]
            better += best is None or solution.objective < best
            worse += best is not None and solution.objective > best
        seconds = [f"{total / SMALL:.2f}" for total in took]
        cells.append((kind, SMALL, proven[0], proven[1], f"{better} / {worse}", *seconds))
    columns = ("projects", "number", "proven", "CP-SAT proved", "better / worse than CP-SAT", "mean seconds", "CP-SAT's")
    return table(columns, cells)


def tight(name: str) -> Iterator[tuple[float, sk.rcpsp.Project]]:
    """Instances whose due dates all have one tightness, with weights from 1 to 10."""
    every = sum(1 for _ in instances(name, 1)) // PER_SET
    for k, (project, _) in enumerate(itertools.islice(instances(name, every), PER_SET)):
        tightness = TIGHTNESS[k % len(TIGHTNESS)]
        due = np.round(tightness * sk.rcpsp.critical_path(project).earliest_finish).astype(np.int64)
        weight = np.random.default_rng(k).integers(1, 11, project.num_activities)
        columns = (project.duration, project.demand, project.capacity)
        yield tightness, sk.rcpsp.Project(*columns, precedence=project.precedence, due_date=due.tolist(), weight=weight)


def tardiness() -> Table:
    """One row for each set and tightness: total weighted tardiness; our search and CP-SAT get the same seconds and threads."""
    rows: dict[tuple[str, float], list[tuple[float, float, bool, bool]]] = {}
    for name in SETS:
        for tightness, project in tight(name):
            solution = sk.rcpsp.solve(project, objective="total_weighted_tardiness", time_limit=LONG, threads=2)
            best, is_proven = cp_sat(project, "total_weighted_tardiness", LONG, 2)
            assert solution.objective is not None
            assert sk.check(project, solution.schedule) == []
            assert best is None or solution.lower_bound <= best
            assert not is_proven or best is None or solution.objective >= best
            value = float("inf") if best is None else best
            rows.setdefault((name, tightness), []).append((solution.objective, value, solution.status == "optimal", is_proven))
    cells = []
    for (name, tightness), found in rows.items():
        ours, theirs = np.array([value[:2] for value in found]).T
        proven = [sum(value[k] for value in found) for k in (2, 3)]
        both = np.isfinite(theirs)
        compared = f"{int((ours < theirs).sum())} / {int((ours > theirs).sum())}"
        means = (f"{ours[both].mean():.1f}", f"{theirs[both].mean():.1f}")
        cells.append((name, f"{tightness:.1f}", len(found), *means, compared, *proven))
    columns = ("set", "tightness", "instances", "`solve`", "CP-SAT", "better / worse than CP-SAT", "proven", "CP-SAT proved")
    return table(columns, cells)


TAKES = "half an hour"
TABLES: Makers = {"rcpsp-objectives": objectives, "rcpsp-objective-proofs": proofs, "rcpsp-tardiness": tardiness}
tables = producer(TABLES)
