"""The parts of Dask's scheduler that the adapter touches, in one place, and a check that they are still there."""

from __future__ import annotations

import inspect
from typing import Any

TESTED = ((2025, 9), (2026, 9))
"""The range of Dask releases for which the contract test passes: from the first, before the second."""

_TASK_ATTRIBUTES = (
    "key",
    "priority",
    "prefix",
    "dependencies",
    "who_has",
    "processing_on",
    "run_spec",
    "nbytes",
    "actor",
    "worker_restrictions",
    "host_restrictions",
    "resource_restrictions",
    "loose_restrictions",
    "state",
    "waiting_on",
    "dependents",
)
_SCHEDULER_ATTRIBUTES = (
    "tasks",
    "workers",
    "bandwidth",
    "unrunnable",
    "transitions",
    "log_event",
    "plugins",
    "extensions",
    "is_rootish",
    "loop",
)


def workers_of(scheduler: Any) -> list[tuple[str, int]]:
    """Addresses and threads of the workers that take tasks, by address."""
    states = scheduler.workers.values()
    return sorted((state.address, state.nthreads) for state in states if state.status.name == "running")


def broken_promises(scheduler: Any) -> list[str]:
    """The parts of Dask that the adapter needs and does not find; empty if all exist."""
    from distributed.diagnostics.plugin import SchedulerPlugin  # noqa: PLC0415  # optional
    from distributed.scheduler import TaskPrefix, TaskState, WorkerState  # noqa: PLC0415
    from distributed.stealing import WorkStealing  # noqa: PLC0415

    broken = [f"Scheduler.{name} is gone" for name in _SCHEDULER_ATTRIBUTES if not hasattr(scheduler, name)]
    slots = {name for cls in TaskState.__mro__ for name in getattr(cls, "__slots__", ())} | set(dir(TaskState))
    broken += [f"TaskState.{name} is gone" for name in _TASK_ATTRIBUTES if name not in slots]
    pairs: list[tuple[Any, tuple[str, ...]]] = [
        (TaskPrefix, ("name", "duration_average")),
        (WorkerState, ("address", "nthreads", "status", "processing", "long_running")),
        (WorkStealing, ("move_task_request",)),
    ]
    for cls, names in pairs:
        known = set(getattr(cls, "__slots__", ())) | set(getattr(cls, "__annotations__", ())) | set(dir(cls))
        broken += [f"{cls.__name__}.{name} is gone" for name in names if name not in known]
    hooks: dict[str, tuple[str, ...]] = {
        "update_graph": ("tasks",),
        "add_worker": ("scheduler", "worker"),
        "remove_worker": ("worker", "stimulus_id"),
        "transition": (),
    }
    for hook, names in hooks.items():
        method = getattr(SchedulerPlugin, hook, None)
        parameters = inspect.signature(method).parameters if method is not None else {}
        broken += [f"SchedulerPlugin.{hook} is gone"] * (method is None)
        broken += [f"SchedulerPlugin.{hook} has lost {name}" for name in names if method is not None and name not in parameters]
    return broken
