"""Charts of shops; matplotlib is imported only when a chart is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _drawing, _validation
from .._text import printable
from .schedule import ShopSchedule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_LABELS = 150


def shop_gantt(schedule: ShopSchedule, ax: Axes | None = None, *, by: str = "machine") -> Axes:
    """A Gantt chart, one row per machine or per job; see `ShopSchedule.plot`."""
    if _validation.word(by, "by") not in ("machine", "job"):
        raise _validation.refuse("by", "expected 'machine' or 'job'", value=by)
    shop = schedule.shop
    job = shop.job
    machine_names = shop.machine_names or tuple(map(str, range(shop.num_machines)))
    job_names = shop.names or tuple(map(str, range(shop.num_jobs)))
    rows, names = (schedule.machine, machine_names) if by == "machine" else (job, job_names)
    other, labels = (job, job_names) if by == "machine" else (schedule.machine, machine_names)
    own = ax is None
    ax = _drawing.axes(ax, figsize=(11, min(max(2.5, 0.4 * len(names) + 1.0), 24.0)))
    if own:
        ax.set_title(f"makespan {schedule.makespan}")
    length = schedule.completion_time - schedule.start_time
    colours = [f"C{k % 10}" for k in other.tolist()]
    ax.barh(rows, length, left=schedule.start_time, height=0.7, color=colours, edgecolor="white", linewidth=0.5)
    for start, end, row, colour in _held(schedule, rows.tolist(), colours):
        ax.barh(row, end - start, left=start, height=0.7, color=colour, alpha=0.25)
    for start, end, machine, operation in _setups(schedule):
        row = machine if by == "machine" else int(job[operation])
        ax.barh(row, end - start, left=start, height=0.35, color="white", edgecolor="#606060", hatch="////", linewidth=0.5)
    if job.size <= _MOST_LABELS:
        for k, (row, start, width) in enumerate(zip(rows.tolist(), schedule.start_time.tolist(), length.tolist(), strict=True)):
            text = printable(labels[other[k]])
            ax.text(start + width / 2, row, text, ha="center", va="center", fontsize=7, clip_on=True, parse_math=False)
    ax.set_yticks(range(len(names)), [printable(name) for name in names], parse_math=False)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_ylabel(by)
    ax.set_xlabel("time")
    ax.grid(axis="x", alpha=0.3)
    return ax


def _held(schedule: ShopSchedule, rows: list[int], colours: list[str]) -> list[tuple[int, int, int, str]]:
    """When blocked jobs keep their machines: start, end, row and colour."""
    shop = schedule.shop
    if not shop.blocking:
        return []
    job, start, end = shop.job.tolist(), schedule.start_time.tolist(), schedule.completion_time.tolist()
    ways = shop.transport
    held = []
    for k in range(len(job) - 1):
        if job[k] == job[k + 1]:
            way = 0 if ways is None else int(ways[schedule.machine[k], schedule.machine[k + 1]])
            held.append((end[k], max(end[k], start[k + 1] - way), rows[k], colours[k]))
    return held


def _setups(schedule: ShopSchedule) -> list[tuple[int, int, int, int]]:
    """Setups right before their operations: start, end, machine and operation."""
    shop = schedule.shop
    job = shop.job
    kind = job if shop.family is None else shop.family[job]
    found = []
    for machine in sorted({*shop.setup, *shop.initial_setup}):
        before = None
        for operation in schedule.sequence(machine).tolist():
            if before is None:
                ticks = shop.initial_setup[machine][kind[operation]] if machine in shop.initial_setup else 0
            else:
                ticks = shop.setup[machine][kind[before], kind[operation]] if machine in shop.setup else 0
            if ticks > 0:
                start = int(schedule.start_time[operation])
                found.append((start - int(ticks), start, machine, operation))
            before = operation
    return found
