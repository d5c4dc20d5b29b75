"""The plugin that plans task graphs inside Dask's scheduler."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from operator import attrgetter
from time import monotonic
from typing import Any, Literal

from ..errors import SchedkitError
from ._dask_internals import broken_promises, workers_of
from ._dask_load import Given, Loads, best_worker, plan
from ._dask_report import PlanReport

try:
    from distributed.diagnostics.plugin import SchedulerPlugin as Base
except ImportError:  # `install` says what is missing
    Base = object

__all__ = ["NAME", "Base", "Planner", "Restrictions"]

Restrictions = Literal["loose", "strict", "none"]
NAME = "schedkit"
_TOGETHER = 0.05  # seconds; workers that join within it are planned for together


class Planner(Base):  # type: ignore[misc]
    """The plugin that lives in Dask's scheduler; `install` puts it there.

    When a graph arrives it is planned by HEFT on the threads of the workers that are there, behind the work that they have,
    before the first of its tasks starts. The planned order becomes the tasks' priority below the user's own priority and the
    graph's generation. Strict plans fix each task's worker at once. Loose plans fix it when the task's predecessors have ended,
    by the work that each worker has then, and leave it to Dask where Dask hands out tasks one by one as threads become free.
    Independent tasks are placed loosely in strict plans, too: nothing waits for them, so a fixed worker could only delay them.

    Parameters
    ----------
    durations, sizes, default_duration, restrictions
        As in `install`, already validated.
    """

    name = NAME
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
        self._plan: dict[Any, str | None] = {}  # None: left to Dask
        self._ends: dict[Any, float] = {}  # planned ends of strict tasks
        self._held: set[Any] = set()  # tasks whose restriction is ours
        self._settled: set[Any] = set()  # tasks that are placed loosely, and whose worker is decided
        self._independent: set[Any] = set()  # tasks of strict plans that are placed loosely
        self._asked: dict[Any, str] = {}  # tasks that were asked to leave a worker, which may have started them already
        self._moved: dict[Any, tuple[str, str]] = {}
        self._counts = {"graphs": 0, "planned": 0, "kept": 0, "free": 0, "moved": 0}
        self._lost: list[str] = []
        self._failures: list[str] = []
        self._seconds = 0.0
        self._loads = Loads()
        self._spreading = False

    async def start(self, scheduler: Any) -> None:
        """Refuses a Dask whose internals are not as they were; counts the work that is there."""
        broken = broken_promises(scheduler)
        if broken:
            raise SchedkitError(f"this version of dask.distributed is not supported: {'; '.join(broken)}")
        self._scheduler = scheduler
        self._count_again()

    def restart(self, scheduler: Any) -> None:  # noqa: ARG002
        """Forgets everything with the scheduler."""
        self._forget()

    def update_graph(self, scheduler: Any, *, tasks: list[Any], **_: Any) -> None:
        """Plans the tasks of a new graph."""
        try:
            new = [scheduler.tasks[key] for key in tasks]
            self._place([ts for ts in new if ts.run_spec is not None and not ts.who_has and not ts.processing_on])
        except Exception:  # Dask would only log it
            self._fail()

    def transition(self, key: Any, start: str, finish: str, *_: Any, **details: Any) -> None:
        """Counts the work of each worker, decides where ready tasks run, and compares where tasks ran with the plan."""
        try:
            now = monotonic()
            if finish == "processing":
                ts = self._scheduler.tasks[key]
                self._loads.put(key, ts.processing_on.address, self._duration(ts), now)
            elif start == "processing" or finish in ("memory", "erred", "forgotten"):
                self._loads.take(key, now)
            if finish == "memory":
                self._ended(key, details.get("worker"))
                ready = [ts for ts in self._scheduler.tasks[key].dependents if ts.state == "waiting" and not ts.waiting_on]
                for ts in sorted(ready, key=attrgetter("priority")):
                    self._settle(ts, now)
            elif finish in ("forgotten", "erred"):
                for record in (self._plan, self._ends, self._asked):
                    record.pop(key, None)
                for keys in (self._held, self._settled, self._independent):
                    keys.discard(key)
        except Exception:  # Dask would only log it
            self._fail()

    def _ended(self, key: Any, actual: Any) -> None:
        if key not in self._plan:
            return
        planned = self._plan.pop(key)
        self._ends.pop(key, None)
        self._settled.discard(key)
        self._independent.discard(key)
        self._let_go(self._scheduler.tasks[key])  # runs again because its result was lost, and may run anywhere
        kept = planned is None or actual is None or actual in (planned, self._asked.pop(key, None))
        self._counts["kept" if kept else "moved"] += 1
        self._counts["free"] += planned is None
        if planned is not None and not kept and len(self._moved) < 10_000:
            self._moved[key] = (planned, str(actual))

    def _let_go(self, ts: Any) -> None:
        if ts.key in self._held:
            self._held.discard(ts.key)
            ts.worker_restrictions = None

    def _is_loose(self, ts: Any) -> bool:
        return self._restrictions == "loose" or ts.key in self._independent

    def _hold(self, ts: Any, worker: str) -> None:
        ts.worker_restrictions = {worker}
        ts.loose_restrictions = self._is_loose(ts)
        self._held.add(ts.key)
        self._loads.put(ts.key, worker, self._duration(ts), monotonic())

    def _fail(self) -> None:
        if len(self._failures) < 100:
            self._failures.append(traceback.format_exc())
            self._scheduler.log_event(NAME, {"failure": self._failures[-1]})

    def add_worker(self, scheduler: Any, worker: str) -> None:  # noqa: ARG002
        """Gives a share of strict plans to workers that join; loose plans count them from the next decision on."""
        if self._restrictions == "strict" and self._plan and not self._spreading:
            self._spreading = True
            scheduler.loop.call_later(_TOGETHER, self._spread)

    def remove_worker(self, scheduler: Any, worker: str, *, stimulus_id: str, **_: Any) -> None:
        """Releases the tasks of a lost worker from the plan, strict or not."""
        try:
            self._loads.forget(worker)
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
            self._fail()

    def _spread(self) -> None:
        """Plans strict tasks that have not started again, workers that have joined included."""
        self._spreading = False
        try:
            scheduler, now = self._scheduler, monotonic()
            states = scheduler.workers.values()
            waiting = [ts for key in self._held if (ts := scheduler.tasks.get(key)) is not None and ts.processing_on is None]
            queued = [
                ts
                for ws in states
                for ts in sorted(ws.processing, key=attrgetter("priority"))[ws.nthreads :]
                if ts.key in self._held and "stealing" in scheduler.extensions
            ]
            tasks = sorted([*waiting, *queued], key=attrgetter("priority"))
            if not tasks:
                return
            for ts in tasks:
                self._loads.take(ts.key, now)
            workers, ends = self._heft(tasks)[:2]
            for ts, worker, end in zip(tasks, workers, ends, strict=True):
                old = ts.processing_on
                self._hold(ts, worker)
                self._plan[ts.key], self._ends[ts.key] = worker, end
                if old is not None and old.address != worker:
                    self._asked[ts.key] = old.address
                    scheduler.extensions["stealing"].move_task_request(ts, old, scheduler.workers[worker])
        except Exception:
            self._fail()

    def _place(self, tasks: list[Any]) -> None:
        if not tasks or not workers_of(self._scheduler):
            return
        workers, ends, starts, makespan = self._heft(tasks)
        order = sorted(range(len(tasks)), key=lambda k: (starts[k], k))
        for place, k in enumerate(order):
            ts, worker = tasks[k], workers[k]
            ts.priority = (*ts.priority[:2], place)
            self._plan[ts.key] = worker
            if self._restrictions == "strict" and _is_independent(ts):
                self._independent.add(ts.key)
            elif self._restrictions == "strict" and _is_free(ts):
                self._ends[ts.key] = ends[k]
                self._hold(ts, worker)
        now = monotonic()
        for k in order:
            if all(dependency.who_has for dependency in tasks[k].dependencies):
                self._settle(tasks[k], now)
        self._counts["graphs"] += 1
        self._counts["planned"] += len(tasks)
        self._seconds += makespan

    def _heft(self, tasks: list[Any]) -> tuple[list[str], list[float], list[float], float]:
        """Workers, planned ends on the monotonic clock, planned starts and end from now on."""
        now = monotonic()
        index = {ts.key: k for k, ts in enumerate(tasks)}
        edges = [(index[d.key], k) for k, ts in enumerate(tasks) for d in ts.dependencies if d.key in index]
        data = [self._size(tasks[a]) for a, _ in edges]
        work = [self._duration(ts) for ts in tasks]
        given = [self._given(k, d, now) for k, ts in enumerate(tasks) for d in ts.dependencies if d.key not in index]
        loads = [
            (address, threads, self._loads.threads(address, threads, now)) for address, threads in workers_of(self._scheduler)
        ]
        loads.sort(key=lambda load: (sum(load[2]), load[0]))  # ties go to the worker with least planned
        workers, starts, makespan = plan(work, edges, data, given, loads, float(self._scheduler.bandwidth))
        ends = [now + start + seconds for start, seconds in zip(starts, work, strict=True)]
        return workers, ends, starts, makespan

    def _given(self, task: int, dependency: Any, now: float) -> Given:
        """A predecessor from another graph: its workers if it is there, its planned worker and end if it is not."""
        if dependency.who_has:
            return Given(task, tuple(sorted(ws.address for ws in dependency.who_has)), 0.0, self._size(dependency))
        where = dependency.processing_on.address if dependency.processing_on else self._plan.get(dependency.key)
        after = max(0.0, self._ends.get(dependency.key, now) - now)
        return Given(task, () if where is None else (where,), after, self._size(dependency))

    def _settle(self, ts: Any, now: float) -> None:
        """Decides where a ready task runs that is placed loosely."""
        if not self._is_loose(ts) or ts.key not in self._plan or ts.key in self._settled or not _is_free(ts):
            return
        self._settled.add(ts.key)
        scheduler = self._scheduler
        running = [ws for ws in scheduler.workers.values() if ws.status.name == "running"]
        if scheduler.is_rootish(ts) or not running:  # Dask hands them out as threads become free
            self._plan[ts.key] = None
            return
        if any(self._loads.on(ws.address) < len(ws.processing) - len(ws.long_running) for ws in running):
            self._count_again()  # stealing moves tasks without a transition
        worker = best_worker(ts, running, self._loads, float(scheduler.bandwidth), now)
        self._plan[ts.key] = worker
        self._hold(ts, worker)

    def _count_again(self) -> None:
        now = monotonic()
        for ws in self._scheduler.workers.values():
            for ts in ws.processing:
                if ts not in ws.long_running:
                    self._loads.put(ts.key, ws.address, self._duration(ts), now)

    def _duration(self, ts: Any) -> float:
        """The duration given by the user, else the one that Dask has measured for tasks of this name, else the default."""
        prefix = ts.prefix.name
        if prefix in self._durations:
            return self._durations[prefix]
        measured = float(ts.prefix.duration_average)
        return measured if measured >= 0 else self._default

    def _size(self, ts: Any) -> float:
        """Bytes of the result of a task: given by the user, else known to Dask, else 0."""
        return self._sizes.get(ts.prefix.name, max(0.0, float(ts.nbytes)))

    def report(self) -> PlanReport:
        """The report on all plans so far."""
        return PlanReport(
            num_graphs=self._counts["graphs"],
            num_planned=self._counts["planned"],
            num_kept=self._counts["kept"],
            num_free=self._counts["free"],
            num_moved=self._counts["moved"],
            num_unfinished=len(self._plan),
            moved=dict(self._moved),
            lost_workers=list(self._lost),
            failures=list(self._failures),
            planned_seconds=self._seconds,
        )


def _is_independent(ts: Any) -> bool:
    """Whether a task can start at once and no other task waits for its result."""
    return not ts.dependents and all(dependency.who_has for dependency in ts.dependencies)


def _is_free(ts: Any) -> bool:
    """Whether the user has left the choice of the task's worker open."""
    return not (ts.worker_restrictions or ts.host_restrictions or ts.resource_restrictions or ts.actor)
