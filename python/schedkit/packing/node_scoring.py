"""The scores by which Kubernetes ranks nodes."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation

Score = Literal["least_allocated", "balanced_allocation", "most_allocated"]


def node_scores(
    demand: ArrayLike, capacity: ArrayLike, *, free: ArrayLike | None = None, score: Score = "least_allocated"
) -> NDArray[np.int64]:
    """The scores by which Kubernetes ranks the nodes for a pod, 0 to 100; the highest is the best.

    Parameters
    ----------
    demand : array_like of int, shape (d,)
        Units of each resource that the item needs.
    capacity : array_like of int, shape (m, d)
        Units of each resource that each node has.
    free : array_like of int, shape (m, d), optional
        Units that are free; everything by default.
    score : {"least_allocated", "balanced_allocation", "most_allocated"}, default "least_allocated"
        The mean over resources of what stays free; 100 times one minus the standard deviation of the used shares; the mean of
        what is used.

    Returns
    -------
    ndarray of int64, shape (m,)
        Rounded down, as Kubernetes does; -1 where the item does not fit. Resources of which a node has nothing do not count.

    Raises
    ------
    InvalidInputError
        Rows of different length, negative numbers, an unknown score.
    InputTypeError
        Anything but whole numbers.

    Notes
    -----
    O(m d).

    References
    ----------
    Kubernetes, plugins NodeResourcesFit and NodeResourcesBalancedAllocation of kube-scheduler.

    Examples
    --------
    A pod that asks for 100m CPU and 16 Gi, on an empty node with 4 CPUs and 32 Gi:

    >>> import schedkit as sk
    >>> sk.packing.node_scores([100, 16], [[4000, 32]]).tolist()
    [73]
    >>> sk.packing.node_scores([100, 16], [[4000, 32]], score="balanced_allocation").tolist()
    [76]
    """
    needs = _validation.int_array(demand, "demand")
    units = _validation.int_array(capacity, "capacity", ndim=2, columns=needs.size)
    left = units if free is None else _validation.int_array(free, "free", ndim=2, columns=needs.size)
    if left.shape != units.shape:
        raise _validation.refuse("free", f"has {left.shape[0]} rows, expected {units.shape[0]}, one for each row of capacity")
    scores: NDArray[np.int64] = _core.node_scores(needs, left, units, _validation.word(score, "score"))
    return scores if needs.size else np.zeros(len(units), np.int64)  # without resources an item fits everywhere
