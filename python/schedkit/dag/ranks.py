"""Ranks and priorities, for engines that place tasks by themselves; higher is more urgent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .. import _validation
from .network import Network, native_network
from .problem import TaskGraph, core_of


def upward_rank(graph: TaskGraph, network: Network | None = None, *, cost: str = "mean") -> NDArray[np.float64]:
    """Longest way from the start of each task to an exit, by mean communication.

    Parameters
    ----------
    graph : TaskGraph
    network : Network, optional
        None stands for bandwidth 1 and latency 0.
    cost : {"mean", "median", "best", "worst"}, default "mean"
        What stands for a task's cost; processors where it cannot run are left out.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    InvalidInputError
        A network of another size, an unknown cost.

    Notes
    -----
    ``rank(i) = cost(i) + max over successors j of (communication(i, j) + rank(j))``, the communication being the mean over all
    pairs of different processors. O(n P + m).

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13, equation 2.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 4], [4, 1]], [(0, 1)], [1.0])
    >>> sk.dag.upward_rank(graph).tolist()
    [6.5, 2.5]
    """
    return core_of(graph).upward_rank(_validation.word(cost, "cost"), native_network(network))


def downward_rank(graph: TaskGraph, network: Network | None = None, *, cost: str = "mean") -> NDArray[np.float64]:
    """Longest way from an entry to the start of each task, by mean communication.

    Parameters
    ----------
    graph, network, cost
        As in `upward_rank`.

    Returns
    -------
    ndarray of float64, shape (n,)
        0 for entries.

    Raises
    ------
    InvalidInputError
        As in `upward_rank`.

    Notes
    -----
    ``rank(j) = max over predecessors i of (rank(i) + cost(i) + communication(i, j))``. O(n P + m).

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13, equation 4.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 4], [4, 1]], [(0, 1)], [1.0])
    >>> sk.dag.downward_rank(graph).tolist()
    [0.0, 4.0]
    """
    return core_of(graph).downward_rank(_validation.word(cost, "cost"), native_network(network))


def bottom_level(graph: TaskGraph, *, cost: str = "mean") -> NDArray[np.float64]:
    """Longest way from the start of each task to an exit, without communication; also called static level.

    Parameters
    ----------
    graph, cost
        As in `upward_rank`.

    Returns
    -------
    ndarray of float64, shape (n,)

    Raises
    ------
    InvalidInputError
        An unknown cost.

    Notes
    -----
    O(n P + m).

    References
    ----------
    Hu, T. C. (1961). Parallel sequencing and assembly line problems. Operations Research 9.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[2, 4], [4, 1]], [(0, 1)], [1.0])
    >>> sk.dag.bottom_level(graph).tolist()
    [5.5, 2.5]
    """
    return core_of(graph).bottom_level(_validation.word(cost, "cost"))


def heft_priorities(graph: TaskGraph, network: Network | None = None, *, cost: str = "mean") -> NDArray[np.int64]:
    """The order in which HEFT takes the tasks, as distinct integers: the highest first.

    Parameters
    ----------
    graph, network, cost
        As in `upward_rank`.

    Returns
    -------
    ndarray of int64, shape (n,)
        n - 1 for the first task, 0 for the last; a task's number is above its successors'.

    Raises
    ------
    InvalidInputError
        As in `upward_rank`.

    Notes
    -----
    By `upward_rank`; ties by lower index, predecessors always first. O(n P + m + n log n).

    References
    ----------
    Topcuoglu, H., Hariri, S., Wu, M.-Y. (2002). IEEE Transactions on Parallel and Distributed Systems 13.

    Examples
    --------
    >>> import schedkit as sk
    >>> graph = sk.dag.TaskGraph([[1], [5], [1]], [(0, 2), (1, 2)])
    >>> sk.dag.heft_priorities(graph).tolist()
    [1, 2, 0]
    """
    return core_of(graph).heft_priorities(_validation.word(cost, "cost"), native_network(network))
