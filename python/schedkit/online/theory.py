"""Mean response times of M/G/1 queues in steady state, and of M/M/1, as functions with source.

Poisson arrivals at rate `load` over the mean size, one server of speed 1. All take ``(load, size)`` with ``0 <= load < 1`` and
a `Distribution`; a mean that does not exist is infinite, and sizes whose squares floats cannot hold are refused. For continuous
sizes the integrals are taken by Gauss-Legendre quadrature, to about eight digits (fewer for a `Pareto` shape below 1.05 or a
`LogNormal` sigma below 1e-5).
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable

import numpy as np

from .. import _validation
from .distributions import Distribution

__all__ = ["mg1_fb", "mg1_fcfs", "mg1_ps", "mg1_psjf", "mg1_srpt", "mm1"]


_BEYOND = "its squares are beyond the range of floats"


@functools.cache
def _quadrature() -> list[tuple[float, float]]:
    """Nodes and weights between -1 and 1."""
    nodes, weights = np.polynomial.legendre.leggauss(8)  # made when first needed: the import stays quick
    return list(zip(nodes.tolist(), weights.tolist(), strict=True))


def mm1(load: float, mean_size: float = 1.0) -> float:
    """M/M/1 under any policy that does not know sizes: ``mean_size / (1 - load)``.

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    mean_size : float, default 1.0

    References
    ----------
    Kleinrock, L. (1975). Queueing Systems I, section 3.2.

    Examples
    --------
    >>> from schedkit.online import theory
    >>> theory.mm1(0.5)
    2.0
    """
    rho = _load(load)
    mean = _validation.float_scalar(mean_size, "mean_size")
    if mean <= 0:
        raise _validation.refuse("mean_size", "must be > 0", value=mean)
    return mean / (1.0 - rho)


def mg1_fcfs(load: float, size: Distribution) -> float:
    """First come, first served: ``E[S] + lambda E[S^2] / (2 (1 - load))`` (Pollaczek, Khinchine).

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    size : Distribution
        The distribution of the sizes.

    References
    ----------
    Kleinrock, L. (1975). Queueing Systems I, section 5.6.

    Examples
    --------
    >>> from schedkit.online import theory, workloads
    >>> theory.mg1_fcfs(0.5, workloads.Deterministic(1.0))
    1.5
    """
    rho, rate = _squares(load, size)
    return size.mean + rate * size.second_moment / (2.0 * (1.0 - rho)) if rho > 0 else size.mean


def mg1_ps(load: float, size: Distribution) -> float:
    """Processor sharing: ``E[S] / (1 - load)``, whatever the distribution.

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    size : Distribution
        The distribution of the sizes.

    References
    ----------
    Kleinrock, L. (1976). Queueing Systems II, section 4.4.

    Examples
    --------
    >>> from schedkit.online import theory, workloads
    >>> theory.mg1_ps(0.5, workloads.Deterministic(1.0))
    2.0
    """
    rho, _ = _queue(load, size)
    return size.mean / (1.0 - rho)


def mg1_fb(load: float, size: Distribution) -> float:
    """Foreground-background (least attained service).

    ``E[T(x)] = lambda E[min(S, x)^2] / (2 (1 - r)^2) + x / (1 - r)`` with ``r = lambda E[min(S, x)]``.

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    size : Distribution
        The distribution of the sizes.

    References
    ----------
    Schrage, L. (1967). The queue M/G/1 with feedback to lower priority queues. Management Science 13.

    Examples
    --------
    >>> from schedkit.online import theory, workloads
    >>> round(theory.mg1_fb(0.5, workloads.Exponential(1.0)), 6)
    2.0
    """
    _, rate = _squares(load, size)

    def response(x: float) -> float:
        tail = size.survival(x)
        r = rate * (size.partial_moment(1, x) + x * tail)
        second = size.partial_moment(2, x) + x * x * tail
        return rate * second / (2.0 * (1.0 - r) ** 2) + x / (1.0 - r)

    return _mean(size, response)


def mg1_psjf(load: float, size: Distribution) -> float:
    """Preemptive shortest job first.

    ``E[T(x)] = lambda E[S^2; S <= x] / (2 (1 - r(x-)) (1 - r(x))) + x / (1 - r(x-))`` with ``r(x) = lambda E[S; S <= x]``;
    equal sizes are served first come, first served.

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    size : Distribution
        The distribution of the sizes.

    References
    ----------
    Wierman, A., Harchol-Balter, M., Osogami, T. (2005). Nearly insensitive bounds on SMART scheduling. SIGMETRICS.

    Examples
    --------
    >>> from schedkit.online import theory, workloads
    >>> theory.mg1_psjf(0.5, workloads.Deterministic(1.0)) == theory.mg1_fcfs(0.5, workloads.Deterministic(1.0))
    True
    """
    _, rate = _squares(load, size)

    def response(x: float) -> float:
        below, upto = 1.0 - rate * _below(size, x), 1.0 - rate * size.partial_moment(1, x)
        return rate * size.partial_moment(2, x) / (2.0 * below * upto) + x / below

    return _mean(size, response)


def mg1_srpt(load: float, size: Distribution) -> float:
    """Shortest remaining processing time.

    ``E[T(x)] = lambda (E[S^2; S <= x] + x^2 P[S > x]) / (2 (1 - r(x-)) (1 - r(x))) + integral of 1 / (1 - r(t)) from 0 to x``.

    Parameters
    ----------
    load : float
        Arrival rate times mean size, at least 0 and below 1.
    size : Distribution
        The distribution of the sizes.

    References
    ----------
    Schrage, L., Miller, L. (1966). The queue M/G/1 with the shortest remaining processing time discipline. Operations Research
    14.

    Examples
    --------
    >>> from schedkit.online import theory, workloads
    >>> theory.mg1_srpt(0.9, workloads.Exponential(1.0)) < theory.mg1_psjf(0.9, workloads.Exponential(1.0))
    True
    """
    _, rate = _squares(load, size)

    def waiting(x: float) -> float:
        below, upto = 1.0 - rate * _below(size, x), 1.0 - rate * size.partial_moment(1, x)
        return rate * (size.partial_moment(2, x) + x * x * size.survival(x)) / (2.0 * below * upto)

    # The mean of the integral from 0 to S is the integral of P[S > t] / (1 - r(t)).
    low, high = size.support()
    discrete = size.atoms()
    edges = [0.0, *(x for x, _ in discrete)] if discrete is not None else [0.0, low, *_mesh(low, high)]
    residence = sum(
        _integral(lambda t: size.survival(t) / (1.0 - rate * size.partial_moment(1, t)), a, b)
        for a, b in itertools.pairwise(edges)
        if a < b
    )
    beyond = 0.0 if discrete is not None else _tail(size, high) - high * size.survival(high)
    return _mean(size, waiting) + residence + beyond / (1.0 - rate * size.partial_moment(1, high))


def _load(load: float) -> float:
    rho = _validation.float_scalar(load, "load", minimum=0.0)
    if rho >= 1.0:
        raise _validation.refuse("load", "must be < 1: the queue has no steady state", value=rho)
    return rho


def _queue(load: float, size: Distribution) -> tuple[float, float]:
    """The load and the arrival rate."""
    if not isinstance(size, Distribution):
        raise _validation.refuse_type("size", "must be a Distribution", size)
    rho = _load(load)
    try:
        mean = size.mean
    except OverflowError:
        mean = math.inf
    if math.isinf(mean):
        raise _validation.refuse("size", "has no finite mean")
    if mean == 0.0:
        raise _validation.refuse("size", _BEYOND)
    return rho, rho / mean


def _squares(load: float, size: Distribution) -> tuple[float, float]:
    """The same for formulas that need second moments, at least below a threshold."""
    rho, rate = _queue(load, size)
    try:
        largest = size.support()[1] ** 2
        second = min(size.partial_moment(2, size.support()[1]), size.second_moment)
    except OverflowError:
        largest = second = math.inf
    if math.isinf(largest) or not 1e-290 < second < math.inf:
        raise _validation.refuse("size", _BEYOND)
    return rho, rate


def _below(size: Distribution, x: float) -> float:
    """E[S; S < x]."""
    discrete = size.atoms()
    return size.partial_moment(1, x) if discrete is None else math.fsum(p * s for s, p in discrete if s < x)


def _mean(size: Distribution, response: Callable[[float], float]) -> float:
    """E[response(S)]: by atoms, or as the integral of the density over a mesh, the density being the difference of the tail."""
    discrete = size.atoms()
    if discrete is not None:
        return math.fsum(p * response(x) for x, p in discrete)
    low, high = size.support()
    edges = [low, *_mesh(low, high)]
    total = 0.0
    for a, b in itertools.pairwise(edges):
        total += _stieltjes(size, response, a, b)
    return total + _tail(size, high) * (response(high) / high)  # responses grow as sizes do, in the end


def _tail(size: Distribution, x: float) -> float:
    """E[S; S > x]."""
    return max(size.mean - size.partial_moment(1, x), 0.0)


def _mesh(low: float, high: float) -> list[float]:
    """Panels that grow with the size, from near 0 to the end of the tail."""
    first = low if low > 0 else high * 1e-9
    panels = max(600, math.ceil(60.0 * math.log10(high / first)))
    grown = [first * (high / first) ** (i / panels) for i in range(panels + 1)]
    return grown[1:] if low > 0 else grown


def _integral(f: Callable[[float], float], a: float, b: float) -> float:
    half, middle = 0.5 * (b - a), 0.5 * (a + b)
    return half * math.fsum(w * f(middle + half * x) for x, w in _quadrature())


def _stieltjes(size: Distribution, f: Callable[[float], float], a: float, b: float) -> float:
    """Integral of f over the distribution between a and b: f's quadratic interpolant against exact moments."""
    m0, m1, m2 = (size.partial_moment(k, b) - size.partial_moment(k, a) for k in range(3))
    if size.survival(b) < 1e-6:  # far out nothing is left of the difference of what is below
        m0 = size.survival(a) - size.survival(b)
    if m0 <= 0.0:
        return 0.0
    c = 0.5 * (a + b)
    h = c - a
    fa, fc, fb = f(a), f(c), f(b)
    if not a < c < b:
        return fc * m0
    slope, bend = (fb - fa) / (2.0 * h), (fb - 2.0 * fc + fa) / (2.0 * h * h)
    mean = fc + slope * (m1 / m0 - c) + bend * (m2 / m0 - 2.0 * c * (m1 / m0) + c * c)
    # Over a hair's breadth the moments cancel to noise, but a mean lies between the ends.
    return min(max(mean, min(fa, fc, fb)), max(fa, fc, fb)) * m0
