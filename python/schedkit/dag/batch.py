"""Many schedules in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from ..errors import InputTypeError
from ._past import FixedRow, fixed_rows, moment
from .network import Network, native_network
from .problem import TaskGraph, core_of
from .schedule import DagSchedule


def schedule_many(
    graphs: TaskGraph | Sequence[TaskGraph],
    network: Network | None = None,
    algorithm: str = "heft",
    *,
    tie: str = "index",
    factor: ArrayLike | None = None,
    fixed: Any = None,
    now: float = 0.0,
    seed: int = 0,
    threads: int | None = 1,
) -> NDArray[np.float64]:
    """The makespans of many graphs, or of one graph under many draws of its costs (planning with the costs known).

    Parameters
    ----------
    graphs : list of TaskGraph, or TaskGraph
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    algorithm : str, default "heft"
        A name of `ALGORITHMS`.
    tie : {"index", "finish"}, default "index"
        As in `etf`, for the algorithms that take it.
    factor : array_like, shape (k, n), optional
        With one graph: row r multiplies the costs of each task.
    fixed : mapping of int to (processor, start, end), optional
        What has happened already, as in `heft`; the draws do not change it. With a list of graphs, a list of one mapping or
        None for each.
    now : float, default 0.0
        Nothing else starts before.
    seed : int, default 0
        For ``random``.
    threads : int or None, default 1
        Threads for this call, None means all cores; the answer does not depend on it.

    Returns
    -------
    ndarray of float64, shape (k,)

    Raises
    ------
    InvalidInputError
        As in `heft`; a rule for ties that the algorithm does not take; factors that are negative, not finite or of the wrong
        shape, or given with many graphs; not one mapping of fixed tasks per graph.

    Notes
    -----
    The interpreter is free while the core runs.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
    >>> sk.dag.schedule_many([graph, graph]).tolist()
    [4.0, 4.0]
    >>> sk.dag.schedule_many(graph, factor=[[1, 1], [2, 1]]).tolist()
    [4.0, 6.0]
    >>> sk.dag.schedule_many(graph, factor=[[1, 1], [1, 9]], fixed={0: (1, 0.0, 3.0)}, now=1.0).tolist()
    [4.0, 12.0]
    """
    count = _validation.threads(threads)
    name, rule = _validation.word(algorithm, "algorithm"), _validation.word(tie, "tie")
    links, start = native_network(network), _validation.seed(seed)
    if isinstance(graphs, TaskGraph):
        rows = _factor([[1.0] * graphs.num_tasks] if factor is None else factor, graphs)
        return graphs._native.replan_many(links, name, rule, rows, fixed_rows(fixed), moment(now), start, count)
    if factor is not None:
        raise _validation.refuse("factor", "needs one graph, not a list")
    natives = [core_of(graph) for graph in _validation.rows(graphs, "graphs")]
    pasts = _past_of_each(fixed, len(natives))
    return _core.schedule_many(natives, links, name, rule, pasts, moment(now), start, count)


def _past_of_each(fixed: Any, count: int) -> list[list[FixedRow]]:
    if fixed is None:
        return [[]] * count
    if not isinstance(fixed, (list, tuple)):
        raise _validation.refuse("fixed", "needs a list of one mapping per graph", kind=InputTypeError)
    if len(fixed) != count:
        raise _validation.refuse("fixed", f"has length {len(fixed)}, expected {count}, one mapping per graph")
    return [fixed_rows(one) for one in fixed]


def execute_many(schedule: DagSchedule, factor: ArrayLike, *, threads: int | None = 1) -> NDArray[np.float64]:
    """The makespans of a fixed plan under many draws of the costs: how robust it is.

    Parameters
    ----------
    schedule : DagSchedule
        Without copies. Each task keeps its processor and its place in the processor's order, and starts as soon as the
        processor is free and its data are there.
    factor : array_like, shape (k, n)
        Row r multiplies the costs of each task.
    threads : int or None, default 1
        Threads for this call, None means all cores; the answer does not depend on it.

    Returns
    -------
    ndarray of float64, shape (k,)

    Raises
    ------
    InvalidInputError
        Factors that are negative, not finite or of the wrong shape; a schedule with copies, or on processors that cannot run a
        task.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 3], [4, 1]], [(0, 1)], [1.0])
    >>> sk.dag.execute_many(sk.dag.heft(graph), [[1, 1], [2, 1], [1, 9]]).tolist()
    [4.0, 6.0, 12.0]
    """
    if not isinstance(schedule, DagSchedule):
        raise _validation.refuse_type("schedule", "must be a DagSchedule", schedule)
    if schedule.copies:
        raise _validation.refuse("schedule", "has copies, which cannot be executed here")
    graph, links = schedule.graph, native_network(schedule.network)
    return graph._native.execute_many(links, schedule, _factor(factor, graph), _validation.threads(threads))


def _factor(factor: ArrayLike, graph: TaskGraph) -> NDArray[np.float64]:
    return _validation.float_array(factor, "factor", ndim=2, columns=graph.num_tasks, judge=False)
