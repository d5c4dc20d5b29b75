"""List schedulers with priorities of their own: CPOP, PEFT, PPTS, IPPTS, Lookahead HEFT, ETF, DLS, Min-Min."""

from __future__ import annotations

from typing import Any

from .graph import TaskGraph
from .heft import schedule
from .network import Network
from .schedule import DagSchedule


def cpop(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Critical Path on a Processor, ``R | prec, c_ij | C_max``.

    Takes ready tasks by upward plus downward rank; the tasks of one critical path share the processor that runs them in the
    least time, all others go where they end first.

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
    Ties: lower task, then lower processor. The path starts at the lowest entry of maximal priority and follows the lowest
    successor of equal priority, both within 1e-9 times the larger of 1 and the maximum; where no processor can run all of it,
    its tasks are placed like others. O(n log n + m P) and the search for gaps.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.cpop(graph).makespan
    4.0
    """
    return schedule("cpop", graph, network, fixed=fixed, now=now, insertion=insertion)


def peft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Predict Earliest Finish Time, ``R | prec, c_ij | C_max``.

    Takes ready tasks by the mean of their optimistic costs (the least time from a task's end to the last exit, were every
    successor placed at its best), each to the processor of least finish plus optimistic cost.

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
    Ties: lower task, then lower processor. O(m P) and memory for n P numbers.

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
    return schedule("peft", graph, network, fixed=fixed, now=now, insertion=insertion)


def ppts(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Predict Priority Task Scheduling, ``R | prec, c_ij | C_max``.

    As `peft`, with a predicted cost matrix that counts the task's own cost at each step.

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
    Ties: lower task, then lower processor. O(m P) and memory for n P numbers.

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
    return schedule("ppts", graph, network, fixed=fixed, now=now, insertion=insertion)


def ippts(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Improved Predict Priority Task Scheduling, ``R | prec, c_ij | C_max``.

    Takes ready tasks by mean predicted cost times number of successors, each to the processor of least finish plus predicted
    cost less own cost.

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
    Ties: lower task, then lower processor. O(m P) and memory for n P numbers. Exits have priority 0.

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
    return schedule("ippts", graph, network, fixed=fixed, now=now, insertion=insertion)


def lookahead_heft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """HEFT that looks one generation ahead, ``R | prec, c_ij | C_max``.

    Takes ready tasks by upward rank; for each processor the task and then its successors are placed on trial, each successor
    where it ends first; the last of their finishes is the processor's score.

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
    Ties: lower task, then lower processor. Successors by rank, then index; they stay placed while a processor is judged; other
    predecessors of theirs that are not placed impose nothing; a task without successors scores its own finish. O(m P^2 d) for
    mean degree d.

    References
    ----------
    Bittencourt, L. F., Sakellariou, R., Madeira, E. R. M. (2010). DAG scheduling using a lookahead variant of the Heterogeneous
    Earliest Finish Time algorithm. Euromicro PDP.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> sk.dag.lookahead_heft(graph).makespan
    4.0
    """
    return schedule("lookahead_heft", graph, network, fixed=fixed, now=now, insertion=insertion)


def etf(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Earliest Task First, ``R | prec, c_ij | C_max``.

    Always the ready task and processor of earliest start.

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
    Ties: higher static level (longest way to an exit by mean costs without communication), then lower task, then lower
    processor. O(n r P) for at most r ready tasks.

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
    return schedule("etf", graph, network, fixed=fixed, now=now, insertion=insertion)


def dls(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
) -> DagSchedule:
    """Dynamic Level Scheduling, ``R | prec, c_ij | C_max``.

    Always the ready task and processor of largest dynamic level: static level (longest way to an exit by median costs) minus
    earliest start plus how much cheaper than its median the task is there.

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
    Ties: lower task, then lower processor. The original does not insert: ``insertion=False``. O(n r P) for at most r ready
    tasks.

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
    return schedule("dls", graph, network, fixed=fixed, now=now, insertion=insertion)


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
