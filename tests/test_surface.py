"""The surface fuzzer as a test: stored inputs, a little fresh search, and what it found in the past."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk

from tests.fuzz import surface

MANY = np.array([1, 2])
GRAPH = sk.dag.TaskGraph([[1.0, 2.0]], [])
WORKLOADS: Any = sk.online.workloads
API: Any = sk  # what is passed here has the wrong type on purpose

FOUND: dict[str, tuple[Callable[[], Any], str]] = {
    "array for threads": (lambda: API.tardiness.mdd([1], [1], threads=MANY), "threads"),
    "array for a flag": (lambda: API.dag.heft(GRAPH, insertion=MANY), "insertion"),
    "text for a flag": (lambda: API.dag.heft(GRAPH, entry_duplication="no"), "entry_duplication"),
    "number for segments": (lambda: API.online.simulate(API.online.Jobs([0], [1]), segments=1), "segments"),
    "half a surrogate pair": (lambda: API.dag.upward_rank(GRAPH, cost="\ud800"), "cost"),
    "class for a name": (lambda: API.dag.schedule_many([GRAPH], algorithm=int), "algorithm"),
    "number for graphs": (lambda: API.dag.simulate_stream(1.5, rate=1.0), "graphs"),
    "ellipsis for graphs": (lambda: API.dag.schedule_many(...), "graphs"),
    "single value for operations": (lambda: API.online.Jobs([0], operations=np.array(3)), "operations"),
    "number for a distribution": (lambda: WORKLOADS.queue(3, load=0.5, size=3), "size"),
    "nothing for a distribution": (lambda: WORKLOADS.many_operations(3, load=0.5, size=None, mean_operations=2.0), "size"),
    "number for arrivals": (lambda: WORKLOADS.queue(3, load=0.5, arrivals=3), "arrivals"),
    "text for rates": (lambda: WORKLOADS.MarkovianArrivals([["x"]], [[1.0]]), "d0"),
    "text for interrupts": (lambda: API.tardiness.solve_exact_weighted([1], [1], on_interrupt=MANY), "on_interrupt"),
    "half a pair as a format": (lambda: API.rcpsp.read("x", format="\ud800"), "format"),
    "array for a format": (lambda: API.rcpsp.write(API.rcpsp.Project([], [], []), "x.sm", format=MANY), "format"),
    "endless family": (lambda: WORKLOADS.uniform_tests(2, 1.0, 2**31), "stream"),
    "endless operations": (lambda: WORKLOADS.stress_a(2**20, n=2**20), "n"),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_refused_by_name(name: str) -> None:
    call, field = FOUND[name]
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        call()
    assert caught.value.field == field


def test_rates_of_arrivals_are_private_copies() -> None:
    rates = np.array([[0, 1], [1, 0]], dtype=">i8")
    process = WORKLOADS.MarkovianArrivals(rates, rates)
    rates[:] = -1
    assert np.asarray(process.d0).tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert not np.asarray(process.d0).flags.writeable


def test_stored_inputs(tmp_path: Path) -> None:
    inputs = surface.stored()
    outcomes = {surface.run(data, tmp_path) for data in inputs}
    assert len(outcomes) > 100


def test_a_little_fresh_search() -> None:
    """In a process of its own, so that a hang ends with a trace and not with the tests."""
    command = [sys.executable, "-m", "tests.fuzz.surface", "--seconds", "5", "--seed", "20261122"]
    done = subprocess.run(command, cwd=surface.ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


FILES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "swf": (sk.online.read_swf, "1 1e308 0 5 1\n"),
    "csv": (sk.online.read_csv, "release_time,processing_time\n0,inf\n"),
    "csv of one endless cell": (sk.online.read_csv, "release_time,processing_time\n0," + "1" * 200_000 + "\n"),
    "csv of one endless header": (sk.online.read_csv, "x" * 200_000 + "\n"),
    "platform": (sk.dag.read_platform, '{"schedkit": "platform", "processors": ' + "9" * 5000 + "}"),
    "wfformat": (
        sk.dag.read_wfformat,
        Path(sk.example_path("tiny.wfformat.json")).read_text("utf-8").replace("40", "9" * 400, 1),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_were_found_are_refused_by_path(name: str, tmp_path: Path) -> None:
    read, text = FILES[name]
    path = tmp_path / "file"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(sk.FormatError, match="file") as caught:
        read(path)
    assert caught.value.path == str(path)


def test_names_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    text = Path(sk.example_path("tiny.wfformat.json")).read_text("utf-8")
    path.write_text(text.replace('"name": "split"', '"name": {"x": 1}', 1), encoding="utf-8")
    with pytest.raises(sk.FormatError, match="'name' must be text"):
        sk.dag.read_wfformat(path)
