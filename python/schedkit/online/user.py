"""Policies written by users, under the same information models as those of the package."""

from __future__ import annotations

import abc
import math
from collections.abc import Callable
from typing import Any, ClassVar, Literal

from .. import _validation
from ..errors import InputTypeError

Information = Literal["nothing", "size", "estimate", "operation"]
_Columns = tuple[int, float, float, float, float, float, float]


class JobView:
    """What every policy sees of a job; read-only.

    Attributes
    ----------
    index : int
    release_time, weight, deadline : float
        As given; weight 1 and deadline infinity otherwise.
    attained : float
        Service so far.
    """

    __slots__ = ("attained", "deadline", "index", "release_time", "weight")

    index: int
    release_time: float
    weight: float
    deadline: float
    attained: float

    def __init__(self, columns: _Columns) -> None:
        put = object.__setattr__
        put(self, "index", columns[0])
        put(self, "release_time", columns[1])
        put(self, "weight", columns[2])
        put(self, "deadline", columns[3])
        put(self, "attained", columns[4])

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a view is read-only, cannot set {name!r}")


class SizedJob(JobView):
    """A job whose size is known: ``size`` and ``remaining`` as well."""

    __slots__ = ("remaining", "size")

    size: float
    remaining: float

    def __init__(self, columns: _Columns) -> None:
        super().__init__(columns)
        object.__setattr__(self, "size", columns[5])
        object.__setattr__(self, "remaining", columns[5] - columns[4])


class EstimatedJob(JobView):
    """A job with an ``estimate`` of its size."""

    __slots__ = ("estimate",)

    estimate: float

    def __init__(self, columns: _Columns) -> None:
        super().__init__(columns)
        object.__setattr__(self, "estimate", columns[5])


class OperationJob(JobView):
    """A job whose current operation is known: ``operation_size`` and ``operation_remaining``; nothing of later ones."""

    __slots__ = ("operation_remaining", "operation_size")

    operation_size: float
    operation_remaining: float

    def __init__(self, columns: _Columns) -> None:
        super().__init__(columns)
        object.__setattr__(self, "operation_size", columns[5])
        object.__setattr__(self, "operation_remaining", columns[5] - columns[6])


_VIEWS: dict[str, type[JobView]] = {
    "nothing": JobView,
    "size": SizedJob,
    "estimate": EstimatedJob,
    "operation": OperationJob,
}


class Policy(abc.ABC):
    """Base of policies written in Python: `rank` gives each job a number, the lowest runs.

    ``information`` says what is revealed: ``"nothing"``, ``"size"``, ``"estimate"`` or ``"operation"``; `rank` gets a
    `JobView`, `SizedJob`, `EstimatedJob` or `OperationJob` accordingly, and can see no more than that.

    Notes
    -----
    All jobs in the system are ranked at every arrival, completion, end of an operation (for policies on operations), and
    review. Ties: the running job, then lower index. An exception ends the simulation and propagates. Some 10^5 questions a
    second.

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
        """The number of this job at this moment; the job with the lowest one runs. Not NaN.

        Parameters
        ----------
        now : float
            The time of the decision.
        job : JobView
            A job in the system; what it shows depends on ``information``.
        """

    def review(self, job: Any) -> float:  # noqa: ARG002  # the default looks at no job
        """How much service a job that starts may get before all are ranked again, even if nothing else happens; > 0.

        Parameters
        ----------
        job : JobView
            The job that starts.
        """
        return float("inf")


def questions(policy: Policy) -> tuple[Callable[[float, _Columns], float], Callable[[_Columns], float]]:
    """The two functions that the core calls."""
    view = _VIEWS.get(policy.information) if isinstance(policy.information, str) else None
    if view is None:
        reason = f"expected one of {', '.join(_VIEWS)}"
        raise _validation.refuse("information", reason, value=policy.information)

    def rank(now: float, columns: _Columns) -> float:
        return _number(policy.rank(now, view(columns)), "rank")

    def review(columns: _Columns) -> float:
        service = _number(policy.review(view(columns)), "review")
        if not service > columns[4] * 1e-12:
            raise _validation.refuse("review", "must be positive, and not lost in rounding", value=service)
        return service

    return rank, review


def _number(value: Any, field: str) -> float:
    if isinstance(value, bool) or not hasattr(value, "__float__"):
        raise _validation.refuse(field, f"must be a number, not {type(value).__name__}", value=value, kind=InputTypeError)
    try:
        number = float(value)
    except OverflowError:
        raise _validation.refuse(field, "beyond the range of floats", value=value) from None
    except TypeError:  # an array, say
        raise _validation.refuse(field, f"must be a number, not {type(value).__name__}", kind=InputTypeError) from None
    if math.isnan(number):
        raise _validation.refuse(field, "must not be NaN", value=number)
    return number
