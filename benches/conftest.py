"""Prints what each benchmark recorded beside its times: instance, objective, ratios."""

from __future__ import annotations

from typing import Any

import pytest


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    session = getattr(config, "_benchmarksession", None)
    rows = [(bench.name, bench.extra_info) for bench in getattr(session, "benchmarks", []) if bench.extra_info]
    if rows:
        terminalreporter.section("measured in one run")
    for name, info in rows:
        terminalreporter.line(name)
        for key, value in info.items():
            terminalreporter.line(f"    {key}: {value}")
