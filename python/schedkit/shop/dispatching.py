"""Dispatching by priority rules or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from numpy.typing import ArrayLike

from .. import _core, _validation
from ._past import fixed_rows, moment
from .problem import Shop, core_of
from .schedule import ShopBatch, ShopSchedule, schedule_of

Scheme = Literal["active", "non_delay"]

RULES = tuple(name for name, _, _ in _core.shop_rules())
"""The names of all rules."""

OBJECTIVES = tuple(name for name, _ in _core.shop_objectives())
"""The names of all objectives."""


def dispatch(
    shop: Shop,
    rule: str | ArrayLike = "mwkr",
    scheme: Scheme = "active",
    *,
    seed: int = 0,
    fixed: Mapping[int, tuple[int, int, int | None]] | None = None,
    now: int = 0,
) -> ShopSchedule:
    """A schedule by a priority rule, active or non-delay.

    Parameters
    ----------
    shop : Shop
        Without blocking and `no_wait`.
    rule : str or array_like, default "mwkr"
        One of `RULES` (see Notes), or a finite number for each operation, lower first.
    scheme : {"active", "non_delay"}, default "active"
        Active: the rule chooses among the operations on the machine of the earliest possible completion that can start before
        it. Non-delay: among those that can start first.
    seed : int, default 0
        For the rule "random".
    fixed : mapping of operation to (machine, start, end), optional
        Operations that have started already, such as `schedkit.Fixed`; the others go behind them on their machines. None as
        end stands for the planned one, or `now` if that is later.
    now : int, default 0
        No other operation starts earlier.

    Returns
    -------
    ShopSchedule

    Raises
    ------
    InvalidInputError
        An unknown rule or scheme, numbers of another count than operations, a past that contradicts itself, blocking or
        `no_wait`.
    InfeasibleError
        The machines of an operation are never open for as long as it takes.

    Notes
    -----
    An operation with several machines takes the one of its earliest completion. Ties, of completions, starts and keys, go to
    the lowest job, those of machines to the lowest machine. O(N (log n + log m)) for N operations of n jobs on m machines if
    each operation has one machine and no machine has setups or a calendar; the rules `atc` and `cr`, whose keys change with
    time, look at all ready operations of a machine in each step. About O(N (m + n / m)) else.
    Some active schedule is optimal for the makespan and the sums; a non-delay one need not be.

    {rules}

    t is the earliest start of the operations to choose from, p the duration on the machine, w the weight of the job.
    Remaining and total work count the shortest duration of each operation.

    References
    ----------
    Giffler, B., Thompson, G. L. (1960). Algorithms for solving production-scheduling problems. Operations Research 8. Rules:
    Panwalkar, S. S., Iskander, W. (1977). A survey of scheduling rules. Operations Research 25; atc: Vepsalainen, A. P. J.,
    Morton, T. E. (1987). Priority rules for job shops with weighted tardiness costs. Management Science 33.

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]])
    >>> s = sk.shop.dispatch(shop, "spt")
    >>> s.start_time.tolist(), s.makespan
    ([2, 5, 0, 7], 11)
    >>> sk.shop.dispatch(shop, [0, 0, 1, 1]).start_time.tolist()
    [0, 3, 3, 5]
    """
    native = core_of(shop)
    priority, seeded, past = priority_of(rule), _validation.seed(seed), fixed_rows(fixed)
    columns = native.dispatch(priority, _validation.word(scheme, "scheme"), seeded, past, moment(now))
    return schedule_of(columns, shop)


def priority_of(rule: Any) -> Any:
    """The name of a rule, or the column of numbers that stands for one."""
    return _validation.word(rule, "rule") if isinstance(rule, str) else _validation.number_array(rule, "rule")


def _rules() -> str:
    rows = (f"    * ``{name}`` ({title}): {notes}" for name, title, notes in _core.shop_rules())
    return "Rules, and which operation each puts first:\n\n" + "\n".join(rows)


if dispatch.__doc__:
    dispatch.__doc__ = dispatch.__doc__.replace("{rules}", _rules())


def dispatch_many(shop: Shop, priority: ArrayLike, scheme: Scheme = "active", *, objective: str = "makespan") -> ShopBatch:
    """The objective of the schedules by many rows of numbers.

    Parameters
    ----------
    shop : Shop
        As in `dispatch`.
    priority : array_like, shape (k, operations)
        Finite numbers, lower first; a row for each schedule.
    scheme : {"active", "non_delay"}, default "active"
    objective : str, default "makespan"
        One of `OBJECTIVES`.

    Returns
    -------
    ShopBatch
        ``.objective``, shape (k,).

    Raises
    ------
    InvalidInputError, InfeasibleError
        As `dispatch`; an unknown objective.

    Notes
    -----
    Ties as in `dispatch`; k times its time.

    Examples
    --------
    >>> import schedkit as sk
    >>> shop = sk.shop.Shop([[(0, 3), (1, 2)], [(0, 2), (1, 4)]])
    >>> sk.shop.dispatch_many(shop, [[0, 0, 1, 1], [1, 1, 0, 0]]).objective.tolist()
    [9, 8]
    """
    native: Any = core_of(shop)
    rows = _validation.number_array(priority, "priority", ndim=2)
    return ShopBatch(native.dispatch_many(rows, _validation.word(scheme, "scheme"), _validation.word(objective, "objective")))
