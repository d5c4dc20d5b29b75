"""The problem, its time analysis and its lower bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ..errors import InputTypeError
from ..schedule import Result
from . import constraints
from .calendar import Calendar
from .checking import violations

_COLUMNS = (
    "duration",
    "demand",
    "capacity",
    "precedence",
    "lag",
    "release_time",
    "deadline",
    "calendars",
    "pausable",
    "disjunctive",
    "names",
    "resource_names",
)


class Project:
    """A project: activities, renewable resources, precedence. Validated here, immutable afterwards.

    Parameters
    ----------
    duration : array_like of int, shape (n,)
        Ticks that each activity takes, >= 0; their sum is at most 2**53.
    demand : array_like of int, shape (n, R)
        Units of each resource that an activity holds while it runs, at most the capacity.
    capacity : array_like of int, shape (R,)
        Units of each resource; R = 0 is legal.
    successors : list of lists of int, optional
        For each activity those that may start only after it has completed.
    precedence : array_like of int, shape (m, 2), optional
        The same as pairs ``(before, after)``; not together with `successors`.
    lag : array_like of int, shape (m,), optional
        Ticks, >= 0, that must pass between completion and start of each precedence pair (of `successors` row by row).
    release_time : array_like of int, shape (n,), optional
        No activity starts before; >= 0, 0 or None where there is none.
    deadline : array_like of int, shape (n,), optional
        No activity completes after; None or infinity where there is none, which the attribute shows as ``2**63 - 1``.
    calendars : mapping of resource to Calendar, optional
        Capacity over time, by index or name of the resource; of a list of calendars the least capacity counts.
    pausable : array_like of bool, shape (n,), optional
        Which activities stop while a calendar denies them a resource, and go on afterwards. The others must not meet such a
        time.
    disjunctive : list of lists of int, optional
        Pairs or groups; of each at most one activity is under way at any time, pauses included.
    names, resource_names : list of str, optional
        Unique names, for files, tables, plots and messages.

    Raises
    ------
    InvalidInputError
        Negative numbers, demand above capacity, unequal lengths, unknown or duplicate precedence, a calendar above the
        capacity, sums beyond 2**53, and the like; names the field and index. Windows that are too short, and demand above what
        a calendar ever leaves, are legal: they are reasons for infeasibility.
    InputTypeError
        Anything that is not a number where numbers belong.
    CycleError
        Cyclic precedence; ``.cycle`` holds a shortest cycle.

    Notes
    -----
    Construction costs O(n R + m). An activity of duration 0 uses no resource, whatever its demand. Projects compare by content
    and pickle as a few arrays. What each constraint means exactly stands in the documentation's page on constraints.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3, 1], [[1], [1], [1]], [1], successors=[[2], [], []])
    >>> project
    Project(activities=3, resources=1, precedence=1)
    >>> sk.rcpsp.serial_sgs(project).makespan
    6
    """

    __slots__ = (*_COLUMNS, "_native")

    duration: NDArray[np.int64]
    demand: NDArray[np.int64]
    capacity: NDArray[np.int64]
    precedence: NDArray[np.int64]
    lag: NDArray[np.int64]
    release_time: NDArray[np.int64]
    deadline: NDArray[np.int64]
    calendars: Mapping[int, Calendar | tuple[Calendar, ...]]
    pausable: NDArray[np.bool_]
    disjunctive: tuple[tuple[int, ...], ...]
    names: tuple[str, ...] | None
    resource_names: tuple[str, ...] | None
    _native: _core.Project

    def __init__(
        self,
        duration: ArrayLike,
        demand: ArrayLike,
        capacity: ArrayLike,
        *,
        successors: Sequence[ArrayLike] | None = None,
        precedence: ArrayLike | None = None,
        lag: ArrayLike | None = None,
        release_time: ArrayLike | Sequence[float | None] | None = None,
        deadline: ArrayLike | Sequence[float | None] | None = None,
        calendars: Mapping[Any, Calendar | Sequence[Calendar]] | None = None,
        pausable: ArrayLike | None = None,
        disjunctive: Sequence[ArrayLike] | None = None,
        names: Sequence[str] | None = None,
        resource_names: Sequence[str] | None = None,
    ) -> None:
        d = _validation.int_array(duration, "duration")
        c = _validation.int_array(capacity, "capacity")
        r = _validation.int_array(demand, "demand", ndim=2, columns=c.size)
        if r.shape[0] != d.size:
            raise _validation.refuse("demand", f"has {r.shape[0]} rows, expected {d.size}")
        if successors is not None:
            if precedence is not None:
                raise _validation.refuse("precedence", "cannot be given together with successors")
            pairs = _pairs(successors, d.size)
        else:
            pairs = _validation.int_array([] if precedence is None else precedence, "precedence", ndim=2, columns=2)
        name_list = _validation.name_list(names, "names")
        resource_list = _validation.name_list(resource_names, "resource_names")
        limits = constraints.columns(
            d.size,
            pairs.shape[0],
            c.size,
            resource_list,
            lag=lag,
            release_time=release_time,
            deadline=deadline,
            calendars=calendars,
            pausable=pausable,
            disjunctive=disjunctive,
        )
        self._fill(_core.Project(d, r, c, pairs, limits, name_list, resource_list))

    def _fill(self, native: _core.Project) -> None:
        duration, demand, capacity, precedence, limits, names, resource_names = native.columns()
        lag, release_time, deadline, calendars, pausable, disjunctive = limits
        values = (
            duration,
            demand.reshape(duration.size, capacity.size),
            capacity,
            precedence.reshape(-1, 2),
            lag,
            release_time,
            deadline,
            _by_resource(calendars),
            _validation.readonly(np.array(pausable, dtype=np.bool_)),
            tuple(map(tuple, disjunctive)),
            None if names is None else tuple(names),
            None if resource_names is None else tuple(resource_names),
            native,
        )
        for slot, value in zip(Project.__slots__, values, strict=True):
            object.__setattr__(self, slot, value)

    @classmethod
    def _from_native(cls, native: _core.Project) -> Project:
        project = cls.__new__(cls)
        project._fill(native)
        return project

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a project is immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a project is immutable, cannot delete {name!r}")

    @property
    def num_activities(self) -> int:
        """Number of activities, dummies included."""
        return self.duration.size

    @property
    def num_resources(self) -> int:
        """Number of resources."""
        return self.capacity.size

    def _violations(self, schedule: Any, **options: Any) -> list[tuple[str, tuple[int, ...], str]]:
        return violations(self, schedule, **options)

    def __repr__(self) -> str:
        edges = len(self.precedence)
        return f"Project(activities={self.num_activities}, resources={self.num_resources}, precedence={edges})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Project):
            return NotImplemented
        ordered = ("precedence", "lag", "disjunctive")
        same = all(_equal(getattr(self, name), getattr(other, name)) for name in _COLUMNS if name not in ordered)
        return same and np.array_equal(self._edges(), other._edges()) and self._groups() == other._groups()

    def __hash__(self) -> int:
        return hash((self.duration.tobytes(), self.demand.tobytes(), self.capacity.tobytes(), self._edges().tobytes()))

    def _edges(self) -> NDArray[np.int64]:
        """Precedence and lags in one order, because the order of pairs is not content."""
        before, after = self.precedence.T
        return np.column_stack((self.precedence, self.lag))[np.lexsort((after, before))]

    def _groups(self) -> list[list[int]]:
        """The disjunctive groups in one order."""
        return sorted(sorted(group) for group in self.disjunctive)

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in _COLUMNS}
        return _rebuild, ({**values, "calendars": dict(self.calendars)},)


def core_of(project: Any) -> _core.Project:
    """The compiled core's project; anything else than a project is refused by name."""
    if not isinstance(project, Project):
        kind = "None" if project is None else type(project).__name__
        raise _validation.refuse("project", f"must be a Project, not {kind}", kind=InputTypeError)
    return project._native


def _equal(a: Any, b: Any) -> bool:
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


def _rebuild(values: dict[str, Any]) -> Project:
    return Project(**values)


def _by_resource(rows: list[tuple[int, Any, Any, int | None]]) -> Mapping[int, Calendar | tuple[Calendar, ...]]:
    """The core's calendars as users give them: one by one, or several of a resource together."""
    several: dict[int, list[Calendar]] = {}
    for resource, time, capacity, period in rows:
        several.setdefault(resource, []).append(Calendar(time, capacity, period))
    return MappingProxyType({r: group[0] if len(group) == 1 else tuple(group) for r, group in several.items()})


def _pairs(successors: Sequence[ArrayLike], n: int) -> NDArray[np.int64]:
    """Successor lists as precedence pairs, judged here so that messages point into the lists."""
    successors = _validation.rows(successors, "successors", "a list of lists")
    if len(successors) != n:
        raise _validation.refuse("successors", f"has length {len(successors)}, expected {n}")
    rows = []
    for i, row in enumerate(successors):
        after = _validation.int_array(row, f"successors[{i}]")
        unknown = np.flatnonzero((after < 0) | (after >= n))
        if unknown.size:
            k = int(unknown[0])
            reason = f"unknown index, expected 0 <= index < {n}"
            raise _validation.refuse("successors", reason, index=(i, k), value=int(after[k]), more=unknown.size - 1)
        if after.size > 1:
            values, first = np.unique(after, return_index=True)
            if values.size < after.size:
                k = int(np.setdiff1d(np.arange(after.size), first)[0])
                raise _validation.refuse("successors", "duplicate successor", index=(i, k), value=int(after[k]))
        rows.append(after)
    before = np.repeat(np.arange(n), [row.size for row in rows])
    flat = np.concatenate(rows) if rows else np.empty(0, np.int64)
    return np.ascontiguousarray(np.column_stack((before, flat)).astype(np.int64))


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class CriticalPath(Result):
    """Earliest and latest times without resources; latest ones against the critical path's length."""

    kind: ClassVar[str] = "critical_path"

    earliest_start: NDArray[np.int64]
    earliest_finish: NDArray[np.int64]
    latest_start: NDArray[np.int64]
    latest_finish: NDArray[np.int64]
    slack: NDArray[np.int64]
    length: int


def critical_path(project: Project) -> CriticalPath:
    """Time analysis of ``PS_inf | prec | C_max``: forward and backward pass.

    Parameters
    ----------
    project : Project

    Returns
    -------
    CriticalPath
        ``.earliest_start .earliest_finish .latest_start .latest_finish .slack`` of shape (n,), and ``.length``.

    Notes
    -----
    O(n + m). The length is a lower bound on every makespan; latest times take it as the project's end.

    References
    ----------
    Kelley, J. E. (1961). Critical-path planning and scheduling: mathematical basis. Operations Research 9.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3, 1], [[], [], []], [], successors=[[2], [], []])
    >>> c = sk.rcpsp.critical_path(project)
    >>> c.length, c.slack.tolist()
    (3, [0, 0, 0])
    """
    return CriticalPath(*core_of(project).critical_path())


def lower_bound(project: Project, *, destructive: bool = False) -> int:
    """The larger of the critical path and every resource's work over its capacity, rounded up; or a destructive bound.

    Parameters
    ----------
    project : Project
    destructive : bool, default False
        Assume makespans from the plain bound on, and refute them by time windows, edge finding on sets of activities of which
        no two run together, and the work in every interval. Never lower; some milliseconds for a hundred activities.

    Returns
    -------
    int
        No schedule of ``PS | prec | C_max`` is shorter.

    Notes
    -----
    The plain bound takes O(n R + m). Of the destructive one each probe takes O(R T (n + T)) for a makespan of T units, the
    greatest common divisor of all durations being one unit; there are some log T probes. Projects of more than 500 activities,
    or of more than two million start times in all, get the plain bound. Time that calendars close to all activities is cut out.

    References
    ----------
    Klein, R., Scholl, A. (1999). Computing lower bounds by destructive improvement: an application to resource-constrained
    project scheduling. European Journal of Operational Research 112.

    Examples
    --------
    Five equal activities, two of which run side by side, between a first and a last one:

    >>> import schedkit as sk
    >>> edges = [(0, i) for i in range(1, 6)] + [(i, 6) for i in range(1, 6)]
    >>> project = sk.rcpsp.Project([2, 4, 4, 4, 4, 4, 2], [[0], [5], [5], [5], [5], [5], [0]], [10], precedence=edges)
    >>> sk.rcpsp.lower_bound(project), sk.rcpsp.lower_bound(project, destructive=True)
    (10, 14)
    """
    return core_of(project).lower_bound(_validation.flag(destructive, "destructive"))
