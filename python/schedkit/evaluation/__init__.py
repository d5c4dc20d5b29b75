"""Evaluates rules in Python that users or programs have written."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..errors import SchedkitError
from ..schedule import Result
from ._families import family_of
from ._family import Family
from ._isolation import answers

__all__ = ["Evaluation", "Outcome", "evaluate"]

_Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a rule on one instance.

    Attributes
    ----------
    status : str
        ``"ok"``, or the kind of failure: ``"wrong"`` (no schedule, or one with violations), ``"error"`` (an exception),
        ``"too_slow"``, ``"changed_input"``, ``"not_repeatable"`` (two runs, two answers), ``"crashed"`` (its process died).
    detail : str
        The same in words; empty if all is well.
    """

    status: str
    detail: str


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Evaluation(Result):
    """The evaluation of a rule; arrays are indexed by instance. Equality ignores the times.

    Attributes
    ----------
    verdict : str
        ``"valid"`` if the rule gave a right schedule for every instance, else ``"invalid"``.
    objective : ndarray of float64
        Makespan, total (weighted) tardiness or total (weighted) flow time; NaN where the rule failed.
    reference : ndarray of float64
        Best known values or lower bounds; NaN where there is none.
    gap : ndarray of float64
        ``(objective - reference) / reference``; 0 where both are 0, NaN where it is not defined.
    mean_gap : float
        Mean over the instances where it is defined; NaN if there is none, or if the rule is invalid.
    total_gap : float
        Of the sums over all instances that have a reference; robust where references are tiny.
    num_valid : int
    outcomes : tuple of Outcome
    """

    kind: ClassVar[str] = "evaluation"
    _row: ClassVar[str | None] = "instance"

    verdict: str
    objective: _Floats
    reference: _Floats
    gap: _Floats
    mean_gap: float
    total_gap: float
    num_valid: int
    outcomes: tuple[Outcome, ...]
    _runtime: _Floats = dataclasses.field(repr=False)

    @property
    def runtime(self) -> _Floats:
        """Seconds of the fastest run of the rule on each instance; NaN if no run ended."""
        return self._runtime

    @property
    def failures(self) -> list[tuple[int, Outcome]]:
        """The index and the outcome of each instance on which the rule failed."""
        return [(k, outcome) for k, outcome in enumerate(self.outcomes) if outcome.status != "ok"]

    def _columns(self) -> dict[str, Any]:
        """One row per instance: status, objective, reference, gap, runtime and detail."""
        return {
            "status": [outcome.status for outcome in self.outcomes],
            "objective": self.objective,
            "reference": self.reference,
            "gap": self.gap,
            "runtime": self._runtime,
            "detail": [outcome.detail for outcome in self.outcomes],
        }


def evaluate(
    rule: Any,
    instances: Iterable[Any],
    *,
    kind: str | None = None,
    reference: ArrayLike | None = None,
    time_limit: float = 10.0,
    repeats: int = 2,
    isolate: bool = True,
    **options: Any,
) -> Evaluation:
    """Runs a rule over instances of one family, judges every schedule, and returns gaps, times and a verdict.

    Parameters
    ----------
    rule : callable, policy or name
        A function of the problem object: ``rule(instance)``. If it has two or more positional parameters without defaults it
        gets the columns of the problem instead, as the functions of this package do: ``rule(processing_time, due_date)``, and
        ``weight`` if there are weights and it takes them. For streams a `sk.online.Policy`, a policy's name, or a function
        ``rank(now, job)`` whose lowest job runs. Rules of this package may be given by name: those of `sk.tardiness.RULES`,
        `sk.rcpsp.RULES` and `sk.shop.RULES`, the algorithms of `sk.dag.ALGORITHMS`, the policies of streams.
    instances : iterable of Instance, Project, TaskGraph, Jobs or Shop
        The problems, all of one family.
    kind : str, optional
        The form of the rule's answer. The first one of each family is the default:

        * ``tardiness.Instance``: ``"sequence"``, a permutation of the jobs; ``"priority"``, a number for each job, lower first;
          ``"dispatch"``, a number for each waiting job, computed again after every job:
          ``rule(now, processing_time, due_date)``, with ``weight`` last if there are weights.
        * ``rcpsp.Project``: ``"priority"``, a number for each activity, lower first, for the serial scheme (parallel with
          ``scheme="parallel"``); ``"start_time"``, a time for each.
        * ``dag.TaskGraph``: ``"priority"``, a number for each task, higher first, placed like HEFT; ``"placement"``, a pair
          ``(processor, start_time)``.
        * ``online.Jobs``: ``"policy"``.
        * ``shop.Shop``: ``"priority"``, a number for each operation, lower first, for active dispatching (non-delay with
          ``scheme="non_delay"``); ``"placement"``, a pair ``(machine, start_time)``.

        Result objects of this package are accepted under every kind.
    reference : array_like of float, optional
        Best known values. Without them: lower bounds, and for unweighted tardiness the optimum if 100,000 nodes prove it.
    time_limit : float, default 10.0
        Seconds for each run on one instance. With `isolate` a slower rule is killed; otherwise the call waits for it.
    repeats : int, default 2
        Number of runs on each instance, each with a new copy; all must give equal answers.
    isolate : bool, default True
        Whether the rule runs in a separate process, which returns numbers only.
    **options
        For projects and shops ``scheme``, for task graphs ``network``, for streams ``servers``, ``preempt`` and ``information``
        (the facts that a function ``rank`` gets: ``"nothing"``, ``"size"`` by default, ``"estimate"`` or ``"operation"``).
        Options of a rule that is given by name are passed to it, such as ``tie`` for ``"etf"`` or ``k`` for ``"atc"``.

    Returns
    -------
    Evaluation

    Raises
    ------
    InvalidInputError, InputTypeError
        Bad options, or instances of several families. Failures of the rule are never raised; they are in ``.outcomes``.

    Notes
    -----
    The evaluation, except the times, is deterministic if the rule is. The rule gets copies with read-only arrays, which are
    compared with the originals afterwards. The calling process makes and checks the schedules. A rule that raises
    ``SystemExit``, loops forever or kills its process fails on that instance only. A separate process is no sandbox: the rule
    can still read files.

    Examples
    --------
    >>> import schedkit as sk
    >>> instances = [sk.tardiness.Instance([4, 7, 2], [6, 9, 3]), sk.tardiness.Instance([5, 1], [4, 5])]
    >>> e = sk.evaluate(lambda instance: instance.due_date.argsort(kind="stable"), instances)
    >>> e.verdict, e.objective.tolist(), e.reference.tolist(), e.mean_gap
    ('valid', [4.0, 2.0], [4.0, 2.0], 0.0)
    >>> sk.evaluate("mdd", instances).objective.tolist()
    [4.0, 2.0]
    >>> e = sk.evaluate(lambda p, d: [0, 1], instances)
    >>> e.verdict, e.failures[0]
    ('invalid', (0, Outcome(status='wrong', detail='missing: job 2 is not sequenced')))
    """
    problems = list(_validation.iterable(instances, "instances", "a list of instances"))
    family = family_of(rule, problems, kind, options)
    limit = _validation.float_scalar(time_limit, "time_limit", minimum=0.0, infinite=True, exact=False)
    runs = _validation.int_scalar(repeats, "repeats", minimum=1)
    best = _reference(reference, family, problems)
    objective = np.full(len(problems), np.nan)
    runtime = np.full(len(problems), np.nan)
    outcomes = []
    for k, answer in enumerate(answers(family, problems, limit, runs, isolate=_validation.flag(isolate, "isolate"))):
        runtime[k] = answer.runtime
        outcome = Outcome(answer.status, answer.detail)
        if answer.status == "ok":
            outcome, objective[k] = _judged(family, problems[k], answer.value)
        outcomes.append(outcome)
    num_valid = sum(outcome.status == "ok" for outcome in outcomes)
    valid = num_valid == len(problems)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = (objective - best) / best
    gap[(objective == 0) & (best == 0)] = 0.0
    gap[~np.isfinite(gap)] = np.nan
    for column in (objective, best, gap, runtime):
        column.flags.writeable = False
    return Evaluation(
        verdict="valid" if valid else "invalid",
        objective=objective,
        reference=best,
        gap=gap,
        mean_gap=float(gap[~np.isnan(gap)].mean()) if valid and not np.isnan(gap).all() else float("nan"),
        total_gap=_total_gap(objective, best) if valid else float("nan"),
        num_valid=num_valid,
        outcomes=tuple(outcomes),
        _runtime=runtime,
    )


def _judged(family: Family, problem: Any, value: Any) -> tuple[Outcome, float]:
    try:
        schedule, objective = family.schedule(problem, value)
        violations = family.violations(problem, schedule)
    except SchedkitError as error:
        return Outcome("wrong", str(error)), float("nan")
    if violations:
        more = f"; {len(violations) - 1} more" if len(violations) > 1 else ""
        return Outcome("wrong", f"{violations[0].kind}: {violations[0].detail}{more}"), float("nan")
    return Outcome("ok", ""), float(objective)


def _total_gap(objective: _Floats, best: _Floats) -> float:
    known = ~np.isnan(best)
    total = float(best[known].sum())
    excess = float(objective[known].sum()) - total
    return excess / total if total > 0 else 0.0 if excess == 0 and known.any() else float("nan")


def _reference(reference: ArrayLike | None, family: Family, problems: list[Any]) -> _Floats:
    if reference is None:
        bound: Callable[[Any], float] = family.reference
        return np.array([bound(problem) for problem in problems], dtype=np.float64)
    best = np.array(_validation.float_array(reference, "reference"))
    if best.size != len(problems):
        raise _validation.refuse("reference", f"has length {best.size}, expected {len(problems)}")
    return best
