"""The interface between rules and problem families: calls of a rule, and schedules made from its answers."""

from __future__ import annotations

import abc
import functools
import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np

from .. import _validation, dag, online, rcpsp, tardiness
from ..checking import Violation, check
from ._placing import place_by_priority

_EXACT_NODES = 100_000


class Family(abc.ABC):
    """A problem family with one kind of rule."""

    problem_type: ClassVar[type]
    kinds: ClassVar[tuple[str, ...]]
    names: ClassVar[Mapping[str, Callable[..., Any]]] = {}
    """The rules of this package that may be given by name."""
    options: ClassVar[dict[str, Any]] = {}

    def __init__(self, rule: Any, kind: str, **options: Any) -> None:
        self.rule = rule
        self.kind = kind
        self.by_name = isinstance(rule, str) and bool(self.names)
        self.given = {**self.options, **options}
        self.prepare()

    def prepare(self) -> None:
        """Validates the rule and its options once."""
        if self.by_name:
            if self.kind == "dispatch":
                raise _validation.refuse("kind", "a rule that is given by name gives whole sequences", value=self.kind)
            self.rule = self._named(self.rule)
        if not callable(self.rule):
            raise _validation.refuse_type("rule", "must be callable", self.rule)

    def _named(self, name: str) -> Callable[..., Any]:
        """The rule of that name, with its own options."""
        if name not in self.names:
            raise _validation.refuse("rule", f"unknown name, expected a callable or one of {', '.join(self.names)}", value=name)
        own = {key: self.given.pop(key) for key in list(self.given) if key not in self.options}
        return functools.partial(self.names[name], **own) if own else self.names[name]

    @classmethod
    def own_options(cls, rule: Any) -> set[str]:
        """The options of a rule that is given by name."""
        function = cls.names.get(rule) if isinstance(rule, str) else None
        if function is None:
            return set()
        parameters = inspect.signature(function).parameters.values()
        own = {p.name for p in parameters if p.kind is p.KEYWORD_ONLY or p.default is not p.empty}
        return own - {"weight", "network", "fixed", "now", "threads"}

    @abc.abstractmethod
    def answer(self, problem: Any) -> Any:
        """The answer of the rule for a copy of the problem, as lists of numbers."""

    @abc.abstractmethod
    def schedule(self, problem: Any, value: Any) -> tuple[Any, float]:
        """The schedule that an answer describes, and its objective."""

    @abc.abstractmethod
    def reference(self, problem: Any) -> float:
        """A lower bound, or the optimum; NaN if neither is known."""

    def violations(self, problem: Any, schedule: Any) -> list[Violation]:
        """The violations of the schedule."""
        return check(problem, schedule)

    def call(self, problem: Any, columns: tuple[Any, ...]) -> Any:
        """``rule(problem)``, or ``rule(*columns)`` for a rule with two or more parameters that have no default."""
        required, names = _parameters(self.rule)
        if required < 2:
            return self.rule(problem)
        return self.rule(*columns[: len(columns) if "weight" in names else required])


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
        return _plain(answer) if sequence is None else {"sequence": _plain(sequence)}

    def schedule(self, problem: tardiness.Instance, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping):
            value = value.get("sequence")
        elif self.kind == "priority":
            value = np.argsort(_sized(value, "priority", problem.num_jobs), kind="stable")
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
        return {"start_time": _plain(starts)} if starts is not None else _plain(answer)

    def schedule(self, problem: rcpsp.Project, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping) or self.kind == "start_time":
            starts: Any = value.get("start_time") if isinstance(value, Mapping) else value
            schedule = rcpsp.ProjectSchedule.from_start_time(problem, starts)
        else:
            scheme = rcpsp.serial_sgs if self.given["scheme"] == "serial" else rcpsp.parallel_sgs
            schedule = scheme(problem, _sized(value, "priority", problem.num_activities))
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
        required, names = _parameters(self.rule)
        takes_network = required >= 2 or "network" in names  # as the functions of this package do
        answer = self.rule(problem, self.given["network"]) if takes_network else self.rule(problem)
        if hasattr(answer, "processor"):
            answer = (answer.processor, answer.start_time)
        return {"placement": [_plain(part) for part in answer]} if isinstance(answer, tuple) else _plain(answer)

    def schedule(self, problem: dag.TaskGraph, value: Any) -> tuple[Any, float]:
        if isinstance(value, Mapping) or self.kind == "placement":
            pair = value.get("placement") if isinstance(value, Mapping) else value
            if not isinstance(pair, list) or len(pair) != 2:
                raise _validation.refuse("placement", "must be a pair (processor, start_time)")
            schedule = dag.DagSchedule.from_placement(problem, pair[0], pair[1], self.given["network"])
        else:
            schedule = place_by_priority(problem, _sized(value, "priority", problem.num_tasks), self.given["network"])
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


_FAMILIES: tuple[type[Family], ...] = (Tardiness, Projects, Graphs, Streams)


def family_of(rule: Any, problems: list[Any], kind: str | None, options: dict[str, Any]) -> Family:
    """The family that all the problems belong to, with its rule and options."""
    chosen = next((f for f in _FAMILIES if problems and isinstance(problems[0], f.problem_type)), None)
    if chosen is None and problems:
        reason = "must be an Instance, a Project, a TaskGraph or Jobs"
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


def _plain(answer: Any) -> Any:
    """The answer of a rule as plain Python data, not validated yet."""
    return answer.tolist() if isinstance(answer, (np.ndarray, np.generic)) else list(map(_item, answer))


def _item(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else _plain(value) if isinstance(value, (list, tuple)) else value


def _sized(value: Any, field: str, size: int) -> Any:
    array = _validation.float_array(value, field)
    if array.size != size:
        raise _validation.refuse(field, f"has length {array.size}, expected {size}")
    return array


def _parameters(rule: Any) -> tuple[int, set[str]]:
    """The number of positional parameters without default, and the names of all parameters."""
    try:
        parameters = inspect.signature(rule).parameters.values()
    except (TypeError, ValueError):
        return 1, set()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.kind in kinds and p.default is p.empty for p in parameters), {p.name for p in parameters}


def _dispatch(rule: Callable[..., Any], columns: tuple[Any, ...]) -> list[int]:
    """Builds a sequence by calling the rule before every job; ties go to the lower index."""
    waiting = np.arange(columns[0].size)
    now, sequence = 0, []
    while waiting.size:
        scores = _sized(rule(now, *(column[waiting] for column in columns)), "priority", waiting.size)
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
