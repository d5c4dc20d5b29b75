"""Random streams of jobs, which depend on the seed alone, and families of hard streams."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .distributions import Bimodal, Deterministic, Distribution, Exponential, LogNormal, Pareto, Uniform
from .problem import Jobs

__all__ = [
    "Bimodal",
    "Deterministic",
    "Distribution",
    "Exponential",
    "LogNormal",
    "MarkovianArrivals",
    "Pareto",
    "PoissonArrivals",
    "Uniform",
    "bounded_noise",
    "log_normal_noise",
    "many_operations",
    "queue",
    "split",
    "stress_a",
    "stress_b",
    "uniform_tests",
]

_LARGEST = 2**32 - 2
#: The families below are built operation by operation.
_MOST_OPERATIONS = 2**24


@dataclasses.dataclass(frozen=True, slots=True)
class PoissonArrivals:
    """A Poisson process with `rate` arrivals per unit of time.

    Parameters
    ----------
    rate : float
        Arrivals per unit of time, > 0.
    """

    rate: float

    def times(self, n: int, *, seed: int = 0) -> NDArray[np.float64]:
        """The first `n` arrivals.

        Parameters
        ----------
        n : int
            How many arrivals.
        seed : int, default 0
            The same seed gives the same numbers on every machine.
        """
        rate = _validation.float_scalar(self.rate, "rate")
        if rate <= 0:
            raise _validation.refuse("rate", "must be > 0", value=rate)
        return _core.poisson_arrivals(_count(n), rate, _validation.seed(seed))


@dataclasses.dataclass(frozen=True, eq=False)
class MarkovianArrivals:
    """A Markovian arrival process (MAP): phase i jumps to j at rate ``d0[i][j]``, and with an arrival at rate ``d1[i][j]``.

    Parameters
    ----------
    d0, d1 : array_like of float, shape (k, k)
        Rates >= 0; the diagonal of `d0` is ignored. Phase 0 is the first.

    References
    ----------
    Neuts, M. F. (1979). A versatile Markovian point process. Journal of Applied Probability 16.

    Examples
    --------
    >>> from schedkit.online.workloads import MarkovianArrivals
    >>> bursts = MarkovianArrivals([[0, 0.1], [0.1, 0]], [[2.0, 0], [0, 0.1]])
    >>> bursts.times(1000, seed=1).size
    1000
    """

    d0: ArrayLike
    d1: ArrayLike
    name: ClassVar[str] = "map"

    def __post_init__(self) -> None:
        for field in ("d0", "d1"):
            rates = _validation.readonly(_validation.float_array(getattr(self, field), field, ndim=2))
            object.__setattr__(self, field, rates)

    def times(self, n: int, *, seed: int = 0) -> NDArray[np.float64]:
        """The first `n` arrivals.

        Parameters
        ----------
        n : int
            How many arrivals.
        seed : int, default 0
            The same seed gives the same numbers on every machine.
        """
        d0, d1 = np.asarray(self.d0, dtype=np.float64), np.asarray(self.d1, dtype=np.float64)
        return _core.map_arrivals(_count(n), d0.ravel().tolist(), d1.ravel().tolist(), _validation.seed(seed))


def queue(
    n: int,
    *,
    load: float,
    size: Distribution | None = None,
    servers: int = 1,
    arrivals: PoissonArrivals | MarkovianArrivals | None = None,
    seed: int = 0,
) -> Jobs:
    """A queue M/G/k: Poisson arrivals and independent sizes.

    Parameters
    ----------
    n : int
    load : float
        Work that arrives per unit of time and server, > 0; 1 and more is overload.
    size : Distribution, default ``Exponential(1.0)``
    servers : int, default 1
    arrivals : PoissonArrivals or MarkovianArrivals, optional
        Instead of the Poisson process that gives `load`.
    seed : int, default 0

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.workloads.queue(1000, load=0.8, size=sk.online.workloads.Pareto(3.5, 1.0), seed=7)
    >>> bool(sk.online.simulate(jobs, "srpt").total_flow_time <= sk.online.simulate(jobs, "fcfs").total_flow_time)
    True
    """
    sizes = Exponential(1.0) if size is None else _distribution(size)
    rho = _validation.float_scalar(load, "load")
    k = _validation.int_scalar(servers, "servers", minimum=1, maximum=2**32)
    if rho <= 0:
        raise _validation.refuse("load", "must be > 0", value=rho)
    process = PoissonArrivals(rho * k / sizes.mean) if arrivals is None else _process(arrivals)
    number = _validation.seed(seed)
    # Two streams far apart, so that sizes do not repeat the draws of the arrivals.
    return Jobs(process.times(n, seed=number), sizes.sample(n, seed=number ^ 0x5EED_0F51_2E5A_11CE))


def log_normal_noise(processing_time: ArrayLike, sigma: float, *, seed: int = 0) -> NDArray[np.float64]:
    """Estimates ``p * exp(sigma * N)``, N standard normal.

    Parameters
    ----------
    processing_time : array_like of float
        The true sizes.
    sigma : float
        Standard deviation of the logarithm of the error, >= 0.
    seed : int, default 0
        The same seed gives the same numbers on every machine.

    Examples
    --------
    >>> from schedkit.online.workloads import log_normal_noise
    >>> log_normal_noise([1.0, 2.0], 0.0).tolist()
    [1.0, 2.0]
    """
    size = _validation.float_array(processing_time, "processing_time")
    return _core.log_normal_estimates(size, _validation.float_scalar(sigma, "sigma", minimum=0.0), _validation.seed(seed))


def bounded_noise(processing_time: ArrayLike, under: float, over: float, *, seed: int = 0) -> NDArray[np.float64]:
    """Estimates between ``p / under`` and ``p * over``, uniform on the logarithmic scale; both factors >= 1.

    Parameters
    ----------
    processing_time : array_like of float
        The true sizes.
    under, over : float
        The largest factors by which a size is under- and overestimated, >= 1.
    seed : int, default 0
        The same seed gives the same numbers on every machine.

    Examples
    --------
    >>> from schedkit.online.workloads import bounded_noise
    >>> bool((bounded_noise([4.0], 2.0, 1.0) >= 2.0).all())
    True
    """
    size = _validation.float_array(processing_time, "processing_time")
    low, high = _validation.float_scalar(under, "under", minimum=1.0), _validation.float_scalar(over, "over", minimum=1.0)
    return _core.bounded_estimates(size, low, high, _validation.seed(seed))


def split(jobs: Jobs, operations: int, *, seed: int = 0) -> Jobs:
    """The same jobs, each cut into operations at uniformly random places; totals stay, but for rounding.

    Parameters
    ----------
    jobs : Jobs
    operations : int
        How many operations each job gets, >= 1.
    seed : int, default 0

    Examples
    --------
    >>> import schedkit as sk
    >>> cut = sk.online.workloads.split(sk.online.Jobs([0, 1], [3.0, 5.0]), 4)
    >>> [len(o) for o in cut.operations]
    [4, 4]
    """
    if not isinstance(jobs, Jobs):
        raise _validation.refuse_type("jobs", "must be a Jobs", jobs)
    m = _validation.int_scalar(operations, "operations", minimum=1, maximum=2**20)
    n = jobs.num_jobs
    cuts = np.sort(Uniform(0.0, 1.0).sample(n * (m - 1), seed=seed).reshape(n, m - 1), axis=1)
    edges = np.concatenate((np.zeros((n, 1)), cuts, np.ones((n, 1))), axis=1)
    return _with_operations(jobs, list(np.diff(edges, axis=1) * jobs.processing_time[:, None]))


def many_operations(
    n: int, *, load: float, size: Distribution, mean_operations: float, servers: int = 1, seed: int = 0
) -> Jobs:
    """A queue whose jobs have a geometric number of independent operations.

    Parameters
    ----------
    n : int
    load : float
    size : Distribution
        Of one operation.
    mean_operations : float
        Mean number of operations of a job, >= 1.
    servers : int, default 1
    seed : int, default 0

    Examples
    --------
    >>> import schedkit as sk
    >>> from schedkit.online.workloads import Exponential, many_operations
    >>> jobs = many_operations(100, load=0.7, size=Exponential(1.0), mean_operations=3.0)
    >>> sk.online.simulate(jobs, "chunk_balance").ratio >= 1
    True
    """
    mean = _validation.float_scalar(mean_operations, "mean_operations", minimum=1.0)
    if mean > _LARGEST:
        raise _validation.refuse("mean_operations", f"must be <= {_LARGEST}", value=mean)
    size = _distribution(size)
    arrivals = queue(n, load=load, size=Deterministic(size.mean * mean), servers=servers, seed=seed)
    number = _validation.seed(seed)
    uniform = Uniform(0.0, 1.0).sample(n, seed=number ^ 0x00DD_BA11)
    # P[M > k] = (1 - 1/mean)^k, by inversion.
    keep = 1.0 - 1.0 / mean
    counts = np.ones(n, dtype=np.int64) if keep == 0.0 else 1 + np.floor(np.log(1.0 - uniform) / np.log(keep)).astype(np.int64)
    pieces = size.sample(int(counts.sum()), seed=number ^ 0x00B5_E55E)
    return Jobs(arrivals.release_time, operations=np.split(pieces, np.cumsum(counts)[:-1]) if n else [])


def _with_operations(jobs: Jobs, operations: list[NDArray[np.float64]]) -> Jobs:
    names = jobs.names
    return Jobs(
        jobs.release_time,
        operations=operations,
        weight=jobs.weight,
        estimate=jobs.estimate,
        deadline=jobs.deadline,
        names=None if names is None else list(names),
    )


def stress_a(m: int, *, n: int = 24, size: float = 64.0, stream: int = 400) -> Jobs:
    """Gradually revealed jobs on which every policy is bad: the ratio grows like m.

    `n` jobs with operations ``size, size + 1, ..., size + m - 1`` at 0, then, when nearly all of that could be done but for
    the last operations, a stream of `stream` jobs of one operation `size`, one every `size`.

    Parameters
    ----------
    m : int
        Operations of each long job, >= 1.
    n : int, default 24
        Long jobs.
    size : float, default 64.0
        Size of the first operations and of the jobs of the stream.
    stream : int, default 400
        Jobs of the stream that follows.

    Examples
    --------
    >>> import schedkit as sk
    >>> round(sk.online.simulate(sk.online.workloads.stress_a(2), "op_srpt").ratio, 3)
    1.851
    """
    m = _validation.int_scalar(m, "m", minimum=1, maximum=2**20)
    n, stream = _job_count(n, "n", m), _job_count(stream, "stream", 1)
    size = _validation.float_scalar(size, "size", minimum=0.0)
    long = [[size + i for i in range(m)]] * n
    start = n * sum(size + i for i in range(m - 1))
    release = [0.0] * n + [start + i * size for i in range(stream)]
    return Jobs(release, operations=[*long, *[[size]] * stream])


def stress_b(m: int, *, stream: int = 3000) -> Jobs:
    """One job of m unit operations and m/2 jobs of one operation 2 at 0, then unit jobs at m, m + 1, ...: the ratio is about m
    / 4.

    Parameters
    ----------
    m : int
        Operations of the long job, >= 1.
    stream : int, default 3000
        Jobs of the stream that follows.

    Examples
    --------
    >>> import schedkit as sk
    >>> round(sk.online.simulate(sk.online.workloads.stress_b(8), "op_srpt").ratio, 3)
    2.495
    """
    m = _validation.int_scalar(m, "m", minimum=1, maximum=2**20)
    stream = _job_count(stream, "stream", 1)
    operations = [[1.0] * m, *[[2.0]] * (m // 2), *[[1.0]] * stream]
    return Jobs([0.0] * (1 + m // 2) + [float(m + i) for i in range(stream)], operations=operations)


def uniform_tests(n: int, size: float, stream: int) -> Jobs:
    """The family on which operation-level SRPT tends to twice the optimum: `n` jobs ``[size, size + 1]`` at 0, then jobs
    ``[size]``.

    Parameters
    ----------
    n : int
        Jobs of two operations at time 0.
    size : float
        Size of the first operations and of the jobs of the stream, >= 0.
    stream : int
        Jobs of the stream that follows.

    Examples
    --------
    >>> import schedkit as sk
    >>> round(sk.online.simulate(sk.online.workloads.uniform_tests(20, 10.0, 20), "op_srpt").ratio, 4)
    1.5433
    """
    count, more = _job_count(n, "n", 2), _job_count(stream, "stream", 1)
    size = _validation.float_scalar(size, "size", minimum=0.0)
    release = [0.0] * count + [count * size + i * size for i in range(more)]
    return Jobs(release, operations=[*[[size, size + 1.0]] * count, *[[size]] * more])


def _job_count(count: int, field: str, operations: int) -> int:
    return _validation.int_scalar(count, field, minimum=0, maximum=_MOST_OPERATIONS // operations)


def _count(n: int) -> int:
    return _validation.int_scalar(n, "n", minimum=0, maximum=_LARGEST)


def _distribution(size: object) -> Distribution:
    if not isinstance(size, Distribution):
        raise _validation.refuse_type("size", "must be a Distribution", size)
    return size


def _process(arrivals: object) -> PoissonArrivals | MarkovianArrivals:
    if not isinstance(arrivals, (PoissonArrivals, MarkovianArrivals)):
        raise _validation.refuse_type("arrivals", "must be PoissonArrivals or MarkovianArrivals", arrivals)
    return arrivals
