"""How good `rcpsp.solve` is within seconds: tables of docs/results/rcpsp.md (an hour; needs the benchmark data)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import schedkit as sk

from benches.tables import Makers, Table, producer, table
from tests import data


def instances(name: str, every: int) -> list[tuple[sk.rcpsp.Project, dict[str, str]]]:
    """Projects of a shared set, each with its row of best known values."""
    if name == "rg300":
        rows = data.table("rg300", "bks.csv")
        files: dict[str, Path] = {
            path.name: path for path in data.unpacked("rg300", "rg300_sample.tar.gz").rglob("*") if path.is_file()
        }
    else:
        rows = [row for row in data.table("psplib", "bks.csv") if row["set"] == name]
        files = data.files(("psplib", f"{name}.tar.gz"), ".sm")
    return [(sk.rcpsp.read(files[row["file"]]), row) for row in rows[::every]]


def report(name: str, every: int, seconds: float, threads: int) -> tuple[object, ...]:
    """One row: how good the schedules are, and how many are proved by which means."""
    chosen = instances(name, every)
    excess, above_path, gap = [], [], []
    known = {"path": 0, "plain": 0, "destructive": 0, "proved": 0}
    for project, row in chosen:
        best = int(row["upper_bound"])
        found = sk.rcpsp.solve(project, time_limit=seconds, threads=threads)
        assert found.makespan is not None
        assert sk.check(project, found.schedule) == []
        assert int(row["lower_bound"]) <= found.makespan, "better than a proved bound"
        assert found.lower_bound <= best, "a bound above a known schedule"
        path = sk.rcpsp.critical_path(project).length
        excess.append(100 * (found.makespan / best - 1))
        above_path.append(100 * (found.makespan / path - 1))
        gap.append(100 * (found.makespan / found.lower_bound - 1))
        known["path"] += path == best
        known["plain"] += sk.rcpsp.lower_bound(project) == best
        known["destructive"] += sk.rcpsp.lower_bound(project, destructive=True) == best
        known["proved"] += found.status == "optimal"
    means = (f"{np.mean(values):.2f}" for values in (excess, above_path, gap))
    return name, len(chosen), *means, *(f"{count} ({100 * count / len(chosen):.1f} %)" for count in known.values())


GAPS = ("set", "instances", "% over best known", "% over critical path", "% over own bound")
COLUMNS = (*GAPS, "best known = critical path", "= plain bound", "= destructive bound", "proved")


def ten_seconds() -> Table:
    """Ten seconds, two threads: every third instance, of j90 every fourth, all of RG300."""
    return table(COLUMNS, (report(name, every, 10.0, 2) for name, every in (("j60", 3), ("j90", 4), ("j120", 3), ("rg300", 1))))


def one_second() -> Table:
    """One second, one thread: every fourth instance of j120."""
    return table(COLUMNS, [report("j120", 4, 1.0, 1)])


TAKES = "an hour"
TABLES: Makers = {"rcpsp-ten-seconds": ten_seconds, "rcpsp-one-second": one_second}
tables = producer(TABLES)
