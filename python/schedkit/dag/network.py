"""The links between processors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation


class Network:
    """Links between processors: ``d`` units take ``latency[p, q] + d / bandwidth[p, q]`` from p to q, and nothing if p = q.

    Parameters
    ----------
    bandwidth : float or array_like, shape (P, P), default 1
        Data per time, one number for all links or a matrix ``[source, target]``; > 0, infinite is legal.
    latency : float or array_like, shape (P, P), default 0
        Time added to every message between different processors, also to one without data; finite, >= 0.

    Raises
    ------
    InvalidInputError
        A bandwidth of 0 or below, a negative or infinite latency, NaN, matrices that are not square or differ in size.
    InputTypeError
        Anything that is not a number where numbers belong.

    Notes
    -----
    There is no contention: messages do not hinder each other. The diagonal of a matrix is ignored. A matrix whose links are all
    equal is recognised, and scheduled as fast as a single number. Networks are immutable, compare by content and can be
    pickled.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.Network(bandwidth=[[0, 2.0], [4.0, 0]], latency=1.0)
    Network(bandwidth=(2, 2), latency=1.0)
    """

    __slots__ = ("_native", "bandwidth", "latency")

    bandwidth: float | NDArray[np.float64]
    latency: float | NDArray[np.float64]
    _native: _core.Network

    def __init__(self, bandwidth: float | ArrayLike = 1.0, latency: float | ArrayLike = 0.0) -> None:
        b, t = _per_link(bandwidth, "bandwidth"), _per_link(latency, "latency")
        object.__setattr__(self, "_native", _core.Network(b, t))
        object.__setattr__(self, "bandwidth", b if isinstance(b, float) else _validation.readonly(b))
        object.__setattr__(self, "latency", t if isinstance(t, float) else _validation.readonly(t))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a network is immutable, cannot set {name!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a network is immutable, cannot delete {name!r}")

    def __repr__(self) -> str:
        shown = [v if isinstance(v, float) else v.shape for v in (self.bandwidth, self.latency)]
        return f"Network(bandwidth={shown[0]}, latency={shown[1]})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        pairs = ((self.bandwidth, other.bandwidth), (self.latency, other.latency))
        return all(_same(a, b) for a, b in pairs)

    def __hash__(self) -> int:
        columns = (self.bandwidth, self.latency)
        return hash(tuple((np.asarray(value) + 0.0).tobytes() for value in columns))  # -0 and 0 are equal

    def __reduce__(self) -> tuple[Any, ...]:
        return Network, (self.bandwidth, self.latency)


def _per_link(value: Any, field: str) -> float | NDArray[np.float64]:
    if getattr(value, "ndim", 0) == 0 and not hasattr(value, "__len__"):
        return _validation.float_scalar(value, field, infinite=True)
    return _validation.float_array(value, field, ndim=2, judge=False)


def _same(a: float | NDArray[np.float64], b: float | NDArray[np.float64]) -> bool:
    return np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True)


_DEFAULT = Network()


def native_network(network: Network | None) -> _core.Network:
    """The core's network; None stands for bandwidth 1 and latency 0."""
    if network is None:
        return _DEFAULT._native
    if not isinstance(network, Network):
        raise _validation.refuse_type("network", "must be a Network or None", network)
    return network._native
