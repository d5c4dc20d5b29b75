"""A simulated host of a `StreamScheduler`: it runs tasks on a real timeline, and keeps a slow, obvious record of the truth.

Every call is compared with the record, and every run is written down, so that a whole timeline can be judged afterwards.
"""

from __future__ import annotations

import copy
import itertools
import math
import pickle
from typing import Any, NamedTuple

import schedkit as sk

Task = tuple[int, int]


class Run(NamedTuple):
    """One run of a task; it has made data if `done`. The steps order what happens at one time."""

    task: Task
    processor: int
    start: float
    end: float
    first_step: int
    last_step: int
    done: bool


class Host:
    """Drives a scheduler. Processors are numbered as the scheduler's, lost ones included."""

    def __init__(self, bandwidth: list[list[float]], latency: list[list[float]], **options: Any) -> None:
        self.bandwidth, self.latency = bandwidth, latency
        self.scheduler = sk.dag.StreamScheduler(len(bandwidth), sk.dag.Network(bandwidth, latency), **options)
        self.frontier = options.get("policy") == "frontier"
        self.now = 0.0  # the host's clock
        self.time = 0.0  # the latest time that was reported, which is when things count as having happened
        self.scheduler.next_assignments(0.0)
        self.skew = self.step = 0
        self.release: dict[int, float] = {}
        self.cost: dict[int, list[list[float]]] = {}  # with the columns of processors that have joined since
        self.data: dict[int, dict[tuple[int, int], float]] = {}
        self.phase: dict[Task, str] = {}  # of the tasks of jobs under way: pending, running or done
        self.place: dict[Task, int] = {}
        self.ended: dict[Task, float] = {}
        self.running: dict[int, Task] = {}
        self.begun: dict[Task, tuple[float, int]] = {}
        self.lost: dict[int, int] = {}  # with the step
        self.born: dict[int, int] = dict.fromkeys(range(len(bandwidth)), 0)
        self.runs: list[Run] = []
        self.completed: set[int] = set()
        self.cancelled: set[int] = set()

    # --- the record

    @property
    def width(self) -> int:
        return len(self.born)

    def present(self) -> list[int]:
        return [p for p in range(self.width) if p not in self.lost]

    def under_way(self) -> list[int]:
        return [job for job in self.release if job not in self.completed | self.cancelled]

    def parents(self, task: Task) -> list[Task]:
        return [(task[0], a) for a, b in self.data[task[0]] if b == task[1]]

    def children(self, task: Task) -> list[Task]:
        return [(task[0], b) for a, b in self.data[task[0]] if a == task[1]]

    def time_between(self, units: float, p: int, q: int) -> float:
        return 0.0 if p == q else self.latency[p][q] + units / self.bandwidth[p][q]

    def arrival(self, task: Task, q: int) -> float:
        """When all data of a task are on processor q; its predecessors have ended."""
        moments = [
            self.ended[i] + self.time_between(self.data[i[0]][i[1], task[1]], self.place[i], q) for i in self.parents(task)
        ]
        return max([self.release[task[0]], *moments])

    def startable(self, task: Task) -> bool:
        return self.phase[task] == "pending" and all(self.phase[i] == "done" for i in self.parents(task))

    def unrunnable(self) -> list[Task]:
        nowhere = [
            task
            for task, phase in self.phase.items()
            if phase == "pending" and all(math.isinf(self.cost[task[0]][task[1]][p]) for p in self.present())
        ]
        return sorted(nowhere)

    def must_run_again(self) -> set[Task]:
        """Tasks that have ended on a lost processor, and whose data are needed: asked of all, until nothing is added."""
        again: set[Task] = set()
        while True:
            more = {
                i
                for i, phase in self.phase.items()
                if phase == "done" and self.place[i] in self.lost and i not in again
                if any(self.phase[j] == "pending" or j in again for j in self.children(i))
            }
            if not more:
                return again
            again |= more

    def _set_again(self, answer: list[Task]) -> None:
        again = self.must_run_again()
        assert answer == sorted(again)
        for task in again:
            self.phase[task] = "pending"

    def _end_run(self, p: int, done: bool) -> Task:
        task = self.running.pop(p)
        start, first_step = self.begun.pop(task)
        self.runs.append(Run(task, p, start, self.time, first_step, self.step, done))
        return task

    def _forget(self, job: int) -> None:
        for task in [task for task in self.phase if task[0] == job]:
            del self.phase[task]

    # --- what happens

    def clock(self, old: float = 0.0) -> float:
        """The time for the next call, perhaps a little old."""
        self.step += 1
        given = self.now - old
        self.skew += given < self.time
        self.time = max(self.time, given)
        return given

    def advance(self, time: float) -> None:
        self.now = max(self.now, time)

    def submit(self, graph: sk.dag.TaskGraph, old: float = 0.0) -> int:
        job = self.scheduler.submit(graph, self.clock(old))
        self.release[job] = self.time
        self.cost[job] = graph.cost.tolist()
        edges, data = graph.edges.tolist(), graph.data.tolist()
        self.data[job] = {(a, b): units for (a, b), units in zip(edges, data, strict=True)}
        self.phase |= {(job, k): "pending" for k in range(graph.num_tasks)}
        if graph.num_tasks == 0:
            self.completed.add(job)
        return job

    def decide(self, old: float = 0.0) -> list[tuple[Task, int]]:
        """Asks what may start now. Nothing is assigned that cannot start here and now."""
        found = self.scheduler.next_assignments(self.clock(old))
        assert len({p for _, p in found}) == len(found)
        for task, p in found:
            assert self.startable(task)
            assert p not in self.lost
            assert p not in self.running
            assert self.cost[task[0]][task[1]][p] < math.inf
            assert all(self.place[i] not in self.lost for i in self.parents(task))
            assert self.arrival(task, p) <= self.time
        return found

    def wake(self, old: float = 0.0) -> float:
        return self.scheduler.next_wake(self.clock(old))

    def start(self, task: Task, p: int, *, elsewhere: bool = False, old: float = 0.0) -> None:
        if elsewhere:
            self.scheduler.started(task, self.clock(old), processor=p)
        else:
            self.scheduler.started(task, self.clock(old))
        self.phase[task], self.place[task], self.running[p] = "running", p, task
        self.begun[task] = (self.time, self.step)

    def finish(self, p: int, old: float = 0.0) -> bool:
        task = self.running[p]
        last = self.scheduler.finished(task, self.clock(old))
        self._end_run(p, done=True)
        self.phase[task], self.ended[task] = "done", self.time
        assert last == all(phase == "done" for other, phase in self.phase.items() if other[0] == task[0])
        if last:
            self.completed.add(task[0])
            self._forget(task[0])
        return last

    def fail(self, p: int, old: float = 0.0) -> None:
        task = self.running[p]
        answer = self.scheduler.failed(task, self.clock(old))
        self._end_run(p, done=False)
        self.phase[task] = "pending"
        self._set_again(answer)

    def lose(self, p: int, old: float = 0.0) -> None:
        answer = self.scheduler.processor_lost(p, self.clock(old))
        self.lost[p] = self.step
        if p in self.running:
            self.phase[self._end_run(p, done=False)] = "pending"
        self._set_again(answer)

    def join(self, cost: dict[int, list[float]], to: list[float], back: list[float], delay: float, old: float = 0.0) -> int:
        p = self.scheduler.processor_joined(cost, self.clock(old), bandwidth=[to, back], latency=delay)
        assert p == self.width
        self.born[p] = self.step
        for job in self.under_way():
            for k, row in enumerate(self.cost[job]):
                row.append(cost[job][k] if job in cost else math.inf)
        for rows, there, here in ((self.bandwidth, to, back), (self.latency, [delay] * p, [delay] * p)):
            for row, value in zip(rows, there, strict=True):
                row.append(value)
            rows.append([*here, 1.0])
        return p

    def cancel(self, job: int, old: float = 0.0) -> None:
        self.scheduler.cancel(job, self.clock(old))
        for p, task in list(self.running.items()):
            if task[0] == job:
                self._end_run(p, done=False)
        self.cancelled.add(job)
        self._forget(job)

    def reload(self, *, by_copy: bool = False) -> None:
        """Goes on with a pickle or copy of the scheduler."""
        self.scheduler = copy.deepcopy(self.scheduler) if by_copy else pickle.loads(pickle.dumps(self.scheduler))

    # --- comparisons

    def compare(self) -> None:
        """The scheduler's whole state against the record."""
        scheduler = self.scheduler
        state = scheduler.__reduce__()[1][-1]
        names = ("pending", "pending", "running", "done")
        phases = iter(state["phase"].tolist())
        seen = {(job["number"], k): names[next(phases)] for job in state["jobs"] for k in range(len(self.cost[job["number"]]))}
        assert seen == self.phase
        assert state["running"] == [self.running.get(p) for p in range(self.width)]
        assert scheduler.lost_processors == list(self.lost)
        assert scheduler.num_processors == self.width
        assert scheduler.clock_skew == self.skew
        assert scheduler.unrunnable == self.unrunnable()
        self._compare_plan([tuple(task) for task in state["plan"]])

    def _compare_plan(self, plan: list[Any]) -> None:
        """All that can be planned is planned once, each task behind those that it waits for."""
        if self.frontier:
            blocked = set(self.unrunnable()) | {task for task in self.phase if not self.startable(task)}
        else:
            blocked = set(self.unrunnable())
            while more := {j for i in blocked for j in self.children(i) if self.phase[j] == "pending"} - blocked:
                blocked |= more
        wanted = {task for task, phase in self.phase.items() if phase == "pending"} - blocked
        assert len(plan) == len(set(plan))
        assert set(plan) == wanted
        position = {task: k for k, task in enumerate(plan)}
        for task in plan:
            assert all(position.get(i, -1) < position[task] for i in self.parents(task))

    def judge(self) -> None:
        """The whole timeline, from the runs alone: every run has its data, and no two meet on a processor."""
        assert not self.phase
        for run in self.runs:
            assert self.born[run.processor] <= run.first_step
            assert run.last_step <= self.lost.get(run.processor, run.last_step)
            assert run.start >= self.release[run.task[0]]
            assert self.cost[run.task[0]][run.task[1]][run.processor] < math.inf
            for parent in self.parents(run.task):
                assert any(self._supplies(other, run) for other in self.runs if other.task == parent)
        by_processor = sorted(self.runs, key=lambda run: (run.processor, run.first_step))
        for one, two in itertools.pairwise(by_processor):
            assert one.processor != two.processor or (one.last_step < two.first_step and one.end <= two.start)
        for job in self.completed:
            done = [run.task[1] for run in self.runs if run.task[0] == job and run.done]
            assert set(done) == set(range(len(self.cost[job])))
            if len(done) == len(set(done)):
                self._check(job)

    def _supplies(self, other: Run, run: Run) -> bool:
        units = self.data[run.task[0]][other.task[1], run.task[1]]
        here = other.end + self.time_between(units, other.processor, run.processor) <= run.start
        kept = self.lost.get(other.processor, math.inf) > run.first_step
        return other.done and other.last_step < run.first_step and here and kept

    def _check(self, job: int) -> None:
        """A job without repeated runs is an ordinary schedule, whose durations differ from the costs."""
        cost = self.cost[job]
        wide = [[*row, *[math.inf] * (self.width - len(row))] for row in cost]
        graph = sk.dag.TaskGraph(wide, list(self.data[job]), list(self.data[job].values()))
        rows = [
            {"task": run.task[1], "processor": run.processor, "start": run.start, "end": run.end}
            for run in self.runs
            if run.task[0] == job and run.done
        ]
        network = sk.dag.Network(self.bandwidth, self.latency)
        found = sk.check(graph, {"tasks": rows}, network=network, now=self.release[job])
        assert {violation.kind for violation in found} <= {"duration"}
