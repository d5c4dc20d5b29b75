"""Prints what each benchmark recorded beside its times: instance, objective, ratios."""

from __future__ import annotations

import importlib.metadata
import os
from typing import Any

import pytest

PEERS = ("schedkit", "numpy", "numba", "anrg-saga", "discrete-optimization", "pyjobshop", "ortools", "simpy")
_skipped: list[str] = []


def pytest_runtest_logreport(report: Any) -> None:
    """Remembers what was left out, and why, for the report."""
    if report.skipped and isinstance(report.longrepr, tuple):
        _skipped.append(f"{report.nodeid.split('/')[-1]} ({report.longrepr[2].removeprefix('Skipped: ')})")


def pytest_benchmark_update_json(config: Any, benchmarks: Any, output_json: dict[str, Any]) -> None:  # noqa: ARG001  # their names
    """Puts the peers' versions and what was skipped beside the numbers."""
    versions = {}
    for name in PEERS:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "absent"
    output_json |= {"skipped": _skipped, "versions": versions, "quick": bool(os.environ.get("SCHEDKIT_BENCH_QUICK"))}


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    rows = [(bench.name, bench.extra_info) for bench in getattr(session, "benchmarks", []) if bench.extra_info]
    if rows:
        terminalreporter.section("measured in one run")
    for name, info in rows:
        terminalreporter.line(name)
        for key, value in info.items():
            terminalreporter.line(f"    {key}: {value}")
