"""Heterogeneous Earliest Finish Time, and what all list schedulers share."""

from __future__ import annotations

from typing import Any

from .. import _validation
from .graph import TaskGraph, native_graph
from .network import Network, native_network
from .past import fixed_rows, moment
from .schedule import DagSchedule


def schedule(
    algorithm: str,
    graph: TaskGraph,
    network: Network | None,
    *,
    fixed: Any,
    now: float,
    insertion: bool,
    rank: str = "mean",
    entry_duplication: bool = False,
    tie: str = "index",
    seed: int = 0,
) -> DagSchedule:
    """Validates, calls the core, wraps the answer; what all functions below share."""
    native, links = native_graph(graph), native_network(network)
    options = (
        _validation.word(rank, "rank"),
        _validation.flag(insertion, "insertion"),
        _validation.flag(entry_duplication, "entry_duplication"),
        _validation.word(tie, "tie"),
        seed,
    )
    processor, start, completion, makespan, copies = native.schedule(links, algorithm, *options, fixed_rows(fixed), moment(now))
    return DagSchedule(processor, start, completion, makespan, tuple(copies), graph, network)


def heft(
    graph: TaskGraph,
    network: Network | None = None,
    *,
    fixed: Any = None,
    now: float = 0.0,
    insertion: bool = True,
    rank: str = "mean",
    entry_duplication: bool = False,
) -> DagSchedule:
    """Heterogeneous Earliest Finish Time for ``R | prec, c_ij | C_max``.

    Takes the tasks by decreasing upward rank, each to the processor where it ends first, in the earliest gap that holds it.

    Parameters
    ----------
    graph : TaskGraph
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    fixed : mapping of task to (processor, start, end), optional
        What has happened already. It is kept; its times may differ from the costs; an end of None stands for the planned end,
        at least `now`. Predecessors of fixed tasks must be fixed.
    now : float, default 0
        Nothing that is not fixed starts earlier.
    insertion : bool, default True
        Whether a task may go into a gap between tasks placed before, or only behind the last one of the processor.
    rank : {"mean", "median", "best", "worst"}, default "mean"
        What stands for a task's cost in its rank.
    entry_duplication : bool, default False
        Whether an entry task may run again on a successor's processor where its data would arrive later than such a copy ends;
        additional runs are listed in ``.copies``.

    Returns
    -------
    DagSchedule

    Raises
    ------
    InvalidInputError
        A network of another size, an unknown rank, times that add up beyond 1e290, a contradictory past: unknown tasks or
        processors, fixed tasks that overlap or precede their predecessors.

    Notes
    -----
    Ties: lower task, then lower processor. Costs of processors where a task cannot run are left out of its rank. On a uniform
    network O(n log n + m + n P), else O(m P), plus the search for gaps.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). Performance-effective and low-complexity task scheduling for heterogeneous
    computing. IEEE Transactions on Parallel and Distributed Systems 13. Entry duplication: Wang, G., Wang, Y., Liu, H., Guo, H.
    (2016). HSIP: a novel task scheduling algorithm for heterogeneous computing. Scientific Programming 2016.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1], [2, 2]], [(0, 1), (0, 2)], [1.0, 5.0])
    >>> s = sk.dag.heft(graph)
    >>> s.processor.tolist(), s.start_time.tolist(), s.makespan
    ([0, 1, 0], [0.0, 3.0, 2.0], 4.0)
    """
    return schedule(
        "heft",
        graph,
        network,
        fixed=fixed,
        now=now,
        insertion=insertion,
        rank=rank,
        entry_duplication=entry_duplication,
    )
