"""How good `rcpsp.solve` is on projects with modes: a table of docs/results/rcpsp.md (minutes; needs the benchmark data)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests import data

SETS = ("j10", "j20", "j30", "MMLIB50", "MMLIB100")
SECONDS = 10.0
SHARE = 12
"""One instance of so many is solved."""


def instances(name: str) -> Iterator[tuple[sk.rcpsp.Project, int, int]]:
    """The shared projects of a set, with their best known lower and upper bounds."""
    if name.startswith("j"):
        archive = ("mmrcpsp", "psplib_mm_sample.tar.gz")
        rows = [row for row in data.table("mmrcpsp", "bks.csv") if row["set"] == name]
        known = {row["file"]: tuple(int(row[key]) for key in ("lower_bound", "upper_bound")) for row in rows}
    else:
        archive = ("mmlib", f"{name.lower()}.tar.gz")
        rows = data.table("mmlib", "bks.csv")
        known = {row["instance"]: tuple(int(row[key]) for key in ("lower_bound", "best_known")) for row in rows}
    files = [(file, path) for file, path in data.files(archive, ".mm").items() if file in known]
    for file, path in files[::SHARE]:
        lower, upper = known[file]
        yield sk.rcpsp.read(path), lower, upper


def row(name: str) -> tuple[object, ...]:
    """One set: instances, how many are solved, at the best known value and proved, and the distance; schedules are checked."""
    gaps, proved = [], 0
    for project, lower, upper in instances(name):
        solution = sk.rcpsp.solve(project, time_limit=SECONDS, threads=2)
        assert solution.lower_bound <= upper, "a bound above a known schedule"
        if solution.makespan is None:
            gaps.append(np.nan)
            continue
        assert sk.check(project, solution.schedule) == []
        assert lower <= solution.makespan, "below a proved bound"
        gaps.append(100 * (solution.makespan / upper - 1))
        proved += solution.status == "optimal"
    found = np.array(gaps)
    solved = np.isfinite(found)
    at_best = int((found[solved] <= 0).sum())
    return (name, found.size, int(solved.sum()), at_best, proved, f"{found[solved].mean():.2f}")


def quality() -> Table:
    """One row for each set."""
    columns = ("set", "instances", "solved", "at the best known value", "proved optimal", "% above best known")
    return table(columns, [row(name) for name in SETS])


TAKES = "minutes"
TABLES: Makers = {"rcpsp-modes": quality}
tables = producer(TABLES)
