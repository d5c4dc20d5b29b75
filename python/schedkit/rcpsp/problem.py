"""The problem: a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._problem import Problem
from ..calendar import Calendar
from ..errors import InputTypeError
from .columns import MODES, STORES, modes_of, stores_of
from .constraints import CONSTRAINTS, NO_DEADLINE, Sizes

_COLUMNS = (
    "duration",
    "demand",
    "capacity",
    "precedence",
    *MODES,
    *STORES,
    *(constraint.name for constraint in CONSTRAINTS),
    "names",
    "resource_names",
)


class Project(Problem):
    """A project: activities, resources, precedence. Validated at construction, immutable afterwards.

    Parameters
    ----------
    duration : array_like of int, shape (n,) or (M,)
        Ticks that each activity takes, or each mode of one, >= 0; their sum is at most 2**53.
    demand : array_like of int, shape (n, R) or (M, R)
        Units of each resource that an activity holds while it runs, at most the capacity where it takes time. A mode may need
        more, if another mode of its activity fits; it is never chosen.
    capacity : array_like of int, shape (R,)
        Units of each resource; R = 0 is legal.
    activity : array_like of int, shape (M,), optional
        The activity of each row of `duration`, `demand` and `consumption`: rows are modes, of which a schedule chooses one for
        each activity. Without it every activity has one row.
    nonrenewable : array_like of int, shape (K,), optional
        Stocks that all activities consume together in their modes, >= 0.
    consumption : array_like of int, shape (M, K), optional
        What each row uses up of each stock; without it nothing.
    successors : list of lists of int, optional
        For each activity those that may start only after it has completed.
    precedence : array_like of int, shape (m, 2), optional
        Precedence as pairs ``(before, after)``; not together with `successors`.
    relation : list of str, shape (m,), optional
        The events that each precedence pair ``(i, j)`` binds (of `successors` row by row): ``"FS"``, the default, the
        completion of i and the start of j; ``"SS"`` the two starts; ``"FF"`` the two completions; ``"SF"`` the start of i and
        the completion of j. Two activities may stand in several pairs of different relations.
    lag : array_like of int, shape (m,), optional
        Ticks that must pass from the first event to the second one, 0 by default. A negative lag is a lead: the second event
        may come so many ticks before the first one. The sum of their sizes is at most 2**53. None, which the attribute shows
        as ``1 - 2**63``, where only `max_lag` binds the two events, in either order.
    max_lag : array_like of int, shape (m,), optional
        Ticks that may pass from the first event to the second one at most, of either sign; None where there is no maximum,
        which the attribute shows as ``2**63 - 1``. The sum of their sizes is at most 2**53. Not with modes, options, or
        pauses on calendars.
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
    optional : array_like of bool, shape (n,), optional
        Which activities may be left out. What does not run binds nothing. Members of `alternatives` are optional without it.
        An optional activity in no group runs only if it has started (``fixed``), because no objective gains by it.
    alternatives : list of lists of int, optional
        Groups of optional activities of which exactly one runs; groups may share activities. Not with maximal lags or stores.
    due_date : array_like of int, shape (n,), optional
        When each activity should complete, of either sign; None or infinity where that does not matter, which the attribute
        shows as ``2**63 - 1``. Due dates bind nothing: they are what the objectives of `solve` beside the makespan count from.
    weight : array_like of int or float, shape (n,), optional
        What a tick of tardiness costs, >= 0 and finite; 1 without weights. Not without `due_date`.
    storage : array_like of int, shape (Q,), optional
        The most that each store holds; None for a store without limit, which the attribute shows as ``2**63 - 1``. The level
        of a store must stay between 0 and this; it is judged after all that happens at one moment. Not with modes,
        options, or pauses on calendars.
    initial : array_like of int, shape (Q,), optional
        The level of each store before anything happens, 0 by default.
    taken, given : array_like of int, shape (n, Q), optional
        Units of each store that an activity takes at its start, and that it gives at its end; nothing by default. The sum of
        each column is at most 2**53.
    names, resource_names : list of str, optional
        Unique names, for files, tables, plots and messages.

    Raises
    ------
    InvalidInputError
        Negative numbers, demand above capacity where an activity takes time, unequal lengths, unknown precedence, a pair that
        stands more than once with the same relation, a calendar above the capacity, weights without due dates, sums beyond
        2**53, totals of tardiness that might exceed 64 bits, and the like; names the field and index. Windows that are too
        short, and demand above what a calendar ever leaves, are legal: they are reasons for infeasibility.
    InputTypeError
        A value is not a number.
    CycleError
        Cyclic precedence, where ``.cycle`` holds a shortest cycle; or lags that form a positive cycle, which no schedule keeps:
        the message names them.

    Notes
    -----
    Construction costs O(n R + m), with `max_lag` up to O(n m). An activity of duration 0 uses no resource, whatever its
    demand. Projects compare by content and pickle as a few arrays. The page on constraints of the documentation defines each
    constraint.

    Examples
    --------
    >>> import schedkit as sk
    >>> project = sk.rcpsp.Project([2, 3, 1], [[1], [1], [1]], [1], successors=[[2], [], []])
    >>> project
    Project(activities=3, resources=1, precedence=1)
    >>> sk.rcpsp.serial_sgs(project).makespan
    6
    """

    __slots__ = (*_COLUMNS, "_has_options", "_native", "_size")

    duration: NDArray[np.int64]
    demand: NDArray[np.int64]
    capacity: NDArray[np.int64]
    precedence: NDArray[np.int64]
    activity: NDArray[np.int64] | None
    nonrenewable: NDArray[np.int64] | None
    consumption: NDArray[np.int64] | None
    storage: NDArray[np.int64] | None
    initial: NDArray[np.int64] | None
    taken: NDArray[np.int64] | None
    given: NDArray[np.int64] | None
    relation: tuple[str, ...]
    lag: NDArray[np.int64]
    max_lag: NDArray[np.int64]
    release_time: NDArray[np.int64]
    deadline: NDArray[np.int64]
    calendars: Mapping[int, Calendar | tuple[Calendar, ...]]
    pausable: NDArray[np.bool_]
    disjunctive: tuple[tuple[int, ...], ...]
    optional: NDArray[np.bool_]
    alternatives: tuple[tuple[int, ...], ...]
    due_date: NDArray[np.int64]
    weight: NDArray[Any] | None
    names: tuple[str, ...] | None
    resource_names: tuple[str, ...] | None
    _has_options: bool
    _native: _core.Project
    _size: int

    def __init__(
        self,
        duration: ArrayLike,
        demand: ArrayLike,
        capacity: ArrayLike,
        *,
        activity: ArrayLike | None = None,
        nonrenewable: ArrayLike | None = None,
        consumption: ArrayLike | None = None,
        successors: Sequence[ArrayLike] | None = None,
        precedence: ArrayLike | None = None,
        relation: Sequence[str] | None = None,
        lag: ArrayLike | Sequence[int | None] | None = None,
        max_lag: ArrayLike | Sequence[int | None] | None = None,
        release_time: ArrayLike | Sequence[float | None] | None = None,
        deadline: ArrayLike | Sequence[float | None] | None = None,
        calendars: Mapping[Any, Calendar | Sequence[Calendar]] | None = None,
        pausable: ArrayLike | None = None,
        disjunctive: Sequence[ArrayLike] | None = None,
        storage: ArrayLike | Sequence[int | None] | None = None,
        initial: ArrayLike | None = None,
        taken: ArrayLike | None = None,
        given: ArrayLike | None = None,
        optional: ArrayLike | None = None,
        alternatives: Sequence[ArrayLike] | None = None,
        due_date: ArrayLike | Sequence[float | None] | None = None,
        weight: ArrayLike | None = None,
        names: Sequence[str] | None = None,
        resource_names: Sequence[str] | None = None,
    ) -> None:
        arguments = locals()
        d = _validation.int_array(duration, "duration")
        c = _validation.int_array(capacity, "capacity")
        r = _validation.int_array(demand, "demand", ndim=2, columns=c.size)
        if r.shape[0] != d.size:
            raise _validation.refuse("demand", f"has {r.shape[0]} rows, expected {d.size}")
        modes = modes_of(activity, nonrenewable, consumption, d.size)
        n = d.size if modes["activity"] is None else int(modes["activity"].max(initial=-1)) + 1
        stores = stores_of(storage, initial, taken, given, n)
        if successors is not None:
            if precedence is not None:
                raise _validation.refuse("precedence", "cannot be given together with successors")
            pairs = _pairs(successors, n)
        else:
            pairs = _validation.int_array([] if precedence is None else precedence, "precedence", ndim=2, columns=2)
        columns: dict[str, Any] = {"duration": d, "demand": r, "capacity": c, "precedence": pairs, **modes, **stores}
        columns["names"] = _validation.name_list(names, "names")
        columns["resource_names"] = _validation.name_list(resource_names, "resource_names")
        sizes = Sizes(n, pairs.shape[0], c.size, columns["resource_names"])
        for constraint in CONSTRAINTS:
            if (value := arguments[constraint.name]) is not None:
                columns[constraint.name] = constraint.read(value, sizes)
        self._fill(_core.Project(columns))

    def _fill(self, native: _core.Project) -> None:
        columns = native.columns()
        columns["demand"] = columns["demand"].reshape(columns["duration"].size, columns["capacity"].size)
        columns["precedence"] = columns["precedence"].reshape(-1, 2)
        size = columns["duration"].size
        if columns["activity"] is not None:
            columns["consumption"] = columns["consumption"].reshape(size, columns["nonrenewable"].size)
            size = int(columns["activity"].max()) + 1
        for name in ("taken", "given") if columns["storage"] is not None else ():
            columns[name] = columns[name].reshape(size, columns["storage"].size)
        for constraint in CONSTRAINTS:
            columns[constraint.name] = constraint.shape.show(columns[constraint.name])
        for name in ("names", "resource_names"):
            columns[name] = None if columns[name] is None else tuple(columns[name])
        has_options = bool(columns["optional"].any())
        for name, value in (*columns.items(), ("_has_options", has_options), ("_native", native), ("_size", size)):
            object.__setattr__(self, name, value)

    @classmethod
    def _from_native(cls, native: _core.Project) -> Project:
        project = cls.__new__(cls)
        project._fill(native)
        return project

    @property
    def num_activities(self) -> int:
        """Number of activities, dummies included."""
        return self._size

    @property
    def num_resources(self) -> int:
        """Number of resources."""
        return self.capacity.size

    @property
    def has_max_lags(self) -> bool:
        """Whether some precedence pair has a maximal lag."""
        return bool((self.max_lag != NO_DEADLINE).any())

    @property
    def has_stores(self) -> bool:
        """Whether there are stores."""
        return self.storage is not None

    @property
    def has_options(self) -> bool:
        """Whether some activity is optional."""
        return self._has_options

    def __repr__(self) -> str:
        edges = len(self.precedence)
        modes = "" if self.activity is None else f"modes={self.activity.size}, "
        return f"Project(activities={self.num_activities}, {modes}resources={self.num_resources}, precedence={edges})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Project):
            return NotImplemented
        mine, theirs = self._content(), other._content()
        return all(_equal(mine[name], theirs[name]) for name in _COLUMNS)

    def __hash__(self) -> int:
        content = self._content()
        return hash(tuple(content[name].tobytes() for name in ("duration", "demand", "capacity", "precedence", "lag")))

    def _content(self) -> dict[str, Any]:
        """The columns by name, with precedence pairs and disjunctive groups in canonical order."""
        before, after = self.precedence.T
        order = np.lexsort((self.max_lag, self.lag, np.array(self.relation, dtype=np.str_), after, before))
        columns = {name: getattr(self, name) for name in _COLUMNS}
        changed = {name: shape.canonical(columns[name], order) for name, shape, _ in CONSTRAINTS}
        return {**columns, **changed, "precedence": self.precedence[order]}

    def __reduce__(self) -> tuple[Any, ...]:
        values = {name: getattr(self, name) for name in _COLUMNS}
        # What says nothing travels as none.
        relation = self.relation if any(kind != "FS" for kind in self.relation) else None
        due_date = self.due_date if (self.due_date != NO_DEADLINE).any() else None
        max_lag = self.max_lag if self.has_max_lags else None
        optional = self.optional if self.has_options else None
        changed = {"relation": relation, "due_date": due_date, "max_lag": max_lag, "optional": optional}
        return _rebuild, ({**values, **changed, "calendars": dict(self.calendars)},)


def core_of(project: Any) -> _core.Project:
    """The project of the compiled core; refuses other types."""
    if not isinstance(project, Project):
        kind = _validation.type_name(project)
        raise _validation.refuse("project", f"must be a Project, not {kind}", kind=InputTypeError)
    return project._native


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return type(a) is type(b) and bool(a == b)


def _rebuild(values: dict[str, Any]) -> Project:
    return Project(**values)


def _pairs(successors: Sequence[ArrayLike], n: int) -> NDArray[np.int64]:
    """Converts successor lists to precedence pairs, checked here so that messages point into the lists."""
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
