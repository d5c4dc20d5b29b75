"""Benchmark data: found through SCHEDKIT_DATA, else beside the project, else the test is skipped with a reason."""

from __future__ import annotations

import csv
import functools
import os
import tarfile
import tempfile
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parent.parent


def find(*parts: str) -> Path:
    """The path of a benchmark file or folder; skips the test (or fails it, with SCHEDKIT_REQUIRE_DATA=1) where it is absent."""
    base = Path(os.environ.get("SCHEDKIT_DATA") or _ROOT.parent / "shared" / "data")
    path = base.joinpath(*parts)
    if not path.exists():
        if os.environ.get("SCHEDKIT_REQUIRE_DATA") == "1":
            pytest.fail(f"no benchmark data at {path}; set SCHEDKIT_DATA")
        pytest.skip("no benchmark instances on this machine; SCHEDKIT_DATA names their folder")
    return path


@functools.cache
def unpacked(*parts: str) -> Path:
    """The folder that a tar archive unpacks into."""
    target = Path(tempfile.mkdtemp(prefix="schedkit-data-"))
    with tarfile.open(find(*parts)) as archive:
        archive.extractall(target, filter="data")
    return target


def table(*parts: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with find(*parts).open(newline="") as file:
        return list(csv.DictReader(file))


def files(archive: tuple[str, ...], suffix: str) -> dict[str, Path]:
    """The files of an archive by name."""
    return {path.name: path for path in sorted(unpacked(*archive).rglob(f"*{suffix}"))}
