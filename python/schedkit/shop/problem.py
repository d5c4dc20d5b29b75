"""The problem: jobs that visit machines."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .._problem import Problem
from ..calendar import Calendar
from . import _columns

_Operation = tuple[int, int] | Mapping[int, int]
_ByMachine = ArrayLike | Mapping[int, ArrayLike]


class Shop(Problem):
    """Jobs that visit machines: ``J, FJ | r_j, s_jk, block, no-wait | C_max, sum w_j T_j``.

    Validated at construction, immutable afterwards.

    Parameters
    ----------
    jobs : list of list
        For each job its operations in order. An operation is ``(machine, duration)``, or for a choice of machines a mapping
        of each machine to its duration there. Durations are >= 0; one machine runs one operation at a time, without
        interruption.
    num_machines : int, optional
        By default one more than the highest machine in `jobs`; at most 1,000,000.
    release_time : array_like of int, shape (n,), optional
        No operation of the job starts earlier; >= 0.
    due_date : array_like of int, shape (n,), optional
        Lateness counts from here; None in a list stands for a job without due date.
    weight : array_like of int or float, shape (n,), optional
        Importance of each job in weighted sums, >= 0; without weights every job counts once.
    setup : array_like of int, shape (machines, n, n), or mapping of machine to matrix, optional
        Ticks on the machine between two consecutive operations, by the job before and the job after. With `family`, by their
        families. A setup may run before the job arrives.
    initial_setup : array_like of int, shape (machines, n), or mapping of machine to column, optional
        Ticks before the first operation on the machine, by its job or family.
    family : array_like of int, shape (n,), optional
        The family of each job, from 0 on; setups then have a row and a column for each family.
    transport : array_like of int, shape (machines, machines), optional
        Ticks between the end of an operation and the arrival of its job at the next machine.
    blocking : False, "swap" or "no_swap", default False
        Whether a job stays on its machine until it leaves for the next one. With "swap" jobs may exchange machines at one
        moment, in cycles too; with "no_swap" a machine is free only after its job has left for a free one.
    no_wait : bool, default False
        Whether each operation starts the moment its job arrives.
    calendars : mapping of machine to Calendar, optional
        Capacity 1 while the machine is open, 0 while it is closed. An operation runs while its machine is open, without a
        pause.
    machine_names, names : list of str, optional
        Names of machines and jobs, for tables, charts and messages.

    Raises
    ------
    InvalidInputError
        Anything out of range, with field and index; sums of times beyond 2**53; setups with calendars, transport with
        ``blocking="no_swap"``, blocking with `no_wait`.
    InputTypeError
        Anything that is not a number where numbers belong.

    Notes
    -----
    Operations are numbered through in the order of jobs; the arrays of results have this order. Construction costs O(number
    of choices and setups). Shops compare by content and pickle as a few arrays.

    Examples
    --------
    Two jobs; the second operation of the second job may run on machine 0 or machine 1.

    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(1, 4), {0: 2, 1: 1}]])
    >>> shop
    Shop(jobs=2, machines=2, operations=4, flexible)
    >>> shop.jobs[1]
    (((1, 4),), ((0, 2), (1, 1)))
    """

    __slots__ = ("_columns", "_native")

    _columns: dict[str, Any]
    _native: _core.Shop

    def __init__(
        self,
        jobs: Sequence[Sequence[_Operation]],
        *,
        num_machines: int | None = None,
        release_time: ArrayLike | None = None,
        due_date: ArrayLike | Sequence[int | None] | None = None,
        weight: ArrayLike | None = None,
        setup: _ByMachine | None = None,
        initial_setup: _ByMachine | None = None,
        family: ArrayLike | None = None,
        transport: ArrayLike | None = None,
        blocking: Literal[False, "swap", "no_swap"] = False,
        no_wait: bool = False,
        calendars: Mapping[int, Calendar] | None = None,
        machine_names: Sequence[str] | None = None,
        names: Sequence[str] | None = None,
    ) -> None:
        columns: dict[str, Any] = dict(_columns.routes(jobs))
        n = columns["job_start"].size - 1
        least = int(columns["machine"].max(initial=-1)) + 1
        count = (
            least if num_machines is None else _validation.int_scalar(num_machines, "num_machines", minimum=0, maximum=10**6)
        )
        columns |= {
            "num_machines": max(count, 0),
            "release_time": _columns.by_job(release_time, "release_time", n),
            "due_date": _columns.due_dates(due_date, n),
            "weight": _columns.weights(weight, n),
            "family": _columns.by_job(family, "family", n),
            "setup": _columns.by_machine(setup, "setup", count, 2),
            "initial_setup": _columns.by_machine(initial_setup, "initial_setup", count, 1),
            "transport": _columns.transport_times(transport, count),
            "blocking": _columns.blocking_kind(blocking),
            "no_wait": _validation.flag(no_wait, "no_wait"),
            "calendars": _columns.calendars_of(calendars),
            "names": _validation.name_list(names, "names"),
            "machine_names": _validation.name_list(machine_names, "machine_names"),
        }
        self._take(columns)

    def _take(self, columns: dict[str, Any]) -> None:
        given = [*columns.values(), *(ticks for name in ("setup", "initial_setup") for _, ticks in columns[name])]
        for array in given:
            if isinstance(array, np.ndarray):
                array.flags.writeable = False  # private copies; pickling forgets it
        calendars = [(machine, c.time, c.capacity, c.period) for machine, c in columns["calendars"]]
        object.__setattr__(self, "_native", _core.Shop({**columns, "calendars": calendars}))
        object.__setattr__(self, "_columns", columns)

    @classmethod
    def from_arrays(cls, job: ArrayLike, machine: ArrayLike, duration: ArrayLike, operation: ArrayLike, **options: Any) -> Shop:
        """A shop from a table with one row for each machine of each operation.

        Parameters
        ----------
        job, machine, duration, operation : array_like of int, shape (rows,)
            The job, a machine, the duration there, and the position of the operation in its job, from 0 on. Rows may stand in
            any order; rows of one job and operation are its choice of machines.
        **options
            The other parameters of `Shop`.

        Returns
        -------
        Shop

        Raises
        ------
        InvalidInputError
            Columns of different lengths, a position without a row, a machine that stands twice for one operation; and as
            `Shop`.

        Examples
        --------
        >>> import schedkit as sk
        >>> sk.shop.Shop.from_arrays(job=[0, 0, 1], machine=[0, 1, 1], duration=[3, 2, 4], operation=[0, 1, 0])
        Shop(jobs=2, machines=2, operations=3)
        """
        return cls(_columns.table(job, machine, duration, operation), **options)  # type: ignore[arg-type]

    @property
    def num_jobs(self) -> int:
        """Number of jobs."""
        return int(self._columns["job_start"].size) - 1

    @property
    def num_machines(self) -> int:
        """Number of machines."""
        return int(self._columns["num_machines"])

    @property
    def num_operations(self) -> int:
        """Number of operations of all jobs."""
        return int(self._columns["choice_start"].size) - 1

    @property
    def job(self) -> NDArray[np.int64]:
        """The job of each operation, shape (operations,)."""
        return np.repeat(np.arange(self.num_jobs), np.diff(self._columns["job_start"]))

    @property
    def jobs(self) -> tuple[tuple[tuple[tuple[int, int], ...], ...], ...]:
        """For each job its operations, each as the pairs (machine, duration) of its choices."""
        pairs = list(zip(self._columns["machine"].tolist(), self._columns["duration"].tolist(), strict=True))
        cuts = self._columns["choice_start"].tolist()
        operations = [tuple(pairs[a:b]) for a, b in itertools.pairwise(cuts)]
        starts = self._columns["job_start"].tolist()
        return tuple(tuple(operations[a:b]) for a, b in itertools.pairwise(starts))

    @property
    def is_flexible(self) -> bool:
        """Whether some operation may choose its machine."""
        return bool(self._columns["machine"].size > self.num_operations)

    @property
    def release_time(self) -> NDArray[np.int64]:
        """Release times, 0 where none were given, shape (jobs,)."""
        given: NDArray[np.int64] = self._columns["release_time"]
        return given if given.size else _validation.readonly(np.zeros(self.num_jobs, np.int64))

    @property
    def due_date(self) -> NDArray[np.int64] | None:
        """Due dates, 2**63 - 1 for a job without one, shape (jobs,); None without due dates."""
        given: NDArray[np.int64] = self._columns["due_date"]
        return given if given.size else None

    @property
    def weight(self) -> NDArray[Any] | None:
        """Weights, shape (jobs,); None without weights."""
        given: NDArray[Any] | None = self._columns["weight"]
        return given

    @property
    def family(self) -> NDArray[np.int64] | None:
        """Families of jobs, shape (jobs,); None without families."""
        given: NDArray[np.int64] = self._columns["family"]
        return given if given.size else None

    @property
    def setup(self) -> Mapping[int, NDArray[np.int64]]:
        """For machines with setups the matrix of ticks."""
        width = round(max((ticks.size for _, ticks in self._columns["setup"]), default=0) ** 0.5)
        matrices = {machine: ticks.reshape(width, width) for machine, ticks in self._columns["setup"]}
        return MappingProxyType(matrices)

    @property
    def initial_setup(self) -> Mapping[int, NDArray[np.int64]]:
        """For machines with initial setups the column of ticks."""
        return MappingProxyType(dict(self._columns["initial_setup"]))

    @property
    def transport(self) -> NDArray[np.int64] | None:
        """Ticks from machine to machine, shape (machines, machines); None without transport."""
        given: NDArray[np.int64] = self._columns["transport"]
        return given.reshape(self.num_machines, -1) if given.size else None

    @property
    def blocking(self) -> Literal[False, "swap", "no_swap"]:
        """The kind of blocking, or False."""
        return self._columns["blocking"] or False

    @property
    def no_wait(self) -> bool:
        """Whether each operation starts the moment its job arrives."""
        return bool(self._columns["no_wait"])

    @property
    def calendars(self) -> Mapping[int, Calendar]:
        """Calendars by machine."""
        return MappingProxyType(dict(self._columns["calendars"]))

    @property
    def names(self) -> tuple[str, ...] | None:
        """Names of jobs."""
        return None if self._columns["names"] is None else tuple(self._columns["names"])

    @property
    def machine_names(self) -> tuple[str, ...] | None:
        """Names of machines."""
        return None if self._columns["machine_names"] is None else tuple(self._columns["machine_names"])

    def __repr__(self) -> str:
        flexible = ", flexible" if self.is_flexible else ""
        return f"Shop(jobs={self.num_jobs}, machines={self.num_machines}, operations={self.num_operations}{flexible})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shop):
            return NotImplemented
        return all(_equal(mine, other._columns[name]) for name, mine in self._columns.items())

    def __hash__(self) -> int:
        return hash(tuple(self._columns[name].tobytes() for name in ("job_start", "choice_start", "machine", "duration")))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._columns,)


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(_equal, a, b))
    return type(a) is type(b) and bool(a == b)


def _rebuild(columns: dict[str, Any]) -> Shop:
    shop = Shop.__new__(Shop)
    shop._take(columns)
    return shop


def core_of(shop: Any) -> _core.Shop:
    """The shop of the compiled core; refuses other types."""
    if not isinstance(shop, Shop):
        raise _validation.refuse_type("shop", "must be a Shop", shop)
    return shop._native
