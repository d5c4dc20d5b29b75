"""Dask: a task graph is planned by HEFT when it arrives at the scheduler; the plan becomes placements and priorities."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Mapping
from typing import Any, Literal

from .. import _validation
from ..dag import Network, TaskGraph, heft
from ..errors import SchedkitError
from ._dask_internals import TESTED, broken_promises, workers_of

try:
    from distributed.diagnostics.plugin import SchedulerPlugin as _Base
except ImportError:  # `install` says what is missing
    _Base = object

__all__ = ["PlanReport", "Planner", "install"]

Restrictions = Literal["loose", "strict", "none"]
_NAME = "schedkit"


@dataclasses.dataclass(frozen=True, slots=True)
class PlanReport:
    """What became of the plans so far.

    Attributes
    ----------
    num_graphs, num_planned : int
        Graphs and tasks that were planned.
    num_kept : int
        Tasks that ran where the plan had them.
    moved : dict of key to (planned worker, actual worker)
        Tasks that left the plan, at most 10,000 of them.
    num_moved, num_unfinished : int
        All that left it, and those that have not run yet.
    lost_workers : list of str
        Workers that went away while the plan still needed them; their tasks were released from it.
    failures : list of str
        Tracebacks of errors inside the planner; the graphs concerned ran as if it were not there.
    planned_seconds : float
        The sum of the plans' makespans.
    """

    num_graphs: int
    num_planned: int
    num_kept: int
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


class Planner(_Base):  # type: ignore[misc]
    """The plugin that lives in Dask's scheduler; `install` puts it there.

    When a graph arrives its tasks are placed by HEFT on the threads of the workers that are there, before the first of them
    starts. Each task gets the planned worker as its restriction, and the planned order as its priority below the user's own
    priority and the graph's generation.
    """

    name = _NAME
    idempotent = False

    def __init__(
        self,
        durations: Mapping[str, float],
        sizes: Mapping[str, float],
        default_duration: float,
        restrictions: Restrictions,
    ) -> None:
        self._durations = dict(durations)
        self._sizes = dict(sizes)
        self._default = default_duration
        self._restrictions = restrictions
        self._scheduler: Any = None
        self._forget()

    def _forget(self) -> None:
        self._plan: dict[Any, str] = {}
        self._held: set[Any] = set()  # tasks whose restriction is ours
        self._moved: dict[Any, tuple[str, str]] = {}
        self._counts = {"graphs": 0, "planned": 0, "kept": 0, "moved": 0}
        self._lost: list[str] = []
        self._failures: list[str] = []
        self._seconds = 0.0

    async def start(self, scheduler: Any) -> None:
        """Refuses a Dask whose internals are not as they were."""
        broken = broken_promises(scheduler)
        if broken:
            raise SchedkitError(f"this version of dask.distributed is not supported: {'; '.join(broken)}")
        self._scheduler = scheduler

    def restart(self, scheduler: Any) -> None:  # noqa: ARG002
        """Forgets everything with the scheduler."""
        self._forget()

    def update_graph(self, scheduler: Any, *, tasks: list[Any], **_: Any) -> None:
        """Plans the tasks of a new graph."""
        try:
            new = [scheduler.tasks[key] for key in tasks]
            self._place(scheduler, [ts for ts in new if ts.run_spec is not None and not ts.who_has and not ts.processing_on])
        except Exception:  # Dask would only log it
            self._failures.append(traceback.format_exc())
            scheduler.log_event(_NAME, {"failure": self._failures[-1]})

    def transition(self, key: Any, start: str, finish: str, *_: Any, **details: Any) -> None:  # noqa: ARG002
        """Compares where a task ran with the plan."""
        if finish == "memory" and key in self._plan:
            planned, actual = self._plan.pop(key), details.get("worker")
            self._let_go(self._scheduler.tasks[key])  # made again because its result was lost, it may run anywhere
            kept = actual is None or actual == planned
            self._counts["kept" if kept else "moved"] += 1
            if not kept and len(self._moved) < 10_000:
                self._moved[key] = (planned, str(actual))
        elif finish in ("forgotten", "erred"):
            self._plan.pop(key, None)
            self._held.discard(key)

    def _let_go(self, ts: Any) -> None:
        if ts.key in self._held:
            self._held.discard(ts.key)
            ts.worker_restrictions = None

    def remove_worker(self, scheduler: Any, worker: str, *, stimulus_id: str, **_: Any) -> None:
        """Releases the tasks of a lost worker from the plan, strict or not."""
        try:
            orphans = [
                scheduler.tasks[key] for key, planned in self._plan.items() if planned == worker and key in scheduler.tasks
            ]
            if not orphans:
                return
            self._lost.append(worker)
            for ts in orphans:
                self._let_go(ts)
            stuck = {ts.key: "waiting" for ts in orphans if ts in scheduler.unrunnable}
            scheduler.transitions(stuck, stimulus_id)
        except Exception:
            self._failures.append(traceback.format_exc())

    def _place(self, scheduler: Any, tasks: list[Any]) -> None:
        processors = [address for address, threads in workers_of(scheduler) for _ in range(threads)]
        if not tasks or not processors:
            return
        index = {ts.key: k for k, ts in enumerate(tasks)}
        edges = [(index[d.key], k) for k, ts in enumerate(tasks) for d in ts.dependencies if d.key in index]
        data = [self._size(tasks[a]) for a, _ in edges]
        work = [self._duration(ts) for ts in tasks]
        graph = TaskGraph.from_work(work, [1.0] * len(processors), edges, data)
        plan = heft(graph, Network(bandwidth=float(scheduler.bandwidth)))
        order = sorted(range(len(tasks)), key=lambda k: (plan.start_time[k], k))
        for place, k in enumerate(order):
            ts, worker = tasks[k], processors[plan.processor[k]]
            ts.priority = (*ts.priority[:2], place)
            free = not (ts.worker_restrictions or ts.host_restrictions or ts.resource_restrictions or ts.actor)
            if free and self._restrictions != "none":
                ts.worker_restrictions = {worker}
                self._held.add(ts.key)
                ts.loose_restrictions = self._restrictions == "loose"
            self._plan[ts.key] = worker
        self._counts["graphs"] += 1
        self._counts["planned"] += len(tasks)
        self._seconds += plan.makespan

    def _duration(self, ts: Any) -> float:
        """What the user says, else what Dask has measured for tasks of this name, else the default."""
        prefix = ts.prefix.name
        if prefix in self._durations:
            return self._durations[prefix]
        measured = float(ts.prefix.duration_average)
        return measured if measured >= 0 else self._default

    def _size(self, ts: Any) -> float:
        """Bytes of a task's result: the user's, else Dask's own if it is known, else nothing."""
        return self._sizes.get(ts.prefix.name, max(0.0, float(ts.nbytes)))

    def report(self) -> PlanReport:
        """What became of the plans so far."""
        return PlanReport(
            num_graphs=self._counts["graphs"],
            num_planned=self._counts["planned"],
            num_kept=self._counts["kept"],
            num_moved=self._counts["moved"],
            num_unfinished=len(self._plan),
            moved=dict(self._moved),
            lost_workers=list(self._lost),
            failures=list(self._failures),
            planned_seconds=self._seconds,
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Adapter:
    """A client's handle on the planner in its scheduler."""

    _client: Any

    def report(self) -> PlanReport:
        """What became of the plans so far; failures are in it, nothing is raised."""
        found: PlanReport = self._client.run_on_scheduler(_report)
        return found

    def check(self) -> PlanReport:
        """The report; a `SchedkitError` with the first traceback if the planner has failed."""
        report = self.report()
        if report.failures:
            raise SchedkitError(f"{len(report.failures)} graphs were not planned; the first because of\n{report.failures[0]}")
        return report

    def uninstall(self) -> None:
        """Takes the planner out of the scheduler; tasks that are placed stay placed."""
        self._client.unregister_scheduler_plugin(_NAME)


def _report(dask_scheduler: Any) -> PlanReport:
    found: PlanReport = dask_scheduler.plugins[_NAME].report()
    return found


def install(
    client: Any,
    *,
    durations: Mapping[str, float] | None = None,
    sizes: Mapping[str, float] | None = None,
    default_duration: float = 0.5,
    restrictions: Restrictions = "loose",
) -> Adapter:
    """Puts a `Planner` into the scheduler of a Dask client (needs dask.distributed there and here).

    Parameters
    ----------
    client : distributed.Client
    durations : mapping of str to float, optional
        Seconds by task prefix (the function's name); without, what Dask has measured so far.
    sizes : mapping of str to float, optional
        Bytes of results by task prefix; without, what Dask knows, 0 for tasks that have not run yet.
    default_duration : float, default 0.5
        Seconds of tasks that are neither given nor measured.
    restrictions : {"loose", "strict", "none"}, default "loose"
        ``"strict"``: a task waits for its planned worker, and stealing leaves it there. ``"loose"``: it may go elsewhere if the
        worker is not available. ``"none"``: priorities alone.

    Returns
    -------
    Adapter
        With ``.report()``, ``.check()`` and ``.uninstall()``.

    Raises
    ------
    SchedkitError
        dask.distributed is not installed, or not of a version whose internals are known.
    InvalidInputError, InputTypeError
        Negative or infinite durations and sizes, unknown restrictions.

    Notes
    -----
    A plan costs O(n log n + m P) in the scheduler's event loop. Tasks with restrictions, resources or actors of their own keep
    theirs and get priorities alone. Tasks of a worker that goes away are released from the plan in every mode. `heft` plans
    without regard to data that lie on workers already, and workers that come later get work only by stealing, or from the next
    graph.
    """
    if _validation.word(restrictions, "restrictions") not in ("loose", "strict", "none"):
        raise _validation.refuse("restrictions", "expected 'loose', 'strict' or 'none'", value=restrictions)
    planner = Planner(
        _numbers(durations, "durations"),
        _numbers(sizes, "sizes"),
        _validation.float_scalar(default_duration, "default_duration", minimum=0.0),
        restrictions,
    )
    if _Base is object:
        raise SchedkitError("planning for Dask needs dask.distributed: pip install 'schedkit[dask]'")
    from distributed import __version__ as version  # noqa: PLC0415  # optional

    if not TESTED[0] <= _release(version) < TESTED[1]:
        tested = " to ".join(".".join(map(str, bound)) for bound in TESTED)
        raise SchedkitError(f"dask.distributed {version} is outside of what is tested ({tested}, the latter excluded)")
    client.register_plugin(planner)
    return Adapter(client)


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("+", 1)[0].split(".")[:2])


def _numbers(mapping: Mapping[str, float] | None, field: str) -> dict[str, float]:
    return {str(k): _validation.float_scalar(v, f"{field}[{k!r}]", minimum=0.0) for k, v in (mapping or {}).items()}
