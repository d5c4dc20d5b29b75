"""Questions about plans: whether a schedule exists."""

from __future__ import annotations

import copy
import dataclasses
import time
from collections.abc import Sequence
from typing import Any

from .. import _validation, errors, rcpsp
from .._core import CancelToken
from ._refusal import Refusal
from .elements import PlanContent
from .model import model
from .plan_model import PlanModel

DEFAULT_TIME = 10.0
"""Seconds for all questions, or searches."""
_PATIENCE = 0.5
"""Seconds for one of many questions."""


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class Answer:
    """What is known about the schedules of a plan.

    Attributes
    ----------
    feasible : bool or None
        Whether a schedule exists; None if neither a schedule nor a proof was found.
    model : PlanModel
        The plan as a project.
    ends : list of int
        The ticks at which the activities of the plan end, in a schedule that was found, or in the near-miss of a search that
        found none; empty without either.
    reasons : list of Reason
        The proof, if there is no schedule.
    """

    feasible: bool | None
    model: PlanModel
    ends: list[int]
    reasons: Sequence[errors.Reason]


class Inquiry:
    """Answers questions about plans, one after another, within limits.

    Parameters
    ----------
    time_limit : float or None
        Seconds for all questions together; None for no limit.
    max_schedules : int or None
        Schedules to spend on each question.
    seed, threads
        As in `schedkit.rcpsp.solve`.

    Raises
    ------
    InvalidInputError, InputTypeError
        A time limit that is negative or no number.
    """

    def __init__(self, *, time_limit: float | None, max_schedules: int | None, seed: int, threads: int | None) -> None:
        if time_limit is None and max_schedules is None:
            time_limit = DEFAULT_TIME
        time_limit = _validation.time_limit(time_limit)
        self._until = None if time_limit is None else time.perf_counter() + time_limit
        self._options: dict[str, Any] = {"max_schedules": max_schedules, "seed": seed, "threads": threads}

    @property
    def left(self) -> float:
        """The seconds that are left; infinite without a limit."""
        return float("inf") if self._until is None else max(0.0, self._until - time.perf_counter())

    def part(self, share: float) -> Inquiry:
        """An inquiry that may take a share of the time left."""
        found = copy.copy(self)
        if self._until is not None:
            found._until = time.perf_counter() + self.left * share
        return found

    def answer(self, plan: PlanContent, *, share: float | None = None) -> Answer:
        """Whether a plan has a schedule.

        Parameters
        ----------
        plan : Plan
        share : float, optional
            The share of the time left that the question may take; half a second at most without it.

        Raises
        ------
        Refusal
            What `model` refuses.
        """
        made = model(plan)
        limit = None if self._until is None or share is None else self.left * share
        found = self.first_schedule(made, limit)
        number = len(plan.activities)
        if found.schedule is not None:
            return Answer(True, made, found.schedule.completion_time.tolist()[:number], [])
        ends = [] if found.near_miss is None else found.near_miss.completion_time.tolist()[:number]
        return Answer(False if found.status == "infeasible" else None, made, ends, found.reasons)

    def attempt(self, plan: PlanContent) -> Answer | None:
        """The answer about a variant of a plan; None if no time is left, or the variant is one that cannot be scheduled.

        Parameters
        ----------
        plan : Plan
        """
        try:
            return self.answer(plan) if self.left > 0 else None
        except Refusal:
            return None

    def feasible(self, plan: PlanContent) -> bool | None:
        """Whether a variant of a plan has a schedule; None if that is not known."""
        found = self.attempt(plan)
        return None if found is None else found.feasible

    def first_schedule(self, made: PlanModel, limit: float | None = None) -> rcpsp.ProjectSolution:
        """The result of a search that ends with the first schedule.

        Parameters
        ----------
        made : PlanModel
        limit : float, optional
            Seconds; without it half a second at most, or none if there is no limit for all questions.
        """
        found = CancelToken()
        if limit is None and self._until is not None:
            limit = min(_PATIENCE, self.left)
        options = self._options | {"time_limit": limit, "stop": found, "fixed": made.fixed, "now": made.now}
        return rcpsp.solve(made.project, on_improvement=lambda _: found.cancel(), **options)
