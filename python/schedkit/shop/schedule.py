"""Schedules of shops."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from ..schedule import Result
from .problem import Shop, core_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ShopSchedule(Result):
    """The machine and the times of each operation; read-only arrays, operations numbered through in the order of jobs.

    Attributes
    ----------
    machine, start_time, completion_time : ndarray of int64, shape (operations,)
    makespan : int
        The largest completion time, 0 without operations.
    total_flow_time : int
        Sum of completion minus release of all jobs.
    total_weighted_flow_time : int or float
        The same with weights, in their type.
    total_tardiness : int
        Sum of ``max(0, lateness)`` of all jobs with due dates.
    total_weighted_tardiness : int or float
        The same with weights, in their type.
    max_lateness : int
        The largest lateness of a job with a due date, 0 without due dates.
    num_tardy : int
        Number of jobs that complete after their due dates.
    shop : Shop
        The scheduled shop.
    """

    kind: ClassVar[str] = "shop"
    _row: ClassVar[str | None] = "operation"

    machine: NDArray[np.int64]
    start_time: NDArray[np.int64]
    completion_time: NDArray[np.int64]
    makespan: int
    total_flow_time: int
    total_weighted_flow_time: float
    total_tardiness: int
    total_weighted_tardiness: float
    max_lateness: int
    num_tardy: int
    _shop: Shop = dataclasses.field(repr=False)

    @property
    def shop(self) -> Shop:
        """The scheduled shop."""
        return self._shop

    @property
    def job(self) -> NDArray[np.int64]:
        """The job of each operation, shape (operations,)."""
        return self._shop.job

    @classmethod
    def from_placement(cls, shop: Shop, machine: ArrayLike, start_time: ArrayLike) -> ShopSchedule:
        """A schedule made elsewhere, with completion times and objectives added. It is not checked; `schedkit.check` does that.

        Parameters
        ----------
        shop : Shop
        machine, start_time : array_like of int, shape (operations,)

        Returns
        -------
        ShopSchedule
            Completion is start plus duration; on a machine that is none of the operation's it is the start.

        Raises
        ------
        InvalidInputError
            Columns of another length than operations, a machine that the shop does not have.

        Examples
        --------
        >>> import schedkit as sk
        >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 4)]])
        >>> s = sk.shop.ShopSchedule.from_placement(shop, [0, 1, 0], [0, 3, 2])
        >>> [v.kind for v in sk.check(shop, s)]
        ['machine_overlap']
        """
        machines = _validation.int_array(machine, "machine")
        return schedule_of(core_of(shop).complete(machines, _validation.int_array(start_time, "start_time")), shop)

    def sequence(self, machine: int) -> NDArray[np.int64]:
        """The operations of a machine in the order in which they run.

        Parameters
        ----------
        machine : int

        Returns
        -------
        ndarray of int64
            Sorted by start, then by completion, then by index.
        """
        m = _validation.int_scalar(machine, "machine", minimum=0, maximum=max(self._shop.num_machines - 1, 0))
        here = np.flatnonzero(self.machine == m)
        return here[np.lexsort((self.completion_time[here], self.start_time[here]))]

    def _columns(self) -> dict[str, Any]:
        """One row per operation: the name of its job, if it has one, job, machine, start and completion."""
        columns = {name: getattr(self, name) for name in ("job", "machine", "start_time", "completion_time")}
        names = self._shop.names
        return columns if names is None else {"name": [names[j] for j in self.job.tolist()], **columns}

    def plot(self, ax: Axes | None = None, *, by: Literal["machine", "job"] = "machine") -> Axes:
        """A Gantt chart (needs matplotlib). Setups are hatched; time for which a blocked job keeps its machine is pale.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Draws here; without it a new figure is made.
        by : {"machine", "job"}, default "machine"
            What the rows are.

        Returns
        -------
        matplotlib Axes
        """
        return self._draw(ax, by=by)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ShopBatch(Result):
    """The objective of many schedules of one shop.

    Attributes
    ----------
    objective : ndarray, shape (k,)
        Integers; floats for weighted sums with float weights.
    """

    kind: ClassVar[str] = "shop_batch"
    _row: ClassVar[str | None] = "schedule"

    objective: NDArray[Any]


def schedule_of(columns: dict[str, Any], shop: Shop) -> ShopSchedule:
    """The schedule that the core returned."""
    objectives = dict(columns.pop("objectives"))
    return ShopSchedule(**columns, **objectives, _shop=shop)
