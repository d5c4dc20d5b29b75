"""List schedulers that place a task by its finish: CPOP and Lookahead HEFT."""

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


def lookahead_heft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    tie: str = "index",
) -> DagSchedule:
    """HEFT that looks one generation ahead, ``R | prec, c_ij | C_max``.

    Takes ready tasks by upward rank; for each processor the task and then its successors are placed on trial, each successor
    where it ends first; the last of their finishes is the processor's score.

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
    Ties: lower task; between processors as `tie` says. Successors by rank, then index; they stay placed while a processor is
    judged; other predecessors of theirs that are not placed impose nothing; a task without successors scores its own finish.
    O(m P^2) and, for each task, P^2 times the number of edges between two of its successors: of the order of n^3 P^2 on a
    complete graph.

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
    return schedule("lookahead_heft", graph, network, fixed=fixed, now=now, insertion=insertion, tie=tie)
