"""The check of schedules, by code that the algorithms do not share."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from . import _dispatch, _validation
from ._problem import Problem
from ._text import short_fields
from .schedule import Result


@dataclasses.dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a schedule is wrong.

    Attributes
    ----------
    kind : str
        One of ``missing duplicate unknown_id alternative mode duration precedence lag max_lag communication machine_overlap
        forbidden_processor capacity stock storage downtime release deadline disjunctive fixed before_now objective``.
    subject : tuple of int
        The activity, task, operation or job concerned; two of them for ``precedence``, ``lag``, ``disjunctive`` and
        ``communication``; resource and time for ``capacity``; activity, resource and time for ``downtime``; the server, or the
        processor and two tasks, for ``machine_overlap``; the stock for ``stock``; store and time for ``storage``; the group
        for ``alternative``; nothing or the job for ``objective``. Empty in the entry that counts those of its kind that are not
        listed.
    detail : str
        A description with the numbers.
    """

    kind: str
    subject: tuple[int, ...]
    detail: str

    __repr__ = short_fields


def check(
    problem: Problem | Result,
    schedule: Any = None,
    *,
    network: Any = None,
    fixed: Mapping[int, tuple[float | None, ...]] | None = None,
    now: float | None = None,
) -> list[Violation]:
    """Checks a schedule and lists its violations; an empty list means that it is feasible.

    Parameters
    ----------
    problem : Project, TaskGraph, Shop, tardiness.Instance, Plan or any other problem of a family
        Or a result of `schedkit.packing`, which holds its problem and is checked alone.
    schedule : ProjectSchedule, ProjectSolution, DagSchedule, ShopSchedule, SequenceSchedule, PlanSolution or mapping
        A result, or plain data: its ``to_dict()``, or ``{"activities": [{"activity": ..., "start": ..., "end": ...}]}`` by
        index or name, which can also express missing, duplicate and unknown activities. The result of a search is checked by
        the schedule that it holds. Of a plan also its table.
    network : Network, optional
        For a task graph; bandwidth 1 and latency 0 without it.
    fixed : mapping of index to (start, end), or to (processor, start, end), optional
        Activities or tasks that have started already and must be kept. An end may differ from the plan; None stands for the
        planned one.
    now : number, default 0
        The present: activities and tasks that are not fixed start no earlier.

    Returns
    -------
    list of Violation
        Ordered by kind, then index. Stored objectives are recomputed. Of each kind at most 1000 are listed, those with the
        smallest subjects; if there are more, the last entry of the kind has an empty subject and a detail that counts them.

    Raises
    ------
    InvalidInputError, InputTypeError
        The input is not a schedule at all (the error names the field); more than 2**22 calendar steps lie between two of its
        events, because periods have no short common multiple; an option does not apply to the problem.
    MemoryError
        The machine has too little memory.

    Notes
    -----
    O(n log n R + m). The objective and the lower bound that the ``to_dict()`` of a search states beside its schedule are
    compared with it. Integers are compared exactly. Two floats that should be equal may differ by four times 2**-52 of the
    larger one; sums have a tolerance of their own, given in the documentation. Ctrl-C is noticed within 0.1 s.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3], [[1], [1]], [1])
    >>> sk.check(project, sk.rcpsp.serial_sgs(project))
    []
    >>> for v in sk.check(project, {"start_time": [0, 1], "completion_time": [2, 4]}):
    ...     print(v.kind, v.subject, v.detail)
    capacity (0, 1) resource 0 is used 2 times from 1 to 2, its capacity is 1
    """
    options = {"network": network, "fixed": fixed, "now": now}
    given = {name: value for name, value in options.items() if value is not None}
    alone = None if schedule is not None else _dispatch.function_for(_dispatch.CHECK_RESULT, problem)
    if alone is not None:
        for name in given:
            raise _validation.refuse(name, "has no meaning for a packing")
        return [Violation(*row) for row in alone(problem)]
    violations = _dispatch.function_for(_dispatch.CHECK, problem)
    if violations is None:
        raise _validation.refuse_type("problem", "must be a problem of a family, such as a Project", problem)
    schedule, contradictions = _opened(schedule)
    return [Violation(*row) for row in violations(problem, schedule, **given)] + contradictions


_OBJECTIVES = ("makespan", "total_tardiness", "total_weighted_tardiness")
"""What the ``to_dict()`` of a search states beside its schedule, which states it as well."""


def _opened(result: Any) -> tuple[Any, list[Violation]]:
    """The schedule inside a result, and what the outer part of its ``to_dict()`` states otherwise than the schedule."""
    schedule = _schedule_in(result)
    if schedule is result or not isinstance(result, Mapping) or not isinstance(schedule, Mapping):
        return schedule, []
    found = []
    stated = {name: result[name] for name in _OBJECTIVES if name in result}
    sought = result.get("objective_name")
    if isinstance(sought, str):
        value = result.get("objective", schedule.get(sought))
        if stated.setdefault(sought, value) != value and stated[sought] == schedule.get(sought):
            detail = f"the objective is {value!r}, but the {sought.replace('_', ' ')} {stated[sought]!r} beside it"
            found.append(Violation("objective", (), detail))
    for name, outer in stated.items():
        inner = schedule.get(name, outer)
        schedule = {**schedule, name: inner}
        if outer != inner:
            detail = f"the {name.replace('_', ' ')} is {inner!r} in the schedule, but {outer!r} beside it"
            found.append(Violation("objective", (), detail))
        bound = result.get("lower_bound") if name == (sought or name) else None
        if isinstance(bound, (int, float)) and isinstance(inner, (int, float)) and bound > inner:
            detail = f"the lower bound {bound!r} exceeds the {name.replace('_', ' ')} {inner!r}"
            found.append(Violation("objective", (), detail))
    return schedule, found


def _schedule_in(result: Any) -> Any:
    """The schedule inside the result of a search, or inside its ``to_dict()``; anything else as it is."""
    if isinstance(result, Mapping):
        if "schedule" not in result:
            return result
        schedule, status = result["schedule"], result.get("status")
    elif isinstance(result, Result) and hasattr(result, "schedule"):
        schedule, status = result.schedule, getattr(result, "status", None)
    else:
        return result
    if schedule is None:
        raise _validation.refuse("schedule", f"the result holds none (its status is {status!r})")
    return schedule
