"""Turns pytest-benchmark files into docs/results/index.md, plots and a JSON: python -m benches.report docs out/benchmarks.json."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FAMILIES = ("dag", "online", "tardiness", "rcpsp", "many")
Row = dict[str, Any]


def command(row: Row) -> str:
    """What repeats one row."""
    return f'pytest "{row["fullname"]}" --benchmark-only'


def rows_of(measured: dict[str, Any], kind: str) -> list[Row]:
    found = [{**bench["extra_info"], "fullname": bench["fullname"]} for bench in measured["benchmarks"]]
    return [row for row in found if row.get("kind") == kind]


def table(header: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    names = list(header)
    lines = ["| " + " | ".join(names) + " |", "|" + " --- |" * len(names)]
    return [*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows), ""]


def speed(rows: list[Row]) -> list[str]:
    """Ratios by call and size."""
    lines = ["## Speed and growth", ""]
    lines += [
        "Nanoseconds per job, task or placement, and ratios to what was measured beside it in the same run: a plain sort "
        "(`python -m schedkit.bench sort N`; NumPy's, which on processors with AVX-512 takes less than half the time of Rust's "
        "`sort_unstable`) and a copy of as many 64-bit words, and other ways to the same answer.",
        "",
    ]
    cells = [
        (
            f"`{row['call']}`",
            row.get("instance", row["size"]),
            row["nanoseconds per item"],
            row["times a plain sort"],
            row["times a memory copy"],
            ", ".join(f"{name} {ratio:g}" for name, ratio in row["faster than"].items()),
            f"`{command(row)}`",
        )
        for row in rows
    ]
    return [
        *lines,
        *table(("call", "size", "ns per item", "/ sort", "/ copy", "others take, times as long", "repeat it"), cells),
    ]


def quality(rows: list[Row]) -> list[str]:
    """Gaps by call and set of instances."""
    cells = []
    for row in rows:
        gaps = ", ".join(f"{against} {gap:.2f} %" for against, gap in row["percent"].items())
        cells.append((f"`{row['call']}`", row["instance"], gaps, f"`{command(row)}`"))
    title = ["## Quality", "", "Every schedule behind these rows has passed `schedkit.check`.", ""]
    return [*title, *table(("call", "instances", "gap", "repeat it"), cells)]


def others(measured: dict[str, Any]) -> list[str]:
    """Everything else that was recorded."""
    cells = []
    for bench in measured["benchmarks"]:
        info = {k: v for k, v in bench["extra_info"].items() if not isinstance(v, dict)}
        if info and "kind" not in info:
            what = ", ".join(f"{k}: {v}" for k, v in info.items())
            name = bench["fullname"].split("/")[-1]
            cells.append((f"`{name}`", f"{1e3 * bench['stats']['min']:.4g} ms", what.replace("|", "/")))
    title = ["## More", "", "The best time of each, and what was recorded beside it.", ""]
    return [*title, *table(("benchmark", "best", "recorded"), cells)]


def conditions(measured: dict[str, Any]) -> list[str]:
    """What a sceptic needs to know."""
    machine = measured["machine_info"]
    cpu = machine.get("cpu", {})
    versions = measured.get("versions", {})
    skipped = measured.get("skipped", [])
    lines = [
        "## Conditions",
        "",
        f"* {cpu.get('brand_raw', platform.processor())}, {cpu.get('count', os.cpu_count())} cores, {machine.get('system')} "
        f"{machine.get('release', '')}, Python {machine.get('python_version')}.",
        f"* {', '.join(f'{name} {version}' for name, version in versions.items())}.",
        "* One thread unless a row says otherwise. Garbage collection is off. Each ratio compares the best of several turns "
        "taken in alternation, so that a noisy moment hits both sides.",
        "* The timed region is one public call with arrays that exist already; validation and result objects are inside.",
        f"* Measured {measured['datetime'][:10]}"
        + (", the quick selection." if measured.get("quick") else ".")
        + (f" Put together from {measured['runs']} runs; every ratio lies within one." if measured.get("runs", 1) > 1 else ""),
    ]
    lines += [f"* Skipped: {reason}" for reason in sorted(set(skipped))]
    return [*lines, ""]


def headline(rows: list[Row]) -> list[str]:
    """For each family its largest row with an opponent."""
    lines = ["## In short", ""]
    for family in FAMILIES:
        ours = [row for row in rows if row["family"] == family and row["faster than"]]
        for call in dict.fromkeys(row["call"] for row in ours):
            best: dict[str, tuple[int, float]] = {}
            for row in ours:
                if row["call"] == call:
                    best |= {name: (row["size"], ratio) for name, ratio in row["faster than"].items()}
            text = ", ".join(
                f"{name} takes {ratio:,.{0 if ratio > 20 else 2}f} times as long ({size:,} items)"
                for name, (size, ratio) in best.items()
            )
            lines.append(f"* `{call}`: {text}")
    return [*lines, ""]


def plots(rows: list[Row], folder: Path) -> list[str]:
    """Growth, one line for each call."""
    import matplotlib as mpl  # noqa: PLC0415  # for the report alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    for call in dict.fromkeys(row["call"] for row in rows):
        points = sorted(
            (row["size"], row["nanoseconds per item"], row["times a plain sort"]) for row in rows if row["call"] == call
        )
        if len(points) > 1:
            left.loglog([p[0] for p in points], [p[1] for p in points], marker="o", label=call)
            right.semilogx([p[0] for p in points], [p[2] for p in points], marker="o", label=call)
    left.set(xlabel="jobs, tasks, placements", ylabel="nanoseconds per item")
    right.set(xlabel="jobs, tasks, placements", ylabel="times a plain sort", yscale="log")
    left.legend(fontsize="small")
    figure.savefig(folder / "growth.png", dpi=110)
    plt.close(figure)
    return ["![growth with size](growth.png)", ""]


def read(paths: list[str]) -> dict[str, Any]:
    """One or several runs as one; of a benchmark that ran several times the last run counts."""
    runs = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    merged: dict[str, Any] = runs[0]
    last = {bench["fullname"]: bench for run in runs for bench in run["benchmarks"]}
    done = {name.split("/")[-1] for name in last}
    skipped = [reason for run in runs for reason in run.get("skipped", [])]
    merged["runs"] = len(runs)
    merged["benchmarks"] = list(last.values())
    merged["skipped"] = [reason for reason in skipped if reason.rsplit(" (", 1)[0] not in done]
    return merged


def main(docs: Path, paths: list[str]) -> None:
    """Writes the three files."""
    measured = read(paths)
    folder = docs / "results"
    growth, gaps = rows_of(measured, "growth"), rows_of(measured, "quality")
    key = {family: k for k, family in enumerate(FAMILIES)}
    growth.sort(key=lambda row: (key[row["family"]], row["call"], row["size"]))
    gaps.sort(key=lambda row: (key[row["family"]], row["instance"], row["call"]))
    lines = [
        "# Results",
        "",
        "Made by `make bench`; every row proves its answer before it is timed, and is repeated by the command beside it. The "
        "pages in the folder `results` say more; [benchmarks.json](benchmarks.json) has the numbers.",
        "",
        *headline(growth),
        *conditions(measured),
        *speed(growth),
        *plots(growth, folder),
        *quality(gaps),
        *others(measured),
    ]
    (docs / "results" / "index.md").write_text("\n".join(lines), encoding="utf-8")
    kept = {
        "conditions": conditions(measured),
        "growth": growth,
        "quality": gaps,
        "skipped": sorted(set(measured.get("skipped", []))),
    }
    (folder / "benchmarks.json").write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {docs / 'results' / 'index.md'}: {len(growth)} rows of speed, {len(gaps)} of quality\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
