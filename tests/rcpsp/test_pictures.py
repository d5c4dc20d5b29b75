"""Gantt charts and traces: what is drawn is what was scheduled."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import schedkit as sk
from matplotlib import pyplot
from matplotlib.colors import to_hex

mpl.use("agg")
EXAMPLE = sk.rcpsp.read(sk.example_path("migration.json"))


@pytest.fixture(autouse=True)
def _close() -> Any:
    yield
    pyplot.close("all")


def bars(ax: Any) -> list[tuple[float, float]]:
    return sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.patches)


@pytest.mark.parametrize(
    "project",
    [
        EXAMPLE,
        sk.rcpsp.Project([], [], []),
        sk.rcpsp.Project([2, 0, 3], [[], [], []], []),
        sk.rcpsp.Project([2, 1], [[1], [0]], [1], names=["$x^$", "a $ b_{"], resource_names=["$_"]),
        sk.rcpsp.Project(np.ones(300), np.ones((300, 1)), [7]),
    ],
    ids=["example", "empty", "no resources", "dollars", "many"],
)
def test_every_activity_has_a_bar(project: sk.rcpsp.Project, tmp_path: Path) -> None:
    schedule = sk.rcpsp.serial_sgs(project)
    expected = sorted(zip(schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True))
    ax = schedule.plot()
    assert bars(ax) == expected
    figure: Any = ax.figure
    assert len(figure.axes) == 1 + project.num_resources
    figure.savefig(tmp_path / "chart.png")
    _, own = pyplot.subplots()
    assert schedule.plot(ax=own) is own
    assert bars(own) == expected


def test_the_busiest_of_many_resources_are_shown() -> None:
    demand = np.ones((3, 100), dtype=np.int64)
    demand[:, 97] = 2
    project = sk.rcpsp.Project([1, 2, 3], demand, [2] * 100)
    ax: Any = sk.rcpsp.serial_sgs(project).plot()
    labels = [profile.get_ylabel() for profile in ax.figure.axes[1:]]
    assert labels == [f"resource {r}" for r in [*range(15), 97]]


def test_a_delay_of_a_red_activity_delays_the_project() -> None:
    # Milestones complete at the moment their predecessors do, and stand before and behind them by index.
    project = sk.rcpsp.Project([5, 0, 0, 4, 2], [[]] * 5, [], precedence=[(0, 2), (2, 1), (1, 3)])
    schedule = sk.rcpsp.serial_sgs(project)
    ax: Any = schedule.plot()
    red = {bar.get_x() for bar in ax.patches if to_hex(bar.get_facecolor()) == "#c0504d" and bar.get_width() > 0}
    assert red == {0, 5}
    assert sum(to_hex(bar.get_facecolor()) == "#c0504d" for bar in ax.patches) == 2


@pytest.mark.parametrize("project", [EXAMPLE, sk.rcpsp.Project([], [], [2]), sk.rcpsp.Project([1, 0], [[], []], [])])
def test_a_trace_has_one_row_for_each_activity_and_counts_resources(project: sk.rcpsp.Project, tmp_path: Path) -> None:
    schedule = sk.rcpsp.parallel_sgs(project)
    schedule.to_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    slices = [e for e in events if e["ph"] == "X"]
    assert sorted((e["args"]["activity"], e["ts"], e["ts"] + e["dur"]) for e in slices) == [
        (i, *span) for i, span in enumerate(zip(schedule.start_time.tolist(), schedule.completion_time.tolist(), strict=True))
    ]
    for lane in {e["tid"] for e in slices}:
        spans = sorted((e["ts"], e["ts"] + e["dur"]) for e in slices if e["tid"] == lane)
        assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    for resource, capacity in enumerate(project.capacity.tolist()):
        name = f"resource {resource}" if project.resource_names is None else project.resource_names[resource]
        levels = [e["args"]["in use"] for e in events if e["ph"] == "C" and e["name"] == name]
        assert all(0 <= level <= capacity for level in levels)
        assert not levels or (max(levels) > 0 and levels[-1] == 0)


def test_pauses_are_pale_and_downtime_is_grey(tmp_path: Path) -> None:
    day = sk.rcpsp.Calendar([8, 16], [2, 0], period=24)
    project = sk.rcpsp.Project([12, 6], [[1], [2]], [2], calendars={0: day}, pausable=[True, False], precedence=[[0, 1]])
    schedule = sk.rcpsp.ProjectSchedule.from_start_time(project, [8, 56])
    assert sk.check(project, schedule) == []
    ax: Any = schedule.plot()
    # The whole, pale, and the work over it: the first one from 8 to 16 and from 32 to 36.
    assert bars(ax) == [(8, 16), (8, 36), (32, 36), (56, 62), (56, 62)]
    profile = ax.figure.axes[1]
    closed = next(c for c in profile.collections if to_hex(c.get_facecolor()[0]) == "#d0d0d0")
    spans = sorted((path.vertices[:, 0].min(), path.vertices[:, 0].max()) for path in closed.get_paths())
    assert spans == [(0, 8), (16, 32), (40, 56)]
    ax.figure.savefig(tmp_path / "chart.png")
    schedule.to_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    used = {event["ts"]: event["args"]["in use"] for event in events if event["ph"] == "C"}
    assert used == {8: 1, 16: 0, 32: 1, 36: 0, 56: 2, 62: 0}


def test_a_calendar_of_too_many_steps_is_left_out() -> None:
    blink = sk.rcpsp.Calendar([0, 1], [1, 0], period=2)
    project = sk.rcpsp.Project([10**6], [[1]], [1], calendars={0: blink}, pausable=[True])
    ax: Any = sk.rcpsp.ProjectSchedule.from_start_time(project, [0]).plot()
    assert len(ax.figure.axes) == 2


def test_convergence_shows_the_history_until_the_end(tmp_path: Path) -> None:
    found = sk.rcpsp.solve(EXAMPLE, max_schedules=2000)
    assert len(found.history) > 2
    figure, own = pyplot.subplots()
    ax: Any = found.plot(ax=own)
    assert figure.axes == [ax]  # drawn where it was told
    objective, bound = ax.lines
    assert [line.get_label() for line in ax.lines] == ["objective", "lower bound"]
    for line in ax.lines:
        assert line.get_drawstyle() == "steps-post"
        assert line.get_xdata().tolist() == [*(entry.elapsed for entry in found.history), found.runtime]
    assert objective.get_ydata().tolist() == [*(entry.objective for entry in found.history), found.makespan]
    assert bound.get_ydata().tolist() == [*(entry.lower_bound for entry in found.history), found.lower_bound]
    figure.savefig(tmp_path / "convergence.png")


def test_a_search_that_found_nothing_has_no_curve(tmp_path: Path) -> None:
    found = sk.rcpsp.solve(sk.rcpsp.Project([2, 3], [[1], [1]], [1], deadline=[4, 4]))
    assert found.history == []
    ax: Any = found.plot()
    assert all(line.get_ydata().tolist() == [] for line in ax.lines)
    ax.figure.savefig(tmp_path / "nothing.png")
