"""Policies written by users, under the same information models as those of the package."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from .. import _core, _validation

Information = Literal["nothing", "size", "estimate", "operation"]


class JobView:
    """The facts of a job that every policy sees; read-only.

    Attributes
    ----------
    index : int
    release_time, weight, deadline : float
        As given; weight 1 and deadline infinity otherwise.
    attained : float
        Service so far.

    Notes
    -----
    `simulate` makes the views from the facts of the core and passes them to `Policy.rank`; programs do not make any.
    """

    __slots__ = ("attained", "deadline", "index", "release_time", "weight")

    index: int
    release_time: float
    weight: float
    deadline: float
    attained: float

    def __init__(self, facts: _core.JobFacts) -> None:
        put = object.__setattr__
        put(self, "index", facts.index)
        put(self, "release_time", facts.release_time)
        put(self, "weight", facts.weight)
        put(self, "deadline", facts.deadline)
        put(self, "attained", facts.attained)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a view is read-only, cannot set {name!r}")


class SizedJob(JobView):
    """A job whose size is known.

    Attributes
    ----------
    index, release_time, weight, deadline, attained
        As in `JobView`.
    size : float
        The processing time.
    remaining : float
        The part of the processing time that the job has not received yet.
    """

    __slots__ = ("remaining", "size")

    size: float
    remaining: float

    def __init__(self, facts: _core.JobFacts) -> None:
        super().__init__(facts)
        object.__setattr__(self, "size", facts.revealed)
        object.__setattr__(self, "remaining", facts.revealed - facts.attained)


class EstimatedJob(JobView):
    """A job with an estimate of its size.

    Attributes
    ----------
    index, release_time, weight, deadline, attained
        As in `JobView`.
    estimate : float
        As given.
    """

    __slots__ = ("estimate",)

    estimate: float

    def __init__(self, facts: _core.JobFacts) -> None:
        super().__init__(facts)
        object.__setattr__(self, "estimate", facts.revealed)


class OperationJob(JobView):
    """A job whose present operation has a known size; later operations are hidden.

    Attributes
    ----------
    index, release_time, weight, deadline, attained
        As in `JobView`.
    operation_size : float
        The processing time of the present operation.
    operation_remaining : float
        The part of that time that the operation has not received yet.
    """

    __slots__ = ("operation_remaining", "operation_size")

    operation_size: float
    operation_remaining: float

    def __init__(self, facts: _core.JobFacts) -> None:
        super().__init__(facts)
        object.__setattr__(self, "operation_size", facts.revealed)
        object.__setattr__(self, "operation_remaining", facts.revealed - facts.since)


_VIEWS: dict[str, type[JobView]] = {
    "nothing": JobView,
    "size": SizedJob,
    "estimate": EstimatedJob,
    "operation": OperationJob,
}


class Policy(abc.ABC):
    """Base of policies written in Python: `rank` gives each job a number, the lowest runs.

    ``information`` is ``"nothing"``, ``"size"``, ``"estimate"`` or ``"operation"``. Accordingly `rank` gets a `JobView`,
    `SizedJob`, `EstimatedJob` or `OperationJob`, which shows nothing else.

    Notes
    -----
    All jobs in the system are ranked at every arrival, completion, end of an operation (for policies on operations), and
    review. Ties: the running job, then lower index. An exception ends the simulation and propagates. About 10^5 ranks are
    computed a second.

    Examples
    --------
    >>> import schedkit as sk
    >>> class LongestJobFirst(sk.online.Policy):
    ...     information = "size"
    ...     def rank(self, now, job):
    ...         return -job.size
    >>> sk.online.simulate(sk.online.Jobs([0, 1], [3, 4]), LongestJobFirst()).completion_time.tolist()
    [7.0, 5.0]
    """

    information: ClassVar[Information] = "nothing"

    @abc.abstractmethod
    def rank(self, now: float, job: Any) -> float:
        """The rank of this job at this moment; the job with the lowest rank runs. Must not be NaN.

        Parameters
        ----------
        now : float
            The time of the decision.
        job : JobView
            A job in the system; what it shows depends on ``information``.
        """

    def review(self, job: Any) -> float:  # noqa: ARG002  # the default looks at no job
        """How much service a starting job may get before all jobs are ranked again, even if nothing else happens; > 0.

        Parameters
        ----------
        job : JobView
            The job that starts.
        """
        return float("inf")


def questions(policy: Policy) -> tuple[Callable[[float, _core.JobFacts], float], Callable[[_core.JobFacts], float]]:
    """The two functions that the core calls: ``rank(now, facts)`` and ``review(facts)``."""
    view = _VIEWS.get(policy.information) if isinstance(policy.information, str) else None
    if view is None:
        reason = f"expected one of {', '.join(_VIEWS)}"
        raise _validation.refuse("information", reason, value=policy.information)

    def rank(now: float, facts: _core.JobFacts) -> float:
        return _number(policy.rank(now, view(facts)), "rank")

    def review(facts: _core.JobFacts) -> float:
        service = _number(policy.review(view(facts)), "review")
        if not service > facts.attained * 1e-12:
            raise _validation.refuse("review", "must be positive, and not lost in rounding", value=service)
        return service

    return rank, review


def _number(value: Any, field: str) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise _validation.refuse_type(field, "must be a number", value, shown=True)
    try:
        number = float(value)
    except OverflowError:
        raise _validation.refuse(field, "beyond the range of floats", value=value) from None
    except TypeError:  # an array, say
        raise _validation.refuse_type(field, "must be a number", value) from None
    if math.isnan(number):
        raise _validation.refuse(field, "must not be NaN", value=number)
    return number
