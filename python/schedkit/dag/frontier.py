"""Schedulers that choose task and processor together among all ready tasks: ETF, DLS, Min-Min, Max-Min, Duplex, Sufferage."""

from __future__ import annotations

from typing import Any

from .graph import TaskGraph
from .heft import schedule
from .network import Network
from .schedule import DagSchedule


def etf(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Earliest Task First, ``R | prec, c_ij | C_max``.

    Always the ready task and processor of earliest start.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.
    tie : {"index", "finish"}, default "index"
        Which of several processors of equal merit gets the task: the one of lower index, even if the task ends later there, or
        the one where it ends first, then the lower index.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`; an unknown rule for ties.

    Notes
    -----
    Ties: higher static level (longest way to an exit by mean costs without communication), then lower task;
    between processors as `tie` says. O(n r P) for at most r ready tasks.

    References
    ----------
    Hwang, J.-J., Chow, Y.-C., Anger, F. D., Lee, C.-Y. (1989). Scheduling precedence graphs in systems with interprocessor
    communication times. SIAM Journal on Computing 18.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.etf(graph).makespan
    8.0
    """
    return schedule("etf", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def dls(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Dynamic Level Scheduling, ``R | prec, c_ij | C_max``.

    Always the ready task and processor of largest dynamic level: static level (longest way to an exit by median costs) minus
    earliest start plus how much cheaper than its median the task is there.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.
    tie : {"index", "finish"}, default "index"
        Which of several processors of equal merit gets the task: the one of lower index, even if the task ends later there, or
        the one where it ends first, then the lower index.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`; an unknown rule for ties.

    Notes
    -----
    Ties: lower task; between processors as `tie` says, which hardly matters: the dynamic level falls by as much as the finish
    rises, so processors of equal level end the task at the same time, except for rounding. The original does not insert:
    ``insertion=False``. O(n r P) for at most r ready tasks.

    References
    ----------
    Sih, G. C., Lee, E. A. (1993). A compile-time scheduling heuristic for interconnection-constrained heterogeneous processor
    architectures. IEEE Transactions on Parallel and Distributed Systems 4.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.dls(graph).makespan
    4.0
    """
    return schedule("dls", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def min_min(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Min-Min, ``R | prec, c_ij | C_max``.

    Always the ready task that can end first, where it does.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`.

    Notes
    -----
    Ties: lower task, then lower processor. O(n r P) for at most r ready tasks.

    References
    ----------
    Ibarra, O. H., Kim, C. E. (1977). Heuristic algorithms for scheduling independent tasks on nonidentical processors.
    Journal of the ACM 24.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.min_min(graph).makespan
    4.0
    """
    return schedule("min_min", graph, network, fixed=fixed, now=now, insertion=insertion)


def max_min(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Max-Min, ``R | prec, c_ij | C_max``.

    Always the ready task whose earliest end is latest, where it ends first.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`.

    Notes
    -----
    Ties: lower task, then lower processor. O(n r P) for at most r ready tasks.

    References
    ----------
    Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks onto
    heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.max_min(graph).makespan
    4.0
    """
    return schedule("max_min", graph, network, fixed=fixed, now=now, insertion=insertion)


def duplex(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Duplex, ``R | prec, c_ij | C_max``.

    The better of `min_min` and `max_min`, the former on a tie.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`.

    Notes
    -----
    Costs both.

    References
    ----------
    Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks onto
    heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.duplex(graph).makespan
    4.0
    """
    return schedule("duplex", graph, network, fixed=fixed, now=now, insertion=insertion)


def sufferage(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Sufferage, ``R | prec, c_ij | C_max``.

    Always the ready task that would lose most if it went to its second best processor, to its best one.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`.

    Notes
    -----
    Ties: lower task, then lower processor. A task that can run on one processor only suffers infinitely. O(n r P) for at most
    r ready tasks.

    References
    ----------
    Maheswaran, M., Ali, S., Siegel, H. J., Hensgen, D., Freund, R. F. (1999). Dynamic mapping of a class of independent tasks
    onto heterogeneous computing systems. Journal of Parallel and Distributed Computing 59.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.sufferage(graph).makespan
    4.0
    """
    return schedule("sufferage", graph, network, fixed=fixed, now=now, insertion=insertion)
