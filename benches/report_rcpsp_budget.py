"""How good `rcpsp.solve` is within a budget: a table of docs/results/rcpsp.md (minutes; needs the benchmark data)."""

from __future__ import annotations

import numpy as np
import schedkit as sk

from benches.report_rcpsp import instances
from benches.tables import Makers, Table, producer, table
from tests import data

SETS = {"j30": "upper_bound", "j60": "cpm_lb", "j120": "cpm_lb"}
"""What the makespans are compared with: the optimum, or the critical path."""
BUDGETS = (1000, 5000, 50_000)


def excess(name: str, schedules: int) -> float:
    """Average percentage over the reference; every schedule is checked."""
    found = []
    for project, row in instances(name, 1):
        solution = sk.rcpsp.solve(project, max_schedules=schedules, seed=0)
        assert solution.makespan is not None
        assert sk.check(project, solution.schedule) == []
        assert solution.num_schedules <= schedules
        assert int(row["lower_bound"]) <= solution.makespan, "better than a proved bound"
        assert solution.lower_bound <= int(row["upper_bound"]), "a bound above a known schedule"
        found.append(100 * (solution.makespan / int(row[SETS[name]]) - 1))
    return float(np.mean(found))


def budgets() -> Table:
    """One row for each set, one thread, seed 0."""
    cells = []
    for name, reference in SETS.items():
        rows = [row for row in data.table("psplib", "bks.csv") if row["set"] == name]
        best = np.mean([100 * (int(row["upper_bound"]) / int(row[reference]) - 1) for row in rows])
        over = "optimum" if reference == "upper_bound" else "critical path"
        cells.append((name, len(rows), over, f"{best:.2f}", *(f"{excess(name, schedules):.2f}" for schedules in BUDGETS)))
    columns = ("set", "instances", "% over the", "best known", *(f"{schedules:,} schedules" for schedules in BUDGETS))
    return table(columns, cells)


TAKES = "minutes"
TABLES: Makers = {"rcpsp-budgets": budgets}
tables = producer(TABLES)
