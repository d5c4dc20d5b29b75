"""Prints the budget table of ``docs/results/rcpsp.md``: ``python -m benches.report_rcpsp_budget`` (minutes; needs the data).

``python -m benches.report_rcpsp_budget j120 --schedules 1000 --every 10`` takes every tenth instance of one set and one budget.
"""

from __future__ import annotations

import argparse
import functools

import numpy as np
import schedkit as sk

from benches.report_rcpsp import instances
from tests import data

SETS = {"j30": "upper_bound", "j60": "cpm_lb", "j120": "cpm_lb"}
"""What the makespans are compared with: the optimum, or the critical path."""
BUDGETS = (1000, 5000, 50_000)


def excess(name: str, schedules: int, every: int, seed: int) -> float:
    """Average percentage over the reference; every schedule is checked."""
    found = []
    for project, row in instances(name, every):
        solution = sk.rcpsp.solve(project, max_schedules=schedules, seed=seed)
        assert solution.makespan is not None
        assert sk.check(project, solution.schedule) == []
        assert solution.num_schedules <= schedules
        assert int(row["lower_bound"]) <= solution.makespan, "better than a proved bound"
        assert solution.lower_bound <= int(row["upper_bound"]), "a bound above a known schedule"
        found.append(100 * (solution.makespan / int(row[SETS[name]]) - 1))
    return float(np.mean(found))


def main() -> None:
    """Reads the command line and prints one row for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS), help=f"of {', '.join(SETS)}")
    parser.add_argument("--schedules", type=int, nargs="+", default=BUDGETS)
    parser.add_argument("--every", type=int, default=1, help="take every so many instances")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    columns = ["set", "instances", "% over", "best known", *(f"{schedules:,}" for schedules in options.schedules)]
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|", flush=True)
    for name in options.sets:
        rows = [row for row in data.table("psplib", "bks.csv") if row["set"] == name][:: options.every]
        best = np.mean([100 * (int(row["upper_bound"]) / int(row[SETS[name]]) - 1) for row in rows])
        over = "optimum" if SETS[name] == "upper_bound" else "critical path"
        of_budget = functools.partial(excess, name, every=options.every, seed=options.seed)
        means = " | ".join(f"{of_budget(schedules):.2f}" for schedules in options.schedules)
        print(f"| {name} | {len(rows)} | {over} | {best:.2f} | {means} |", flush=True)


if __name__ == "__main__":
    main()
