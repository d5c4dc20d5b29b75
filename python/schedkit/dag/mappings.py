"""Simple mappings and baselines: MCT, MET, OLB, random, fastest processor."""

from __future__ import annotations

from typing import Any

from .. import _validation
from .graph import TaskGraph
from .heft import schedule
from .network import Network
from .schedule import DagSchedule


def mct(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Minimum Completion Time, ``R | prec, c_ij | C_max``.

    Takes ready tasks by index, each to the processor where it ends first.

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
    Ties: lower task, then lower processor. O(n log n + m P).

    References
    ----------
    Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks onto
    heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.mct(graph).makespan
    4.0
    """
    return schedule("mct", graph, network, fixed=fixed, now=now, insertion=insertion)


def met(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Minimum Execution Time, ``R | prec, c_ij | C_max``.

    Takes ready tasks by index, each to the processor where it costs least, however busy that is.

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
    Ties: lower task; between processors as `tie` says. O(n log n + m P).

    References
    ----------
    Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks onto
    heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.met(graph).makespan
    4.0
    """
    return schedule("met", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def olb(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Opportunistic Load Balancing, ``R | prec, c_ij | C_max``.

    Takes ready tasks by index, each to the processor that is free first behind its last task, whatever the cost.

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
    Ties: lower task; between processors as `tie` says. O(n log n + m P).

    References
    ----------
    Braun, T. D. et al. (2001). A comparison of eleven static heuristics for mapping a class of independent tasks onto
    heterogeneous distributed computing systems. Journal of Parallel and Distributed Computing 61.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.olb(graph).makespan
    4.0
    """
    return schedule("olb", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def random(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    seed: int = 0,
) -> DagSchedule:
    """A baseline: each task anywhere it can run, with equal probability, ``R | prec, c_ij | C_max``.

    Takes ready tasks by index.

    Parameters
    ----------
    graph, network, fixed, now, insertion
        As in `heft`.
    seed : int, default 0
        Same seed, same schedule.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        As in `heft`, a seed outside 0 to 2**64 - 1.

    Notes
    -----
    O(n log n + m P). The draws never change between versions.

    References
    ----------
    Folklore; the floor that every rule should beat.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.random(graph).makespan
    8.0
    """
    return schedule("random", graph, network, fixed=fixed, now=now, insertion=insertion, seed=_validation.seed(seed))


def fastest(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """A baseline: everything on one processor, ``R | prec, c_ij | C_max``.

    The processor that can run most tasks, then the one of least total cost, then the lowest; tasks that it cannot run go where
    they cost least.

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
    O(n log n + m P).

    References
    ----------
    Folklore; also called FastestNode.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.fastest(graph).makespan
    6.0
    """
    return schedule("fastest", graph, network, fixed=fixed, now=now, insertion=insertion)
