"""Charts of projects: Gantt charts, the course of a search, the curve of a ramp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import _drawing
from .._text import printable
from . import profiles
from .constraints import NO_DEADLINE, NO_LAG

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .problem import Project
    from .ramp.report import RampReport
    from .schedule import ProjectSchedule
    from .search import ProjectSolution

_MOST_LABELS = 120
"""Number of activities beyond which names on the axis would overlap."""
_MOST_PROFILES = 16
"""Number of resources beyond which the layout of charts takes too long; the busiest are shown."""


def project_gantt(schedule: ProjectSchedule, ax: Axes | None = None) -> Axes:
    """Draws a Gantt chart, activities by start; without `ax` a new figure with the profiles of up to 16 resources and the
    levels of up to 16 stores below.

    Parameters
    ----------
    schedule : ProjectSchedule
    ax : matplotlib Axes, optional
        Draws the chart alone, here.

    Returns
    -------
    matplotlib Axes
        Of the Gantt chart.
    """
    project = schedule._in_its_modes()
    if ax is None:
        shown = _busiest(project)
        height = min(max(2.0, 0.17 * project.num_activities), 24.0)
        stores = range(0 if project.storage is None else min(project.storage.size, _MOST_PROFILES))
        ratios = [height, *[0.9] * (len(shown) + len(stores))]
        figure, rows = _drawing.pyplot().subplots(
            len(ratios),
            1,
            sharex=True,
            squeeze=False,
            figsize=(11, sum(ratios) + 0.8),
            height_ratios=ratios,
            layout="constrained",
        )
        ax = rows[0, 0]
        for row, resource in enumerate(shown, start=1):
            _profile(rows[row, 0], schedule, resource)
        for row, store in enumerate(stores, start=1 + len(shown)):
            _levels(rows[row, 0], schedule, store)
        rows[-1, 0].set_xlabel("time")
        figure.suptitle(f"makespan {schedule.makespan}")
    else:
        ax = _drawing.axes(ax)
        ax.set_xlabel("time")
    _bars(ax, schedule)
    return ax


def solution_convergence(solution: ProjectSolution, ax: Axes | None = None) -> Axes:
    """Draws objective and lower bound of a search over time, as steps.

    Parameters
    ----------
    solution : ProjectSolution
    ax : matplotlib Axes, optional
        Draws here; without it a new figure is made.

    Returns
    -------
    matplotlib Axes
    """
    ax, history = _drawing.axes(ax, figsize=(7, 4)), solution.history
    time = [*(found.elapsed for found in history), solution.runtime]
    for label, values in (
        ("objective", [found.objective for found in history]),
        ("lower bound", [found.lower_bound for found in history]),
    ):
        ax.step(time if values else [], [*values, *values[-1:]], where="post", label=label)
    ax.set_xlabel("seconds")
    ax.set_xscale("symlog", linthresh=1e-3)
    ax.legend()
    ax.grid(alpha=0.3)
    return ax


def ramp_curve(report: RampReport, ax: Axes | None = None, label: str | None = None) -> Axes:
    """Draws feasibility over the levels of a ramp, with the threshold below which it counts as degraded.

    Parameters
    ----------
    report : RampReport
    ax : matplotlib Axes, optional
        Draws here, beside other curves; without it a new figure is made.
    label : str, optional
        The name of the solver, for the legend.

    Returns
    -------
    matplotlib Axes
    """
    if ax is None:
        ax = _drawing.axes(None, figsize=(7, 4))
        ax.axhline(report.threshold, color="#404040", linewidth=1, linestyle=":")
    else:
        ax = _drawing.axes(ax)
    text = f"WAUC {report.wauc:.3f}"
    ax.plot(report.level, report.feasibility, marker=".", label=text if label is None else f"{label}, {text}")
    ax.set_xlabel("level: precedence pairs")
    ax.set_ylabel("feasible answers")
    ax.set_ylim(-0.03, 1.03)
    ax.legend()
    ax.grid(alpha=0.3)
    return ax


def _bars(ax: Axes, schedule: ProjectSchedule) -> None:
    project = schedule._in_its_modes()
    order = np.lexsort((schedule.completion_time, schedule.start_time))
    order = order[schedule._runs[order]]
    rows = np.arange(order.size)
    critical = _critical(project, schedule)
    colour = np.where(critical[order], "#c0504d", "#4f81bd")
    length = (schedule.completion_time - schedule.start_time)[order]
    pauses = bool((length > project.duration[order]).any() and project.pausable.any())
    ax.barh(rows, length, left=schedule.start_time[order], height=0.8, color=list(colour), alpha=0.35 if pauses else 1.0)
    if pauses:  # the stretches of work over the pale whole
        place = np.zeros(schedule.start_time.size, dtype=np.int64)
        place[order] = rows
        activity, start, end = profiles.work(schedule)
        ax.barh(place[activity], end - start, left=start, height=0.8, color=list(colour[place[activity]]))
    points = length == 0  # activities without duration are milestones
    ax.plot(schedule.start_time[order][points], rows[points], "D", color="#404040", markersize=4)
    if order.size <= _MOST_LABELS:
        labels = [str(i) if project.names is None else printable(project.names[i]) for i in order]
        ax.set_yticks(rows, labels, fontsize=7, parse_math=False)  # a name may hold dollars
    else:
        ax.set_ylabel("activities by start")
    ax.set_ylim(max(order.size, 1) - 0.5, -0.5)
    ax.set_xlim(0, max(schedule.makespan, 1))
    ax.grid(axis="x", alpha=0.3)
    if critical.any():
        ax.set_title("red: no slack in this schedule's precedence", fontsize=8, loc="right")


def _critical(project: Project, schedule: ProjectSchedule) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Activities that are critical by precedence alone: delaying one delays the project."""
    latest = np.full(project.num_activities, schedule.makespan, dtype=np.int64)
    predecessors: list[list[tuple[int, int]]] = [[] for _ in range(project.num_activities)]
    duration: list[int] = project.duration.tolist()
    kept = project.lag != NO_LAG  # pairs that only a maximal lag binds order nothing
    for k in np.flatnonzero(kept).tolist():
        (before, after), relation, lag = project.precedence[k].tolist(), project.relation[k], int(project.lag[k])
        # From completion to completion, whatever the two events are.
        apart = lag + (duration[after] if relation[1] == "S" else 0) - (duration[before] if relation[0] == "S" else 0)
        predecessors[after].append((before, apart))
    # Successors first, by the graph alone: milestones complete at the moment their predecessors do.
    waiting = np.bincount(project.precedence[kept, 0], minlength=project.num_activities)
    ready = np.flatnonzero(waiting == 0).tolist()
    while ready:
        j = ready.pop()
        for i, apart in predecessors[j]:
            latest[i] = min(latest[i], latest[j] - apart)
            waiting[i] -= 1
            if waiting[i] == 0:
                ready.append(i)
    return np.asarray((schedule.completion_time >= latest) & (project.duration > 0))


def _busiest(project: Project) -> list[int]:
    """The resources with the most work for their capacity, by index."""
    work = project.duration.astype(float) @ project.demand.astype(float)
    order = np.argsort(-work / np.maximum(project.capacity, 1), kind="stable")
    return sorted(order[:_MOST_PROFILES].tolist())


def _profile(ax: Axes, schedule: ProjectSchedule, resource: int) -> None:
    """Use of one resource over time, below its capacity; grey where a calendar leaves nothing."""
    project = schedule._in_its_modes()
    times, used = profiles.usage(schedule, resource)
    ax.fill_between(times, used, step="post", color="#9bbb59", alpha=0.8)
    capacity = int(project.capacity[resource])
    first = min([0, *schedule.start_time[schedule._runs].tolist()])
    steps, units = profiles.levels(project, resource, first, max(schedule.makespan, 1))
    ax.step([*steps, max(schedule.makespan, 1)], [*units, units[-1]], where="post", color="#404040", linewidth=1)
    ends = np.append(steps[1:], max(schedule.makespan, 1))
    ax.broken_barh(
        list(zip(steps[units == 0], (ends - steps)[units == 0], strict=True)),
        (0, max(1, capacity) * 1.15),
        facecolors="#d0d0d0",
        zorder=0,
    )
    ax.set_ylim(0, max(1, capacity) * 1.15)
    name = f"resource {resource}" if project.resource_names is None else project.resource_names[resource]
    ax.set_ylabel(printable(name), fontsize=7, rotation=0, ha="right", va="center", parse_math=False)
    ax.tick_params(labelsize=7)


def _levels(ax: Axes, schedule: ProjectSchedule, store: int) -> None:
    """The level of one store over time, below its capacity."""
    project = schedule.project
    times, units = profiles.level(schedule, store)
    end = max(schedule.makespan, 1)
    initial, capacity = (0 if column is None else int(column[store]) for column in (project.initial, project.storage))
    times, units = (
        np.concatenate(([min(0, *times, 0)], times, [end])),
        np.concatenate(([initial], units, units[-1:] if units.size else [initial])),
    )
    ax.fill_between(times, units, step="post", color="#8064a2", alpha=0.7)
    if capacity != NO_DEADLINE:
        ax.axhline(capacity, color="#404040", linewidth=1)
    ax.set_ylim(0, max(1, int(units.max()), capacity if capacity != NO_DEADLINE else 0) * 1.15)
    ax.set_ylabel(f"store {store}", fontsize=7, rotation=0, ha="right", va="center")
    ax.tick_params(labelsize=7)
