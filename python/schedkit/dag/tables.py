"""List schedulers guided by a table of what still follows a task on each processor: PEFT, PPTS, IPPTS."""

from __future__ import annotations

from typing import Any

from .graph import TaskGraph
from .heft import schedule
from .network import Network
from .schedule import DagSchedule


def peft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Predict Earliest Finish Time, ``R | prec, c_ij | C_max``.

    Takes ready tasks by the mean of their optimistic costs (the least time from a task's end to the last exit, were every
    successor placed at its best), each to the processor of least finish plus optimistic cost.

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
    Ties: lower task; between processors as `tie` says. O(m P) and memory for n P numbers.

    References
    ----------
    Arabnejad, H., Barbosa, J. G. (2014). List scheduling algorithm for heterogeneous systems by an optimistic cost table. IEEE
    Transactions on Parallel and Distributed Systems 25.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.peft(graph).makespan
    4.0
    """
    return schedule("peft", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def ppts(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Predict Priority Task Scheduling, ``R | prec, c_ij | C_max``.

    As `peft`, with a predicted cost matrix that counts the task's own cost at each step.

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
    Ties: lower task; between processors as `tie` says. O(m P) and memory for n P numbers.

    References
    ----------
    Djigal, H., Feng, J., Lu, J. (2019). Task scheduling for heterogeneous computing using a predict cost matrix. ICPP
    Workshops.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.ppts(graph).makespan
    4.0
    """
    return schedule("ppts", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)


def ippts(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """Improved Predict Priority Task Scheduling, ``R | prec, c_ij | C_max``.

    Takes ready tasks by mean predicted cost times number of successors, each to the processor of least finish plus predicted
    cost less own cost.

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
    Ties: lower task; between processors as `tie` says. O(m P) and memory for n P numbers. Exits have priority 0.

    References
    ----------
    Djigal, H., Feng, J., Lu, J., Ge, J. (2021). IPPTS: an efficient algorithm for scientific workflow scheduling in
    heterogeneous computing systems. IEEE Transactions on Parallel and Distributed Systems 32.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.ippts(graph).makespan
    4.0
    """
    return schedule("ippts", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)
