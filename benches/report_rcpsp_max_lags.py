"""How good `rcpsp.solve` is with maximal lags: a table of docs/results/rcpsp.md (minutes; needs the benchmark data)."""

from __future__ import annotations

from collections.abc import Iterator

import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests import data

SETS = ("j10", "j20", "j30", "UBO20", "UBO50", "UBO100")
BUDGET = 20_000


def instances(name: str) -> Iterator[tuple[sk.rcpsp.Project | None, dict[str, str]]]:
    """The shared projects of a set and published values; None where lags contradict each other, or units do not suffice."""
    known = {row["file"]: row for row in data.table("rcpsp_max", "bks.csv") if row["set"] == name.lower()}
    folder = data.unpacked("rcpsp_max", "rcpsp_max_sample.tar.gz") / name.lower()
    for path in sorted(folder.iterdir()):
        row = known[path.name]
        try:
            yield sk.rcpsp.read(path), row
        except (sk.CycleError, sk.FormatError):  # an activity may need more than there is
            yield None, row


def row(name: str) -> tuple[object, ...]:
    """One set: how many are decided, at the published optimum and proved; schedules are checked, and claims compared."""
    total = decided = optima = at_optimum = proved = closed = 0
    for project, known in instances(name):
        total += 1
        optima += known["status"] == "optimal"
        if project is None:
            assert known["status"] != "optimal", "refused, but a schedule is known"
            decided, proved = decided + 1, proved + 1
            continue
        solution = sk.rcpsp.solve(project, max_schedules=BUDGET)
        decided += solution.status != "unknown"
        proved += solution.status in {"optimal", "infeasible"}
        closed += solution.status in {"optimal", "infeasible"} and known["status"] == "open"
        if solution.schedule is None:
            assert known["status"] != "optimal" or solution.status == "unknown", "a schedule is known"
            continue
        assert known["status"] != "infeasible"
        assert sk.check(project, solution.schedule) == []
        if known["status"] == "optimal":
            assert solution.makespan is not None
            assert solution.lower_bound <= int(known["upper_bound"]) <= solution.makespan
            at_optimum += solution.makespan == int(known["upper_bound"])
    return (name, total, decided, f"{at_optimum} of {optima}", proved, closed)


def quality() -> Table:
    """One row for each set."""
    columns = ("set", "instances", "decided", "at the published optimum", "proved", "of those listed as open")
    return table(columns, [row(name) for name in SETS])


TAKES = "minutes"
TABLES: Makers = {"rcpsp-max-lags": quality}
tables = producer(TABLES)
