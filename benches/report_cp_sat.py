"""`rcpsp.solve` side by side with OR-Tools CP-SAT, for docs/results/rcpsp.md (a quarter of an hour; needs the benchmark data).

The first repeat of each of 20 cells of two sets. Both solvers get the same seconds and the same number of threads, one after
the other, project by project. CP-SAT's clock starts when its model is built.
"""

from __future__ import annotations

import numpy as np
import schedkit as sk
from ortools.sat.python import cp_model

from benches.tables import Makers, Table, producer, table
from tests import data

CELLS = {"j60": [*range(1, 46, 4), *range(2, 45, 6)], "j120": [*range(3, 61, 3)]}


def cp_sat(project: sk.rcpsp.Project, seconds: float, threads: int) -> tuple[sk.rcpsp.ProjectSchedule | None, bool]:
    """The textbook model, one cumulative constraint a resource. The best schedule, and whether it is proved."""
    model = cp_model.CpModel()
    horizon = int(project.duration.sum())
    duration = project.duration.tolist()
    starts = [model.new_int_var(0, horizon - length, f"start[{i}]") for i, length in enumerate(duration)]
    intervals = [
        model.new_fixed_size_interval_var(start, length, f"activity[{i}]")
        for i, (start, length) in enumerate(zip(starts, duration, strict=True))
    ]
    for before, after in project.precedence.tolist():
        model.add(starts[after] >= starts[before] + duration[before])
    for r, capacity in enumerate(project.capacity.tolist()):
        users = np.flatnonzero(project.demand[:, r]).tolist()
        model.add_cumulative([intervals[i] for i in users], [int(project.demand[i, r]) for i in users], capacity)
    makespan = model.new_int_var(0, horizon, "makespan")
    for start, length in zip(starts, duration, strict=True):
        model.add(makespan >= start + length)
    model.minimize(makespan)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return None, False
    schedule = sk.rcpsp.ProjectSchedule.from_start_time(project, [solver.value(start) for start in starts])
    return schedule, bool(status == cp_model.OPTIMAL)


def report(name: str, seconds: float, threads: int) -> tuple[object, ...]:
    """One row. Where CP-SAT finds nothing at all it is given the schedule of the rule that ours begins with."""
    best = {row["file"]: int(row["upper_bound"]) for row in data.table("psplib", "bks.csv")}
    files = data.files(("psplib", f"{name}.tar.gz"), ".sm")
    ours, theirs, proved, silent = [], [], [0, 0], 0
    chosen = [f"{name}{cell}_1.sm" for cell in CELLS[name]]
    for file in chosen:
        project = sk.rcpsp.read(files[file])
        found = sk.rcpsp.solve(project, time_limit=seconds, threads=threads)
        schedule, optimal = cp_sat(project, seconds, threads)
        silent += schedule is None
        other = schedule or sk.rcpsp.serial_sgs(project)
        assert found.schedule is not None
        assert sk.check(project, found.schedule) == [] == sk.check(project, other)
        assert found.lower_bound <= best[file], "a bound above a known schedule"
        ours.append(found.schedule.makespan)
        theirs.append(other.makespan)
        proved = [proved[0] + (found.status == "optimal"), proved[1] + optimal]
    known = np.mean([best[file] for file in chosen])
    means = (f"{np.mean(ours):.2f}", f"{np.mean(theirs):.2f}", f"{known:.2f}")
    worse = sum(a > b for a, b in zip(ours, theirs, strict=True))
    better = sum(a < b for a, b in zip(ours, theirs, strict=True))
    return name, f"{seconds:g}", *means, f"{better} / {worse}", proved[0], proved[1], silent


def side_by_side() -> Table:
    """One row for each set and limit, two threads each."""
    columns = ("set", "seconds", "mean makespan", "CP-SAT's", "best known", "better / worse than CP-SAT")
    proofs = ("proved", "CP-SAT proved", "CP-SAT without a schedule")
    return table((*columns, *proofs), (report(name, seconds, 2) for seconds in (10.0, 1.0) for name in CELLS))


TAKES = "a quarter of an hour"
TABLES: Makers = {"rcpsp-cp-sat": side_by_side}
tables = producer(TABLES)
