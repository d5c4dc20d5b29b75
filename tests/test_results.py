"""The measured tables of the documentation come from stored measurements, and from nowhere else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benches import report, report_cargo, report_pytest
from benches.tables import DOCS, MARKED, load, pages, write_pages

ROOT = DOCS.parent


def marked() -> dict[str, Path]:
    """The names between markers, and the page of each."""
    return {match["name"]: page for page in pages() for match in MARKED.finditer(page.read_text("utf-8"))}


def test_every_table_of_the_results_lies_between_markers() -> None:
    for page in sorted((DOCS / "results").glob("*.md")):
        outside = MARKED.sub("", page.read_text("utf-8"))
        assert not re.search(r"^\|", outside, re.MULTILINE), f"{page.name} has a table that no command writes"


def test_every_marker_has_a_producer_and_every_producer_a_marker() -> None:
    made = {*report.producer_of(), *report_pytest.TABLES}
    assert made - set(marked()) == set(), "measured, but shown on no page"
    assert set(marked()) - made == set(), "shown, but measured by nothing"


def test_every_stored_table_is_complete() -> None:
    stored = load()
    assert set(stored) == set(report.producer_of())
    for name, entry in stored.items():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", entry["measured"]), name
        assert entry["machine"], name
        assert all(len(row) == len(entry["header"]) for row in entry["rows"]), name


def test_the_pages_show_what_is_stored(tmp_path: Path) -> None:
    for page in write_pages(load() | report.derived(DOCS), into=tmp_path):
        shown = DOCS / page.relative_to(tmp_path)
        assert shown.read_text("utf-8") == page.read_text("utf-8"), f"{shown}: run python -m benches.report"


def test_rows_of_pytest_benchmark_replace_older_ones(tmp_path: Path) -> None:
    """Hand-made: two runs of one benchmark, the later one counts, another benchmark stays."""

    def run(name: str, day: str, best: float) -> Path:
        bench = {"fullname": name, "stats": {"min": best}, "extra_info": {"instance": "hand-made"}}
        content = {"machine_info": {"python_version": "3.11"}, "datetime": f"{day}T00:00:00", "benchmarks": [bench]}
        path = tmp_path / f"{name}{day}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    files = [run("a", "2026-01-01", 1.0), run("b", "2026-01-02", 2.0), run("a", "2026-01-03", 3.0)]
    report_pytest.merged(files, tmp_path)
    rows = report_pytest.stored(tmp_path)
    assert [(row["fullname"], row["measured"], row["best_ms"]) for row in rows] == [
        ("a", "2026-01-03", 3000.0),
        ("b", "2026-01-02", 2000.0),
    ]


def test_the_output_of_the_rust_benchmarks_is_read() -> None:
    """Lines as the format strings in rust/core/benches write them."""
    srpt = (
        "n  1000000  exponential  load 0.9  servers 16:  2.69  (44 ns a job)\n"
        "n 10000000  pareto 1.5   load 1.2  servers  1:  0.79  (9 ns a job)\n"
    )
    assert report_cargo.srpt(srpt)[1] == [
        ("1,000,000", "exponential", "0.9", "16", "2.69"),
        ("10,000,000", "pareto 1.5", "1.2", "1", "0.79"),
    ]
    assert report_cargo.rates("million jobs\nsrpt                75.00\n")[1] == [("`srpt`", "75.00")]
    sort = (
        "n     1000  due dates over a fifth           "
        "sort   8.50 ns a job  edd  0.48 (of whole words 0.50)  mdd  1.90  psk  2.14\n"
        "n     1000  due dates over in order          "
        "sort   1.10 ns a job  edd  3.20 (of whole words 0.31)  mdd  1.90  psk  2.14\n"
        "n 10000000  due dates over a fifth           sort  20.00 ns a job  edd  0.76 (of whole words 0.80)\n"
    )
    assert report_cargo.sorting(sort)[1] == [
        ("1,000", "8.50 ns", "0.48", "1.90", "2.14"),
        ("10,000,000", "20.00 ns", "0.76", "", ""),
    ]
    assert report_cargo.in_order(sort)[1] == [("in order", "3.20 (0.31)")]


def recorded(name: str, key: str) -> float:
    """A value that the benchmark of this name recorded."""
    (row,) = [row for row in report_pytest.stored() if row["fullname"].endswith(f"::{name}")]
    value = row["recorded"]
    for part in key.split("/"):
        value = value[part]
    return float(value)


#: Where the numbers in the README's table of speeds come from: first words of the row, benchmark, key.
HEADLINES = [
    ("1,000 schedules of a project", "test_peers_on_j120[numba]", "schedkit is faster by"),
    ("1,000 schedules of a project", "test_peers_on_j120[discrete-optimization]", "schedkit is faster by"),
    ("1,000 schedules of a project", "test_peers_on_j120[plain Python]", "schedkit is faster by"),
    ("HEFT on 5,000 tasks", "test_heft_with_a_full_link_matrix", "times_lean_python"),
    ("HEFT of SAGA", "test_heft_against_saga", "times_saga"),
    ("SRPT for 10^6 jobs", "test_srpt_against_what_a_user_would_write[exponential]", "heapq_over_ours"),
    ("SRPT for 10^6 jobs", "test_srpt_against_what_a_user_would_write[exponential]", "numba_over_ours"),
    ("FCFS in simpy", "test_fcfs_against_simpy", "faster than/simpy"),
    ("MDD for 10,000 jobs", "test_mdd[10000]", "faster than/its definition in numba"),
    ("One decision of Snakemake", "test_a_decision[1 core]", "greedy takes longer by"),
    ("One decision of Snakemake", "test_a_decision[256 cores]", "greedy takes longer by"),
]


@pytest.mark.parametrize(("words", "name", "key"), HEADLINES)
def test_the_headlines_of_the_readme_are_recorded(words: str, name: str, key: str) -> None:
    (row,) = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if line.startswith(f"| {words}")]
    ratios = [float(number.replace(",", "")) for number in re.findall(r"\d[\d,]*(?:\.\d+)?", row.split("|")[2])]
    value = recorded(name, key)
    assert any(abs(value - ratio) <= (0.5 if value > 20 else 0.05) for ratio in ratios), f"{value} is not in {row}"
