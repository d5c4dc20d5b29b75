"""Tables made of what pytest-benchmark recorded: speed, quality, Dask, Snakemake, and all that the README quotes.

`make bench` and single runs leave files of pytest-benchmark. `merged` adds their rows to docs/results/benchmarks.json, where
each row keeps its own date and machine; a row that was measured again replaces the old one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benches.tables import DOCS, Table, table

FAMILIES = ("dag", "online", "tardiness", "rcpsp", "many")
TAKES = "half an hour, by `make bench`"
COMMAND = "make bench"
CONDITIONS = ("measured", "machine", "python", "versions")
Row = dict[str, Any]


def stored(docs: Path = DOCS) -> list[Row]:
    """All rows, in the order of their names."""
    path = docs / "results" / "benchmarks.json"
    if not path.exists():
        return []
    content = json.loads(path.read_text("utf-8"))
    return [row | content["conditions"][row.pop("condition")] for row in content["rows"]]


def keep(rows: list[Row], docs: Path = DOCS) -> None:
    """Stores rows, one on each line; rows that were measured under the same conditions refer to one entry."""
    conditions: list[Row] = []
    lines = []
    for row in rows:
        under = {name: row[name] for name in CONDITIONS}
        if under not in conditions:
            conditions.append(under)
        own = {name: value for name, value in row.items() if name not in CONDITIONS}
        lines.append(json.dumps(own | {"condition": conditions.index(under)}, ensure_ascii=False))
    text = f'{{"conditions": {json.dumps(conditions, indent=1)},\n"rows": [\n' + ",\n".join(lines) + "\n]}\n"
    path = docs / "results" / "benchmarks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def merged(paths: Iterable[Path], docs: Path = DOCS) -> list[Row]:
    """Adds the rows of pytest-benchmark files to the stored ones, and stores the result."""
    rows = {row["fullname"]: row for row in stored(docs)}
    for path in paths:
        run = json.loads(path.read_text("utf-8"))
        cpu = run["machine_info"].get("cpu", {})
        common = {
            "measured": run["datetime"][:10],
            "machine": f"{cpu.get('brand_raw', 'unknown processor')}, {cpu.get('count', '?')} cores",
            "python": run["machine_info"]["python_version"],
            "versions": run.get("versions", {}),
        }
        for bench in run["benchmarks"]:
            name = bench["fullname"]
            rows[name] = {"fullname": name, **common, "best_ms": 1e3 * bench["stats"]["min"], "recorded": bench["extra_info"]}
    kept = [rows[name] for name in sorted(rows)]
    keep(kept, docs)
    return kept


def of_kind(rows: list[Row], kind: str) -> list[Row]:
    """The rows whose benchmark recorded this kind."""
    return [row for row in rows if row["recorded"].get("kind") == kind]


def by_family(rows: list[Row], *then: str) -> list[Row]:
    """Rows in the order of families, then of what they recorded under these names."""
    return sorted(rows, key=lambda row: (FAMILIES.index(row["recorded"]["family"]), *(row["recorded"][name] for name in then)))


def command(row: Row) -> str:
    """The command that repeats one row."""
    return f'`pytest "{row["fullname"]}" --benchmark-only`'


def speed(rows: list[Row]) -> Table:
    """Nanoseconds per item and ratios, by call and size."""
    growth = by_family(of_kind(rows, "growth"), "call", "size")
    cells = []
    for row in growth:
        info = row["recorded"]
        others = ", ".join(f"{name} {ratio:g}" for name, ratio in info["faster than"].items())
        times = (info["nanoseconds per item"], info["times a plain sort"], info["times a memory copy"])
        cells.append((f"`{info['call']}`", info.get("instance", info["size"]), *times, others, command(row)))
    return table(("call", "size", "ns per item", "/ sort", "/ copy", "others take, times as long", "repeat it"), cells)


def headlines(rows: list[Row]) -> Table:
    """For each call the largest size at which another program was measured beside it."""
    largest: dict[tuple[str, str], tuple[int, float]] = {}
    for row in of_kind(rows, "growth"):
        info = row["recorded"]
        for name, ratio in info["faster than"].items():
            key = (info["call"], name)
            largest[key] = max(largest.get(key, (0, 0.0)), (info["size"], ratio))
    cells = [
        (f"`{call}`", name, f"{size:,}", f"{ratio:,.{0 if ratio > 20 else 2}f}")
        for (call, name), (size, ratio) in sorted(largest.items())
    ]
    return table(("call", "other program", "items", "takes so many times as long"), cells)


def quality(rows: list[Row]) -> Table:
    """Gaps to optima, best known values and bounds."""
    gaps = by_family(of_kind(rows, "quality"), "instance", "call")
    cells = []
    for row in gaps:
        info = row["recorded"]
        percent = ", ".join(f"{against} {gap:.2f} %" for against, gap in info["percent"].items())
        cells.append((f"`{info['call']}`", info["instance"], percent, command(row)))
    return table(("call", "instances", "gap", "repeat it"), cells)


def others(rows: list[Row]) -> Table:
    """All other benchmarks: best time, and what they recorded."""
    cells = []
    for row in rows:
        if "kind" not in row["recorded"]:
            what = ", ".join(f"{key}: {value}" for key, value in row["recorded"].items() if not isinstance(value, dict))
            name = row["fullname"].split("/")[-1]
            cells.append((f"`{name}`", f"{row['best_ms']:.4g} ms", what.replace("|", "/")))
    return table(("benchmark", "best", "recorded"), cells)


def conditions(rows: list[Row]) -> Table:
    """Every combination of date, machine and versions under which rows were measured."""
    found: dict[tuple[str, str, str, str], int] = {}
    for row in rows:
        versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items() if version != "absent")
        key = (row["measured"], row["machine"], row["python"], versions)
        found[key] = found.get(key, 0) + 1
    return table(("measured", "machine", "Python", "versions", "rows"), [(*key, count) for key, count in sorted(found.items())])


def dask(rows: list[Row]) -> Table:
    """The planner inside Dask beside Dask alone."""
    cells = []
    for row in of_kind(rows, "dask"):
        info = row["recorded"]
        ratios = (f"{info[f'times Dask alone, {mode}']:.2f}" for mode in ("loose", "strict", "none"))
        cells.append((info["instance"], f"{info['seconds, Dask alone']:.2f}", *ratios, info["turns"], command(row)))
    return table(("graph", "Dask alone, s", "loose", "strict", "none", "turns", "repeat it"), cells)


def snakemake(rows: list[Row]) -> Table:
    """One decision of the Snakemake plugin beside the greedy default."""
    cells = []
    for row in rows:
        info = row["recorded"]
        if "greedy takes longer by" in info:
            times = (f"{info['milliseconds']:.2f} ms", f"{info['milliseconds, greedy']:.0f} ms")
            first = f"{info['milliseconds, first decision']:.0f} ms"
            cells.append((info["instance"], info["selected"][0], *times, info["greedy takes longer by"], first))
    return table(("jobs", "selected", "schedkit", "greedy", "ratio", "first decision"), cells)


MAKERS: dict[str, Callable[[list[Row]], Table]] = {
    "summary-headlines": headlines,
    "summary-conditions": conditions,
    "summary-speed": speed,
    "summary-quality": quality,
    "summary-more": others,
    "dask-planner": dask,
    "snakemake-decision": snakemake,
}
TABLES = tuple(MAKERS)


def tables(docs: Path = DOCS) -> dict[str, Table]:
    """All tables, from the stored rows."""
    rows = stored(docs)
    return {name: make(rows) for name, make in MAKERS.items()}


def draw(docs: Path = DOCS) -> None:
    """The growth of each call's time, as docs/results/growth.png."""
    import matplotlib as mpl  # noqa: PLC0415  # for the picture alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    infos = [row["recorded"] for row in of_kind(stored(docs), "growth")]
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for call in dict.fromkeys(info["call"] for info in infos):
        points = sorted(
            (info["size"], info["nanoseconds per item"], info["times a plain sort"]) for info in infos if info["call"] == call
        )
        if len(points) > 1:
            left.loglog([p[0] for p in points], [p[1] for p in points], marker="o", label=call)
            right.semilogx([p[0] for p in points], [p[2] for p in points], marker="o", label=call)
    left.set(xlabel="jobs, tasks, placements, items", ylabel="nanoseconds per item")
    right.set(xlabel="jobs, tasks, placements, items", ylabel="times a plain sort", yscale="log")
    left.legend(fontsize="small")
    figure.savefig(docs / "results" / "growth.png", dpi=110)
    plt.close(figure)
