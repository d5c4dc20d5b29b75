"""How good `rcpsp.solve` is with stores: a table of docs/results/rcpsp.md (minutes; needs the benchmark data)."""

from __future__ import annotations

import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests import data

SETS = ("KSD15_d", "KSD30", "BL", "Pack", "Pack_d")
SECONDS = 10.0
THREADS = 2


def row(name: str) -> tuple[object, ...]:
    """One set: how many are decided, proved and at the published optimum; schedules are checked, and claims compared."""
    folder = data.unpacked("storage", "storage.tar.gz")
    total = decided = infeasible = optima = at_optimum = equal = opened = 0
    for known in data.table("storage", "bks.csv"):
        if not known["instance"].startswith(f"{name}_ConsProd/"):
            continue
        total += 1
        project = sk.rcpsp.read(folder / known["instance"], format="storage")
        solution = sk.rcpsp.solve(project, time_limit=SECONDS, threads=THREADS)
        decided += solution.status in {"optimal", "infeasible"}
        infeasible += solution.status == "infeasible"
        optima += known["status"] == "optimal"
        opened += known["status"] == "open"
        if solution.schedule is None:
            assert known["status"] == "infeasible" or solution.status == "unknown", "a schedule is known"
            continue
        assert known["status"] != "infeasible"
        assert solution.makespan is not None
        assert sk.check(project, solution.schedule) == []
        best = int(known["best_known"])
        if known["status"] == "optimal":
            assert solution.lower_bound <= best <= solution.makespan
            at_optimum += solution.makespan == best
        else:
            equal += solution.makespan <= best
    return (name, total, decided, infeasible, f"{at_optimum} of {optima}", f"{equal} of {opened}")


def quality() -> Table:
    """One row for each set."""
    columns = (
        "set",
        "instances",
        "proved",
        "of those infeasible",
        "at the published optimum",
        "open: at the best known or better",
    )
    return table(columns, [row(name) for name in SETS])


TAKES = "minutes"
TABLES: Makers = {"rcpsp-stores": quality}
tables = producer(TABLES)
