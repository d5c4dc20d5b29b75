"""Reports on the plans that were made inside a Dask scheduler."""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class PlanReport:
    """A report on all plans so far.

    Attributes
    ----------
    num_graphs, num_planned : int
        Graphs and tasks that were planned.
    num_kept : int
        Tasks that ran where the plan had them, or whose worker the plan left to Dask.
    num_free : int
        Those of `num_kept` whose worker the plan left to Dask: the tasks of large groups without dependencies, which Dask hands
        out one by one as threads become free. With ``"strict"`` restrictions, no other task may wait for them.
    moved : dict of key to (planned worker, actual worker)
        Tasks that left the plan, at most 10,000 of them.
    num_moved, num_unfinished : int
        All that left it, and those that have not run yet.
    lost_workers : list of str
        Workers that went away while the plan still needed them; their tasks were released from it.
    failures : list of str
        Tracebacks of errors inside the planner; the graphs concerned ran as if it were not there.
    planned_seconds : float
        The sum over all graphs of the seconds from the graph's arrival to its planned end, work that was there before included.
    """

    num_graphs: int
    num_planned: int
    num_kept: int
    num_free: int
    num_moved: int
    num_unfinished: int
    moved: dict[Any, tuple[str, str]]
    lost_workers: list[str]
    failures: list[str]
    planned_seconds: float

    def __str__(self) -> str:
        lines = [
            f"{self.num_planned} tasks in {self.num_graphs} graphs: {self.num_kept} kept to the plan, {self.num_moved} moved, "
            f"{self.num_unfinished} not finished"
        ]
        lines += [f"lost worker {worker}" for worker in self.lost_workers]
        lines += [f"FAILED: {failure}" for failure in self.failures]
        return "\n".join(lines)
