"""`shop.solve` beside other libraries for job shops, for docs/results/shop.md (needs the benchmark data).

The peers are OR-Tools CP-SAT, PyJobShop and job_shop_lib, which both build their own models for CP-SAT: `pip install pyjobshop
job_shop_lib`. One solver works at a time, on one thread.
"""

from __future__ import annotations

import importlib
import time
from importlib.metadata import version
from typing import Any

import schedkit as sk
from ortools.sat.python import cp_model

from benches.report_shop import checked, instances, searched
from benches.report_shop_proofs import makespan_model
from benches.tables import Makers, Table, producer, table

NAMES = ("ft10", "la29", "swv06", "ta01", "ta21", "ta41")
OURS, THEIRS = 1.0, 10.0
"""Seconds for `solve`, of processor time, and for each peer, on the clock."""


def cp_sat(shop: sk.shop.Shop) -> int:
    """The makespan of OR-Tools CP-SAT."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.max_time_in_seconds = THEIRS
    solver.solve(makespan_model(shop))
    return round(solver.objective_value)


def pyjobshop(shop: sk.shop.Shop) -> int:
    """The makespan of PyJobShop."""
    peer: Any = importlib.import_module("pyjobshop")
    model = peer.Model()
    machines = [model.add_machine() for _ in range(shop.num_machines)]
    for route in shop.jobs:
        job, before = model.add_job(), None
        for ((machine, duration),) in route:
            task = model.add_task(job)
            model.add_mode(task, machines[machine], duration)
            if before is not None:
                model.add_end_before_start(before, task)
            before = task
    return int(model.solve(time_limit=THEIRS, num_workers=1, display=False).objective)


def job_shop_lib(shop: sk.shop.Shop) -> int:
    """The makespan of job_shop_lib."""
    peer: Any = importlib.import_module("job_shop_lib")
    solvers: Any = importlib.import_module("job_shop_lib.constraint_programming")
    routes = [[peer.Operation(machine, duration) for ((machine, duration),) in route] for route in shop.jobs]
    solver = solvers.ORToolsSolver(max_time_in_seconds=THEIRS)
    solver.solver.parameters.num_workers = 1
    return int(solver.solve(peer.JobShopInstance(routes)).makespan())


PEERS = (("CP-SAT", "ortools", cp_sat), ("PyJobShop", "pyjobshop", pyjobshop), ("job_shop_lib", "job_shop_lib", job_shop_lib))


def peers() -> Table:
    """Makespans of `solve` after one second and of each peer after ten."""
    shops = {name: (shop, best) for name, shop, best in instances("jobshop")}
    cells = []
    for name in NAMES:
        shop, best = shops[name]
        row = [checked(shop, searched(shop, OURS))]
        for title, _, solve in PEERS:
            begin = time.perf_counter()
            row.append(solve(shop))
            print(f"{name}: {title} took {time.perf_counter() - begin:.1f} s")
        assert min(row) >= best
        cells.append((name, f"{shop.num_jobs} x {shop.num_machines}", f"{best}", *(f"{makespan}" for makespan in row)))
    titles = (f"{title} {version(package)}, 10 s" for title, package, _ in PEERS)
    return table(("instance", "jobs x machines", "best known", "`solve`, 1 s", *titles), cells)


TAKES = "four minutes"
TABLES: Makers = {"shop-peers": peers}
tables = producer(TABLES)
