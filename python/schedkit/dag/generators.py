"""Random and structured task graphs, with the parameters of the HEFT paper.

Costs: each task's mean is uniform between 0 and twice the graph's (``mean_cost``), on each processor uniform within half the
heterogeneity of that; data: uniform between 0 and twice the mean that makes communication over cost ``ccr`` on average, on
links of bandwidth 1. Topcuoglu, Hariri, Wu (2002), section 6.
"""

from __future__ import annotations

import numpy as np

from .. import _validation
from .problem import TaskGraph

_Edges = list[tuple[int, int]]


def _with_costs(
    n: int, edges: _Edges, num_processors: int, ccr: float, heterogeneity: float, mean_cost: float, seed: int
) -> TaskGraph:
    width = _width(num_processors)
    ratio = _validation.float_scalar(ccr, "ccr", minimum=0.0)
    beta = _validation.float_scalar(heterogeneity, "heterogeneity", minimum=0.0)
    if beta > 2.0:
        raise _validation.refuse("heterogeneity", "must be <= 2", value=beta)
    mean = _validation.float_scalar(mean_cost, "mean_cost", minimum=0.0)
    random = _random(seed)
    own = 2.0 * mean * random.random((n, 1))
    cost = own * (1.0 + beta * (random.random((n, width)) - 0.5))
    data = 2.0 * ratio * mean * random.random(len(edges))
    return TaskGraph(cost, np.array(edges, dtype=np.int64).reshape(-1, 2), data)


def _random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(_validation.seed(seed)))


_MOST = 2**24
_MOST_EDGES = 2**26


def _count(value: int, field: str, minimum: int = 1) -> int:
    return _validation.int_scalar(value, field, minimum=minimum, maximum=_MOST)


def _width(num_processors: int) -> int:
    return _validation.int_scalar(num_processors, "num_processors", minimum=1, maximum=2**20)


def _check_size(n: int, num_processors: int, field: str) -> None:
    """Refuses a graph that no memory holds, before any of it is made."""
    width = _width(num_processors)
    if n > _MOST:
        raise _validation.refuse(field, f"makes {n} tasks, more than 2**24")
    if n * width > 2**30:
        raise _validation.refuse("num_processors", f"more than 2**30 costs, {n} tasks times {width}", value=width)


def layered_graph(
    num_tasks: int,
    num_processors: int,
    *,
    shape: float = 1.0,
    degree: int = 3,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """A random graph in layers.

    Parameters
    ----------
    num_tasks : int
    num_processors : int
    shape : float, default 1.0
        The number of layers is about the square root of the number of tasks over this: large values make wide graphs.
    degree : int, default 3
        Edges into each task from the layer before, at most.
    ccr : float, default 1.0
        Mean communication over mean cost.
    heterogeneity : float, default 1.0
        0 to 2: how much a task's cost differs between processors.
    mean_cost : float, default 10.0
    seed : int, default 0

    Returns
    -------
    TaskGraph
        Every task behind the first layer has a predecessor in the layer before.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13. Section 6.1.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.layered_graph(20, 4)
    TaskGraph(tasks=20, processors=4, edges=18)
    """
    n = _count(num_tasks, "num_tasks", 0)
    most = _count(degree, "degree")
    alpha = _validation.float_scalar(shape, "shape")
    if alpha <= 0:
        raise _validation.refuse("shape", "must be > 0", value=alpha)
    _check_size(n, num_processors, "num_tasks")
    random = _random(seed)
    layers = max(1, round(min(n**0.5 / alpha, n)))  # a tiny shape divides to infinity
    cuts = np.sort(random.choice(np.arange(1, n), layers - 1, replace=False)) if n > 1 else np.empty(0, np.int64)
    start = [0, *cuts.tolist(), n]
    sizes = np.diff(start)
    possible = int((sizes[1:] * np.minimum(sizes[:-1], most)).sum())
    if possible > _MOST_EDGES:
        raise _validation.refuse("degree", f"allows {possible} edges, more than 2**26", value=most)
    edges: _Edges = []
    for before, first, last in zip(start, start[1:], start[2:], strict=False):
        for j in range(first, last):
            count = min(int(random.integers(1, most + 1)), first - before)
            edges.extend((int(i), j) for i in before + random.choice(first - before, count, replace=False))
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)


def fork_join_graph(
    width: int,
    num_processors: int,
    *,
    stages: int = 1,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """Stages of parallel tasks between a fork and a join.

    Parameters
    ----------
    width : int
        Tasks side by side.
    num_processors : int
    stages : int, default 1
    ccr, heterogeneity, mean_cost, seed
        As in `layered_graph`.

    Returns
    -------
    TaskGraph
        ``stages * (width + 1) + 1`` tasks: a fork, then for each stage its tasks and their join.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Folklore.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.fork_join_graph(3, 4)
    TaskGraph(tasks=5, processors=4, edges=6)
    """
    wide, repeats = _count(width, "width"), _count(stages, "stages")
    n = repeats * (wide + 1) + 1
    _check_size(n, num_processors, "width")
    edges: _Edges = []
    for fork in range(0, n - 1, wide + 1):
        for task in range(fork + 1, fork + wide + 1):
            edges += [(fork, task), (task, fork + wide + 1)]
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)


def stencil_graph(
    width: int,
    steps: int,
    num_processors: int,
    *,
    ccr: float = 1.0,
    heterogeneity: float = 1.0,
    mean_cost: float = 10.0,
    seed: int = 0,
) -> TaskGraph:
    """A one-dimensional stencil over time: each cell needs itself and its neighbours of the step before.

    Parameters
    ----------
    width, steps : int
        Cells, and time steps.
    num_processors : int
    ccr, heterogeneity, mean_cost, seed
        As in `layered_graph`.

    Returns
    -------
    TaskGraph
        ``width * steps`` tasks.

    Raises
    ------
    InvalidInputError
        Numbers out of range.

    References
    ----------
    Kwok, Y.-K., Ahmad, I. (1999). Benchmarking and comparison of the task graph scheduling algorithms. JPDC 59.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.stencil_graph(3, 3, 4)
    TaskGraph(tasks=9, processors=4, edges=14)
    """
    wide, high = _count(width, "width"), _count(steps, "steps")
    n = wide * high
    _check_size(n, num_processors, "width")
    edges: _Edges = [
        ((t - 1) * wide + near, t * wide + x)
        for t in range(1, high)
        for x in range(wide)
        for near in range(max(0, x - 1), min(wide, x + 2))
    ]
    return _with_costs(n, edges, num_processors, ccr, heterogeneity, mean_cost, seed)
