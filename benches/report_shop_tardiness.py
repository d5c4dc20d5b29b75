"""`shop.solve` beside OR-Tools CP-SAT: weighted tardiness of job shops, for docs/results/shop.md (needs the benchmark data).

Due dates and weights are those of Singer and Pinedo (1998): a job is due at its work times a factor, the first fifth of the
jobs weighs 4, the last fifth 1, and all others 2. Both programs get one thread and as much processor time on each instance, one
after the other, so that other programs on the machine make little difference. The clock of CP-SAT starts when its model is
built.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import schedkit as sk
from ortools.sat.python import cp_model

from benches.report_shop import instances
from benches.report_shop_proofs import cp_sat_model, stopped
from benches.tables import Makers, Table, producer, table

FACTORS = (1.3, 1.5, 1.6)
SIZES = ((10, 10), (30, 10))
SECONDS = 2.0
OBJECTIVE = "total_weighted_tardiness"


def with_due_dates(plain: sk.shop.Shop, factor: float) -> sk.shop.Shop:
    """A job shop with due dates and weights."""
    work = [sum(duration for ((_, duration),) in job) for job in plain.jobs]
    fifth = plain.num_jobs // 5
    weight = [4] * fifth + [2] * (plain.num_jobs - 2 * fifth) + [1] * fifth
    jobs = [[dict(choices) for choices in job] for job in plain.jobs]
    due = [int(round(10 * factor) * time // 10) for time in work]
    return sk.shop.Shop(jobs, num_machines=plain.num_machines, due_date=due, weight=weight)


def ours(shop: sk.shop.Shop, limit: float) -> int:
    """The objective of `shop.solve`."""
    token, found = sk.CancelToken(), []

    def run() -> None:
        found.append(sk.shop.solve(shop, objective=OBJECTIVE, time_limit=100 * limit, seed=1, stop=token))

    stopped(run, token.cancel, limit, 1)
    assert sk.check(shop, found[0]) == []
    return int(found[0].objective)


def theirs(shop: sk.shop.Shop, limit: float) -> int:
    """The objective of CP-SAT."""
    assert shop.due_date is not None
    assert shop.weight is not None
    model, horizon, completion = cp_sat_model(shop)
    cost: list[cp_model.LinearExprT] = []
    for end, due, weight in zip(completion, shop.due_date.tolist(), shop.weight.tolist(), strict=True):
        tardiness = model.new_int_var(0, horizon, "tardiness")
        model.add(tardiness >= end - due)
        cost.append(int(weight) * tardiness)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = 100 * limit
    stopped(functools.partial(solver.solve, model), solver.stop_search, limit, 1)
    return round(solver.objective_value)


@dataclasses.dataclass
class Row:
    """What both programs found for the shops of one size and factor."""

    shops: str
    factor: str
    found: list[tuple[int, int]]

    def cells(self) -> tuple[str, ...]:
        """The number of shops, both means, and how often ours is better, equal and worse."""
        pairs = np.array(self.found)
        better, equal = int(np.sum(pairs[:, 0] < pairs[:, 1])), int(np.sum(pairs[:, 0] == pairs[:, 1]))
        means = (f"{mean:.0f}" for mean in pairs.mean(axis=0))
        return self.shops, self.factor, str(len(pairs)), *means, str(better), str(equal), str(len(pairs) - better - equal)


def tardiness() -> Table:
    """One row for each size and factor."""
    shops = [shop for _, shop, _ in instances("jobshop")]
    rows = []
    for jobs, machines in SIZES:
        plain = [shop for shop in shops if (shop.num_jobs, shop.num_machines) == (jobs, machines)]
        for factor in FACTORS:
            with_dates = [with_due_dates(shop, factor) for shop in plain]
            found = [(ours(shop, SECONDS), theirs(shop, SECONDS)) for shop in with_dates]
            rows.append(Row(f"{jobs} x {machines}", str(factor), found).cells())
    columns = ("jobs x machines", "factor", "number", "mean of `solve`", "mean of CP-SAT", "better", "equal", "worse")
    return table(columns, rows)


TAKES = "two minutes"
TABLES: Makers = {"shop-tardiness": tardiness}
tables = producer(TABLES)
