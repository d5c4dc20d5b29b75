"""Writes every measured table of the documentation: the one command behind docs/results.

    python -m benches.report                       # the stored tables, into the pages; measures nothing
    python -m benches.report --merge out/benchmarks.json
    python -m benches.report --run dag-lists dag-search
    python -m benches.report --run all             # hours; needs the benchmark data

`--merge` takes the rows of pytest-benchmark files in. `--run` measures tables again and stores them with day and machine.
`--into out` leaves docs as it is and writes pages and JSON there.
"""

from __future__ import annotations

import argparse
import importlib
import shutil
import sys
from pathlib import Path
from typing import Any

from benches import report_pytest
from benches.tables import DOCS, draw_into, load, store, write_pages

#: Modules with `TABLES` (names), `TAKES` (how long), and `tables(names)`.
PRODUCERS = (
    "report_dag",
    "report_dag_growth",
    "report_online",
    "report_queue",
    "report_dispatcher",
    "report_cargo",
    "report_tardiness",
    "report_rcpsp",
    "report_rcpsp_budget",
    "report_rcpsp_modes",
    "report_rcpsp_max_lags",
    "report_rcpsp_alternatives",
    "report_rcpsp_stores",
    "report_rcpsp_objectives",
    "report_rcpsp_speed",
    "report_rcpsp_growth",
    "report_cp_sat",
    "report_shop",
    "report_shop_hard",
    "report_shop_peers",
    "report_shop_proofs",
    "report_shop_tardiness",
    "report_shop_blocking",
    "report_ramp",
    "report_plan",
    "report_serving",
    "report_packing",
    "report_nodes",
    "report_limits",
)


def producer_of() -> dict[str, Any]:
    """The module behind each table that `--run` can make."""
    modules = [importlib.import_module(f"benches.{name}") for name in PRODUCERS]
    return {name: module for module in modules for name in module.TABLES}


def derived(docs: Path) -> dict[str, dict[str, Any]]:
    """The tables made of the rows of pytest-benchmark; each says when the first and the last of its rows was measured."""
    rows = report_pytest.stored(docs)
    days = sorted({row["measured"] for row in rows})
    entries = {}
    for name, (header, cells) in report_pytest.tables(docs).items():
        when = " to ".join(dict.fromkeys((days[0], days[-1]))) if days else "never"
        machines = " and ".join(sorted({row["machine"] for row in rows}))
        entries[name] = {
            "measured": when,
            "machine": machines,
            "command": report_pytest.COMMAND,
            "header": header,
            "rows": cells,
        }
    return entries


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line, measures if asked to, and writes the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--merge", nargs="+", type=Path, default=[], metavar="FILE", help="files of pytest-benchmark")
    parser.add_argument("--run", nargs="+", default=[], metavar="TABLE", help="tables to measure, or `all`")
    parser.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER", help="write pages and JSON there, not into docs")
    options = parser.parse_args(arguments)
    into: Path = options.into
    draw_into(into / "results")
    if into != DOCS:
        (into / "results").mkdir(parents=True, exist_ok=True)
        for path in (DOCS / "results").glob("*.json"):
            shutil.copy(path, into / "results")
    if options.merge:
        report_pytest.merged(options.merge, into)
        report_pytest.draw(into)
    producers = producer_of() if options.run else {}
    for name in list(producers) if options.run == ["all"] else options.run:
        if name not in producers:
            sys.exit(f"no such table: {name}; there are {', '.join(producers)}")
        store(producers[name].tables([name]), f"python -m benches.report --run {name}", into)
    for page in write_pages(load(into) | derived(into), DOCS, into):
        sys.stdout.write(f"wrote {page}\n")


if __name__ == "__main__":
    main()
