"""Prints the tables of ``docs/results/rcpsp.md``: ``python -m benches.report_rcpsp`` (an hour; needs the benchmark data).

``python -m benches.report_rcpsp j60 j120 --every 10 --seconds 10 --threads 2`` takes every tenth instance of two sets.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import schedkit as sk

from tests import data

SETS = ("j30", "j60", "j90", "j120", "rg300")


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


def report(name: str, every: int, seconds: float, threads: int) -> None:
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
    means = f"{np.mean(excess):.2f} | {np.mean(above_path):.2f} | {np.mean(gap):.2f}"
    shares = " | ".join(f"{count} ({100 * count / len(chosen):.1f} %)" for count in known.values())
    print(f"| {name} | {len(chosen)} | {means} | {shares} |", flush=True)


def main() -> None:
    """Reads the command line and prints one row for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=SETS)
    parser.add_argument("--every", type=int, default=1, help="take every so many instances")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    columns = ["set", "instances", "% over best known", "% over critical path", "% over own bound"]
    columns += ["best known = critical path", "= plain bound", "= destructive bound", "proved"]
    print("| " + " | ".join(columns) + " |\n" + "| --- " * len(columns) + "|", flush=True)
    for name in options.sets:
        report(name, options.every, options.seconds, options.threads)


if __name__ == "__main__":
    main()
