"""Random clusters and memory models with a seed, for tests and comparisons."""

from __future__ import annotations

import numpy as np

from .. import _validation
from .inputs import Buffers, Cluster

_NODES = ((4000, 16384), (8000, 32768), (16000, 32768))
"""Thousandths of processors and MiB of the kinds of nodes."""


def cluster(
    num_nodes: int = 16, *, load: float = 0.95, priorities: int = 4, running: float = 0.0, apart: int = 0, seed: int = 0
) -> Cluster:
    """A random cluster of nodes of three kinds, with pods that need processors and memory.

    Parameters
    ----------
    num_nodes : int, default 16
    load : float, default 0.95
        Pods are drawn until one resource would be asked for more than this share of what the nodes have; above 1 not all fit.
    priorities : int, default 4
        Priorities are drawn from 0 to one below it.
    running : float, default 0
        The share of pods, at most 1, that are offered to a random node in turn, and run there if they fit.
    apart : int, default 0
        Number of groups of at most four pods that must not share a node; what runs is not split up for them.
    seed : int, default 0

    Returns
    -------
    Cluster

    Raises
    ------
    InvalidInputError
        A number out of range.

    Notes
    -----
    Pods need 250 to 3000 thousandths of a processor in steps of 250, and 256 to 8192 MiB in steps of 256, all equally likely.

    Examples
    --------
    >>> import schedkit as sk
    >>> c = sk.packing.cluster(8, seed=1)
    >>> c.capacity.shape, sk.packing.place(**c.arguments(), max_nodes=0).node.shape == c.priority.shape
    ((8, 2), True)
    """
    count = _validation.int_scalar(num_nodes, "num_nodes", minimum=0, maximum=10**6)
    share = _validation.float_scalar(load, "load", minimum=0.0)
    levels = _validation.int_scalar(priorities, "priorities", minimum=1, maximum=10**6)
    groups = _validation.int_scalar(apart, "apart", minimum=0, maximum=10**6)
    runs = _validation.float_scalar(running, "running", minimum=0.0)
    if share > 100:
        raise _validation.refuse("load", "must be <= 100", value=load)
    if runs > 1:
        raise _validation.refuse("running", "must be <= 1, a share", value=running)
    random = np.random.default_rng(_validation.seed(seed))
    capacity = np.array(_NODES, dtype=np.int64)[random.integers(0, len(_NODES), count)].reshape(-1, 2)
    most = capacity.sum(axis=0) * share
    drawn = int(most.max(initial=0.0) / 250) + 1
    pods = np.column_stack((250 * random.integers(1, 13, drawn), 256 * random.integers(1, 33, drawn)))
    demand = pods[: int((np.cumsum(pods, axis=0) <= most).all(axis=1).sum())]
    n = len(demand)
    current = np.full(n, -1, dtype=np.int64)
    free = np.array(capacity)
    if count:
        for i in np.flatnonzero(random.random(n) < runs):
            v = int(random.integers(0, count))
            if (demand[i] <= free[v]).all():
                current[i] = v
                free[v] -= demand[i]
    sets = [sorted(random.choice(n, size=min(4, n), replace=False).tolist()) for _ in range(groups if n else 0)]
    frozen = _validation.readonly
    return Cluster(
        demand=frozen(demand),
        capacity=frozen(capacity),
        priority=frozen(random.integers(0, levels, n)),
        current=frozen(current),
        allowed=[None] * n,
        apart=sets,
        resource_names=("cpu", "memory"),
        item_names=tuple(f"pod-{i}" for i in range(n)),
        node_names=tuple(f"node-{v}" for v in range(count)),
    )


def model(num_buffers: int = 200, *, depth: float = 20.0, seed: int = 0) -> Buffers:
    """Random buffers like those of a neural network: many short ones that follow each other, and some that last.

    Parameters
    ----------
    num_buffers : int, default 200
    depth : float, default 20
        About so many buffers are alive at once.
    seed : int, default 0

    Returns
    -------
    Buffers

    Raises
    ------
    InvalidInputError
        A number out of range.

    Notes
    -----
    Starts are even over the time, durations and sizes are log-normal; sizes are multiples of 64.

    Examples
    --------
    >>> import schedkit as sk
    >>> b = sk.packing.model(50, seed=3)
    >>> b, bool((b.start < b.end).all()), bool((b.size % 64 == 0).all())
    (Buffers(n=50), True, True)
    """
    n = _validation.int_scalar(num_buffers, "num_buffers", minimum=0, maximum=10**7)
    alive = _validation.float_scalar(depth, "depth", minimum=0.0)
    if alive > 10**6:
        raise _validation.refuse("depth", "must be <= 1000000", value=depth)
    random = np.random.default_rng(_validation.seed(seed))
    start = np.sort(random.integers(0, 10 * n + 1, n))
    duration = 1 + (10 * alive * random.lognormal(-0.5, 1.0, n)).astype(np.int64)
    size = 64 * (1 + np.minimum(random.lognormal(5.0, 1.5, n), 1e6).astype(np.int64))
    frozen = _validation.readonly
    return Buffers(frozen(start), frozen(start + duration), frozen(size), tuple(str(i) for i in range(n)))
