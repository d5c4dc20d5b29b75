"""Writes docs/results/dask.md from a pytest-benchmark file: python -m benches.report_dask docs out/benchmarks.json."""

from __future__ import annotations

import sys
from pathlib import Path

from benches.report import command, conditions, read, rows_of, table

TEXT = """# The planner inside Dask

The same graphs on the same cluster of four workers with one thread each, by Dask alone and with the planner in each of its
three modes, in alternation within one run; the best of the turns counts. Ratios above 1 mean that the planner is slower. Tasks
sleep, so the cluster needs no four cores. Each turn uses new task names: at its start no duration has been measured, and only
those of the layered graph are given. Every answer is compared first. `make bench` writes this page.
"""


def main(docs: Path, paths: list[str]) -> None:
    """Writes the page if the benchmark has run."""
    measured = read(paths)
    rows = rows_of(measured, "dask")
    if not rows:
        sys.stdout.write("no rows about Dask: benches/bench_dask.py has not run\n")
        return
    cells = [
        (
            row["instance"],
            f"{row['seconds, Dask alone']:.2f}",
            *(f"{row[f'times Dask alone, {mode}']:.2f}" for mode in ("loose", "strict", "none")),
            row["turns"],
            f"`{command(row)}`",
        )
        for row in rows
    ]
    header = ("graph", "Dask alone, s", "loose", "strict", "none", "turns", "repeat it")
    lines = [TEXT, *table(header, cells), *conditions(measured)[:3], ""]
    (docs / "results" / "dask.md").write_text("\n".join(lines), encoding="utf-8")
    sys.stdout.write(f"wrote {docs / 'results' / 'dask.md'}: {len(rows)} rows\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
