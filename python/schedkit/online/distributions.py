"""Distributions of sizes: samples, and the moments that queueing formulas need."""

from __future__ import annotations

import abc
import dataclasses
import math
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .. import _core, _validation

#: Integrals end at sizes of so many decimal digits.
_DECADES = 140.0


@dataclasses.dataclass(frozen=True)
class Distribution(abc.ABC):
    """Base: positive sizes S with closed forms for the moments below a threshold."""

    kind: ClassVar[str]

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, _validation.float_scalar(getattr(self, field.name), field.name))
        _core.draw_sizes(self.kind, self._parameters(), 0, 0)  # the core judges the parameters

    def _parameters(self) -> list[float]:
        return [getattr(self, field.name) for field in dataclasses.fields(self)]

    def sample(self, n: int, *, seed: int = 0) -> NDArray[np.float64]:
        """`n` independent sizes, the same for a seed on every machine.

        Parameters
        ----------
        n : int
            How many sizes.
        seed : int, default 0
            The same seed gives the same numbers on every machine.
        """
        count = _validation.int_scalar(n, "n", minimum=0, maximum=2**32 - 2)
        return _core.draw_sizes(self.kind, self._parameters(), count, _validation.seed(seed))

    @property
    def mean(self) -> float:
        """E[S]."""
        return self.partial_moment(1, math.inf)

    @property
    def second_moment(self) -> float:
        """E[S^2]; may be infinite."""
        return self.partial_moment(2, math.inf)

    def survival(self, x: float) -> float:
        """P[S > x].

        Parameters
        ----------
        x : float
            The size that is exceeded.
        """
        return 1.0 - self.partial_moment(0, x)

    def atoms(self) -> list[tuple[float, float]] | None:
        """Sizes and probabilities of a discrete distribution; None for a continuous one."""
        return None

    @abc.abstractmethod
    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x].

        Parameters
        ----------
        k : int
            The moment: 0, 1 or 2.
        x : float
            The largest size that counts; may be infinite.
        """

    @abc.abstractmethod
    def support(self) -> tuple[float, float]:
        """The smallest and the largest size that matter: beyond lies less than 1e-14 of the mean, or the square is no float."""


class _Discrete(Distribution):
    """Base of distributions with finitely many sizes."""

    @abc.abstractmethod
    def atoms(self) -> list[tuple[float, float]]:
        """Sizes, ascending, and probabilities."""

    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x]."""
        return math.fsum(p * size**k for size, p in self.atoms() if size <= x)

    def support(self) -> tuple[float, float]:
        """The smallest and the largest size."""
        sizes = [size for size, _ in self.atoms()]
        return sizes[0], sizes[-1]


@dataclasses.dataclass(frozen=True)
class Deterministic(_Discrete):
    """Every size is `value` > 0.

    Parameters
    ----------
    value : float
        The size of every job, > 0.
    """

    value: float
    kind: ClassVar[str] = "deterministic"

    def atoms(self) -> list[tuple[float, float]]:
        """The only one."""
        return [(self.value, 1.0)]


@dataclasses.dataclass(frozen=True)
class Bimodal(_Discrete):
    """Size `large` with `probability`, else `small`; both > 0.

    Parameters
    ----------
    small, large : float
        The two sizes, > 0.
    probability : float
        How likely `large` is, from 0 to 1.
    """

    small: float
    large: float
    probability: float
    kind: ClassVar[str] = "bimodal"

    def atoms(self) -> list[tuple[float, float]]:
        """Two, or one if both sizes are equal."""
        if self.small == self.large:
            return [(self.small, 1.0)]
        return sorted([(self.small, 1.0 - self.probability), (self.large, self.probability)])


@dataclasses.dataclass(frozen=True)
class Exponential(Distribution):
    """Exponential with `mean_size` > 0.

    Parameters
    ----------
    mean_size : float, default 1.0
        > 0.
    """

    mean_size: float = 1.0
    kind: ClassVar[str] = "exponential"

    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x], by parts."""
        m = self.mean_size
        if x <= 0:
            return 0.0
        if math.isinf(x):
            return float(math.factorial(k) * m**k)
        y = x / m
        if k == 0:
            return -math.expm1(-y)
        tail = math.exp(-y)
        if k == 1:
            return m * (-math.expm1(-y) - y * tail)
        return m * m * (2.0 * (-math.expm1(-y) - y * tail) - y * y * tail)

    def survival(self, x: float) -> float:
        """P[S > x]."""
        return math.exp(-x / self.mean_size) if x > 0 else 1.0

    def support(self) -> tuple[float, float]:
        """From 0."""
        return 0.0, 37.0 * self.mean_size


@dataclasses.dataclass(frozen=True)
class Pareto(Distribution):
    """``P[S > x] = (minimum / x)**shape``; the k-th moment is finite if shape > k.

    Parameters
    ----------
    shape : float
        The exponent of the tail, > 0.
    minimum : float, default 1.0
        The smallest size, > 0.
    """

    shape: float
    minimum: float = 1.0
    kind: ClassVar[str] = "pareto"

    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x]."""
        a, m = self.shape, self.minimum
        if x <= m:
            return 0.0
        scale = a * float(m**k)
        if math.isinf(x):
            return scale / (a - k) if a > k else math.inf
        if a == k:
            return scale * math.log(x / m)
        return float(scale / (k - a) * ((x / m) ** (k - a) - 1.0))

    def survival(self, x: float) -> float:
        """P[S > x]."""
        return float((self.minimum / x) ** self.shape) if x > self.minimum else 1.0

    def support(self) -> tuple[float, float]:
        """Up to where the tail matters no more: its share of the mean falls as the power ``1 - shape`` of the size."""
        decades = 16.0 / (self.shape - 1.0) if self.shape > 1.0 else math.inf
        return self.minimum, self.minimum * 10.0 ** min(decades, max(_DECADES - math.log10(self.minimum), 0.0))


@dataclasses.dataclass(frozen=True)
class LogNormal(Distribution):
    """``exp(mu + sigma * N)``, N standard normal.

    Parameters
    ----------
    mu : float, default 0.0
        Mean of the logarithm.
    sigma : float, default 1.0
        Standard deviation of the logarithm, > 0.
    """

    mu: float = 0.0
    sigma: float = 1.0
    kind: ClassVar[str] = "lognormal"

    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x]."""
        if x <= 0:
            return 0.0
        moment = math.exp(k * self.mu + 0.5 * (k * self.sigma) ** 2)
        if math.isinf(x):
            return moment
        z = (math.log(x) - self.mu) / self.sigma - k * self.sigma
        return moment * 0.5 * math.erfc(-z / math.sqrt(2.0))

    def survival(self, x: float) -> float:
        """P[S > x]."""
        return 0.5 * math.erfc((math.log(x) - self.mu) / self.sigma / math.sqrt(2.0)) if x > 0 else 1.0

    def support(self) -> tuple[float, float]:
        """Eight and a half standard deviations either way; upwards of the sizes weighted by themselves."""
        highest = self.mu + (8.5 + self.sigma) * self.sigma
        return math.exp(self.mu - 8.5 * self.sigma), math.exp(min(highest, max(_DECADES * math.log(10.0), self.mu)))


@dataclasses.dataclass(frozen=True)
class Uniform(Distribution):
    """Uniform between `low` >= 0 and `high` > 0.

    Parameters
    ----------
    low : float
        The smallest size, >= 0.
    high : float
        The largest size, > 0.
    """

    low: float
    high: float
    kind: ClassVar[str] = "uniform"

    def atoms(self) -> list[tuple[float, float]] | None:
        """One if both ends are equal."""
        return [(self.low, 1.0)] if self.low == self.high else None

    def partial_moment(self, k: int, x: float) -> float:
        """E[S^k; S <= x]."""
        if self.low == self.high:
            return self.low**k if self.low <= x else 0.0
        top = min(x, self.high)
        if top <= self.low:
            return 0.0
        return (top ** (k + 1) - self.low ** (k + 1)) / ((k + 1) * (self.high - self.low))

    def support(self) -> tuple[float, float]:
        """The ends."""
        return self.low, self.high
