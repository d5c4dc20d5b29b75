"""The Rust crate stands alone: no Python below it, and its examples run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")


def cargo(*arguments: str) -> str:
    command = ["cargo", *arguments]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=900)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_there_is_no_python_in_its_dependency_tree() -> None:
    tree = cargo("tree", "--package", "schedkit-core", "--edges", "normal,build", "--target", "all", "--prefix", "none")
    crates = {line.split()[0] for line in tree.splitlines() if line.strip()}
    assert "schedkit-core" in crates
    assert len(crates) > 3
    assert not {name for name in crates if re.search("py|numpy|maturin|cpython", name)}
    assert "pyo3" in cargo("tree", "--package", "schedkit-python", "--prefix", "none")  # the test can tell


@pytest.fixture(scope="module")
def examples() -> dict[str, str]:
    """The programs by name, built with the whole workspace as the Rust tests are: cargo compiles the core once for both."""
    lines = cargo("build", "--release", "--quiet", "--workspace", "--examples", "--message-format", "json").splitlines()
    made = [message for message in map(json.loads, lines) if message.get("executable")]
    return {message["target"]["name"]: message["executable"] for message in made}


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("task_graph", "bottom levels [6.0, 5.0, 4.0, 1.0]"),  # by hand
        ("stream", "srpt  total flow time 28.00"),  # Schrage's rule by hand
        ("due_dates", "exact  [3, 5, 2, 0, 1, 4] total tardiness 141, optimal"),  # published
        ("project", "search: makespan "),
        ("shop", "search makespan 55, "),  # published
        ("packing", "0.111 of what is free is in fragments, at least 0.111"),  # by hand: 4 of 36 units
        ("model_server", "answers are complete after steps [4, 2, 3, 6, 6]"),  # by hand, from the formula for the peak
    ],
)
def test_its_examples_run(examples: dict[str, str], example: str, expected: str) -> None:
    run = subprocess.run([examples[example]], cwd=ROOT, capture_output=True, text=True, check=True, timeout=100)
    assert expected in run.stdout
