"""Simulation: a rule dispatches while jobs arrive and machines stop and come back."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _validation
from .dispatching import priority_of
from .problem import Shop, core_of
from .schedule import ShopSchedule, schedule_of


@dataclasses.dataclass(frozen=True, slots=True)
class Breakdowns:
    """Breakdowns that `simulate` draws by its seed.

    Either machines run for random times, or operations are interrupted with a probability; exactly one of `mean_uptime` and
    `probability` is given. All drawn times are rounded up to whole ticks, at least 1.

    Parameters
    ----------
    mean_repair : float
        Mean time of a repair, which is exponential; > 0 and at most 2**53.
    mean_uptime : float, optional
        Mean time from 0, or from the end of a repair, to the next breakdown of a machine, which is exponential; > 0 and at most
        2**53. The breakdowns of a machine depend on the seed alone, not on its work.
    probability : float, optional
        With this probability an operation of 2 ticks and more is interrupted once, at a moment after its start and before its
        planned completion that is drawn uniformly; from 0 to 1. The draw depends on the seed and the operation alone.

    Raises
    ------
    InvalidInputError
        Values out of range, both of `mean_uptime` and `probability`, or none of them.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.shop.Breakdowns(mean_repair=20, mean_uptime=500)
    Breakdowns(mean_repair=20.0, mean_uptime=500.0, probability=None)
    """

    mean_repair: float
    mean_uptime: float | None = None
    probability: float | None = None

    def __post_init__(self) -> None:
        for name in ("mean_repair", "mean_uptime"):
            value = getattr(self, name)
            if value is not None or name == "mean_repair":
                number = _validation.float_scalar(value, name)
                if not 0 < number <= 2.0**53:
                    raise _validation.refuse(name, "must be > 0 and at most 2**53", value=value)
                object.__setattr__(self, name, number)
        if self.probability is not None:
            number = _validation.float_scalar(self.probability, "probability")
            if not 0 <= number <= 1:
                raise _validation.refuse("probability", "must be from 0 to 1", value=self.probability)
            object.__setattr__(self, "probability", number)
        if (self.mean_uptime is None) == (self.probability is None):
            raise _validation.refuse("breakdowns", "expected exactly one of mean_uptime and probability")


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class ShopSimulation(ShopSchedule):
    """What happened in a simulation: a `ShopSchedule` with the breakdowns of its machines.

    An operation keeps its machine from its start to its completion, repairs in between included.

    Attributes
    ----------
    down_machine, down_start, down_end : ndarray of int64, shape (breakdowns,)
        The breakdowns until all operations were complete, in order of time: a machine, when it stopped, and when it ran again.
    interrupted : {"resume", "restart"}
        What became of operations under way.
    """

    kind: ClassVar[str] = "shop_simulation"

    down_machine: NDArray[np.int64]
    down_start: NDArray[np.int64]
    down_end: NDArray[np.int64]
    interrupted: str


def simulate(
    shop: Shop,
    rule: str | ArrayLike = "spt",
    *,
    breakdowns: Breakdowns | ArrayLike | None = None,
    interrupted: Literal["resume", "restart"] = "resume",
    seed: int = 0,
) -> ShopSimulation:
    """What happens when a rule dispatches while jobs arrive and machines stop and come back.

    Parameters
    ----------
    shop : Shop
        Without `no_wait` and calendars; if it is blocking, also without setups and transport. Jobs arrive at their release
        times.
    rule : str or array_like, default "spt"
        One of `RULES`, or a finite number for each operation, lower first; as in `dispatch`.
    breakdowns : Breakdowns or array_like of int, shape (b, 3), optional
        Random ones, or rows ``(machine, start, end)``: the machine is down for ``start <= t < end``. Rows of one machine that
        touch or overlap count as one. Without it machines do not stop.
    interrupted : {"resume", "restart"}, default "resume"
        What happens after the repair to an operation whose machine stops: ``"resume"``, it continues for the time that
        remained; ``"restart"``, it starts again and takes its whole duration.
    seed : int, default 0
        For random breakdowns and the rule "random".

    Returns
    -------
    ShopSimulation

    Raises
    ------
    InvalidInputError
        An unknown rule, numbers of another count than operations, a row with a machine that does not exist or an end that is
        not after its start; ten million breakdowns before all operations are complete; what is not simulated, by name.

    Notes
    -----
    Nothing is known of breakdowns to come. Whenever an operation can start, the rule chooses among all that can start at this
    moment; without breakdowns, blocking and a choice of machines the schedule is that of ``dispatch(shop, rule, "non_delay")``.
    When a machine stops, the end of its repair is known, and everything that has not started is dispatched anew: an operation
    with several machines takes the one of its earliest completion. An operation under way keeps its machine. At one moment
    completions come first, then breakdowns, then starts. A setup may run before the job arrives, and during repairs.

    In a blocking shop a job keeps its machine until it enters the next one. The rule chooses among the jobs that can enter an
    empty machine that runs; an operation with several takes the fastest of these. If there is none and ``blocking="swap"``,
    jobs that wait for each other in a cycle exchange their machines; each wants the fastest machine among those whose job can
    go on too, and the cycle that is reached from the lowest job comes first. With ``blocking="no_swap"`` a job enters a machine
    only if the jobs in the shop can still be completed one after the other (the banker's algorithm), so none waits for ever.

    Ties go to the lowest job, those of machines to the lowest machine. O((N + b) (n + m)) at most for N operations of n jobs on
    m machines; with "no_swap" n + m times as much.

    References
    ----------
    Mascis, A., Pacciarelli, D. (2002). Job-shop scheduling with blocking and no-wait constraints. European Journal of
    Operational Research 143. Dijkstra, E. W. (1968). Cooperating sequential processes (the banker's algorithm). Law, A. M.
    (2015). Simulation modeling and analysis, 5th edition, section 14.4 (breakdowns by time and repairs).

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]])
    >>> r = sk.shop.simulate(shop, "spt", breakdowns=[(0, 3, 6)])
    >>> r.start_time.tolist(), r.completion_time.tolist()
    ([2, 8, 0, 2], [8, 10, 2, 6])
    >>> sk.shop.simulate(shop, "spt", breakdowns=[(0, 3, 6)], interrupted="restart").makespan
    11
    """
    native = core_of(shop)
    priority, seeded = priority_of(rule), _validation.seed(seed)
    kind = _validation.word(interrupted, "interrupted")
    answer = native.simulate(priority, _breakdowns(breakdowns), kind, seeded)
    plan = schedule_of(answer.pop("schedule"), shop)
    columns = {field.name: getattr(plan, field.name) for field in dataclasses.fields(plan)}
    return ShopSimulation(**columns, **answer, interrupted=kind)


def _breakdowns(value: Any) -> tuple[Any, Any, Any]:
    """Columns of rows, or the values that breakdowns are drawn from."""
    if isinstance(value, Breakdowns):
        return value.mean_uptime, value.probability, value.mean_repair
    rows = np.empty((0, 3), np.int64) if value is None else _validation.int_array(value, "breakdowns", ndim=2, columns=3)
    machine, start, end = (np.ascontiguousarray(rows[:, k]) for k in range(3))
    return machine, start, end
