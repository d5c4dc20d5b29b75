"""The families of problems: calls of a rule, and schedules made from its answers."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from .. import _validation, dag, online, rcpsp, tardiness
from ..checking import Violation, check
from ._family import Family, parameters, plain, sized
from ._placing import place_by_priority
from ._shops import Shops

_EXACT_NODES = 100_000


def _by_rule(rule: str, scheme: str, problem: rcpsp.Project) -> rcpsp.ProjectSchedule:
    """The schedule of a priority rule of this package."""
    return (rcpsp.serial_sgs if scheme == "serial" else rcpsp.parallel_sgs)(problem, rule)


class Tardiness(Family):
    """Sequences of jobs on one machine."""

    problem_type = tardiness.Instance
    kinds = ("sequence", "priority", "dispatch")
    names = MappingProxyType({name: getattr(tardiness, name) for name in tardiness.RULES})

    def answer(self, problem: tardiness.Instance) -> Any:
        columns = tuple(c for c in (problem.processing_time, problem.due_date, problem.weight) if c is not None)
        if self.kind == "dispatch":
            return _dispatch(self.rule, columns)
        answer = self.call(problem, columns)
        sequence = getattr(answer, "sequence", None)
        return plain(answer) if sequence is None else {"sequence": plain(sequence)}

    def schedule(self, problem: tardiness.Instance, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping):
            value = value.get("sequence")
        elif self.kind == "priority":
            value = np.argsort(sized(value, "priority", problem.num_jobs), kind="stable")
        sequence = _validation.int_array(value, "sequence")
        if self.violations(problem, {"sequence": sequence}):
            return {"sequence": sequence}, float("nan")
        schedule = tardiness.evaluate(problem.processing_time, problem.due_date, sequence, problem.weight)
        return schedule, schedule.total_weighted_tardiness

    def reference(self, problem: tardiness.Instance) -> float:
        if problem.weight is not None:
            return float("nan")
        return float(tardiness.solve_exact(problem.processing_time, problem.due_date, max_nodes=_EXACT_NODES).lower_bound)


class Projects(Family):
    """Start times, or priorities for a schedule generation scheme."""

    problem_type = rcpsp.Project
    kinds = ("priority", "start_time")
    names = MappingProxyType({name: functools.partial(_by_rule, name) for name in rcpsp.RULES})
    options: ClassVar[dict[str, Any]] = {"scheme": "serial"}

    def prepare(self) -> None:
        super().prepare()
        if self.by_name:
            self.rule = functools.partial(self.rule, self.given["scheme"])
        if self.given["scheme"] not in ("serial", "parallel"):
            raise _validation.refuse("scheme", "expected 'serial' or 'parallel'", value=self.given["scheme"])

    def answer(self, problem: rcpsp.Project) -> Any:
        answer = self.call(problem, (problem.duration, problem.demand, problem.capacity, problem.precedence))
        answer = getattr(answer, "schedule", answer)
        starts = getattr(answer, "start_time", None)
        return {"start_time": plain(starts)} if starts is not None else plain(answer)

    def schedule(self, problem: rcpsp.Project, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping) or self.kind == "start_time":
            starts: Any = value.get("start_time") if isinstance(value, Mapping) else value
            schedule = rcpsp.ProjectSchedule.from_start_time(problem, starts)
        else:
            scheme = rcpsp.serial_sgs if self.given["scheme"] == "serial" else rcpsp.parallel_sgs
            schedule = scheme(problem, sized(value, "priority", problem.num_activities))
        return schedule, schedule.makespan

    def reference(self, problem: rcpsp.Project) -> float:
        return float(rcpsp.lower_bound(problem))


class Graphs(Family):
    """Placements of tasks, or priorities for list scheduling by earliest finish."""

    problem_type = dag.TaskGraph
    kinds = ("priority", "placement")
    names = dag.ALGORITHMS
    options: ClassVar[dict[str, Any]] = {"network": None}

    def answer(self, problem: dag.TaskGraph) -> Any:
        required, names = parameters(self.rule)
        takes_network = required >= 2 or "network" in names  # as the functions of this package do
        answer = self.rule(problem, self.given["network"]) if takes_network else self.rule(problem)
        if hasattr(answer, "processor"):
            answer = (answer.processor, answer.start_time)
        return {"placement": [plain(part) for part in answer]} if isinstance(answer, tuple) else plain(answer)

    def schedule(self, problem: dag.TaskGraph, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping) or self.kind == "placement":
            pair = value.get("placement") if isinstance(value, Mapping) else value
            if not isinstance(pair, list) or len(pair) != 2:
                raise _validation.refuse("placement", "must be a pair (processor, start_time)")
            schedule = dag.DagSchedule.from_placement(problem, pair[0], pair[1], self.given["network"])
        else:
            schedule = place_by_priority(problem, sized(value, "priority", problem.num_tasks), self.given["network"])
        return schedule, schedule.makespan

    def violations(self, problem: dag.TaskGraph, schedule: Any) -> list[Violation]:
        return check(problem, schedule, network=self.given["network"])

    def reference(self, problem: dag.TaskGraph) -> float:
        return dag.lower_bound(problem, self.given["network"])


class Streams(Family):
    """Policies over a stream of jobs."""

    problem_type = online.Jobs
    kinds = ("policy",)
    options: ClassVar[dict[str, Any]] = {"servers": 1, "preempt": "anywhere", "information": "size"}

    def prepare(self) -> None:
        """Turns a name or a function into a policy; other rules must be policies already."""
        if isinstance(self.rule, str):
            known = online.POLICIES
            if self.rule not in known:
                reason = f"unknown name, expected a policy, a function or one of {', '.join(known)}"
                raise _validation.refuse("rule", reason, value=self.rule)
        elif callable(self.rule) and not isinstance(self.rule, type):
            self.rule = _ranking(self.rule, self.given["information"])
        elif not _is_policy(self.rule):
            raise _validation.refuse_type("rule", "must be a policy, a function or a policy's name", self.rule)

    def answer(self, problem: online.Jobs) -> Any:
        policy = self.rule() if isinstance(self.rule, type) else self.rule  # a class starts afresh on each instance
        how = {"servers": self.given["servers"], "preempt": self.given["preempt"]}
        flow = online.simulate(problem, policy, segments=True, **how)
        segments: Any = flow.segments
        columns = {name: segments[name].tolist() for name in ("job", "server", "start", "end", "rate")}
        return {"segments": columns, "completion_time": flow.completion_time.tolist()}

    def schedule(self, problem: online.Jobs, value: Any) -> tuple[Any, float]:
        claim = {"servers": self.given["servers"], "preempt": self.given["preempt"], **value}
        flow = _validation.float_array(value["completion_time"], "completion_time") - problem.release_time
        return claim, float(flow.sum() if problem.weight is None else flow @ problem.weight)

    def reference(self, problem: online.Jobs) -> float:
        return float("nan") if problem.weight is not None else online.lower_bound(problem, servers=self.given["servers"])


_FAMILIES: tuple[type[Family], ...] = (Tardiness, Projects, Graphs, Streams, Shops)


def family_of(rule: Any, problems: list[Any], kind: str | None, options: dict[str, Any]) -> Family:
    """The family that all the problems belong to, with its rule and options."""
    chosen = next((f for f in _FAMILIES if problems and isinstance(problems[0], f.problem_type)), None)
    if chosen is None and problems:
        reason = "must be an Instance, a Project, a TaskGraph, Jobs or a Shop"
        raise _validation.refuse_type("instances", reason, problems[0], index=(0,))
    chosen = chosen or Tardiness  # of no problems, any family's answer is empty
    for k, problem in enumerate(problems):
        if not isinstance(problem, chosen.problem_type):
            name = chosen.problem_type.__name__
            reason = f"must be {'an' if name[0] in 'AEIOU' else 'a'} {name} like the first"
            raise _validation.refuse_type("instances", reason, problem, index=(k,))
    if kind is not None and kind not in chosen.kinds:
        raise _validation.refuse("kind", f"expected one of {', '.join(chosen.kinds)}", value=kind)
    for name in options:
        if problems and name not in chosen.options and name not in chosen.own_options(rule):
            raise _validation.refuse(name, f"is not an option for a {chosen.problem_type.__name__}")
    return chosen(rule, kind or chosen.kinds[0], **options)


def _is_policy(rule: Any) -> bool:
    kinds = (online.Policy, online.BuiltIn)
    return issubclass(rule, kinds) if isinstance(rule, type) else isinstance(rule, kinds)


def _dispatch(rule: Callable[..., Any], columns: tuple[Any, ...]) -> list[int]:
    """Builds a sequence by calling the rule before every job; ties go to the lower index."""
    waiting = np.arange(columns[0].size)
    now, sequence = 0, []
    while waiting.size:
        scores = sized(rule(now, *(column[waiting] for column in columns)), "priority", waiting.size)
        chosen = int(np.argmin(scores))
        sequence.append(int(waiting[chosen]))
        now += int(columns[0][waiting[chosen]])
        waiting = np.delete(waiting, chosen)
    return sequence


def _ranking(rank_function: Callable[..., Any], sees: Any) -> online.Policy:
    class Ranking(online.Policy):
        information = sees

        def rank(self, now: float, job: Any) -> float:
            return rank_function(now, job)  # type: ignore[no-any-return]

    return Ranking()
