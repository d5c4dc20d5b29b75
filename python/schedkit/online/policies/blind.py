"""Policies that know nothing of sizes, or their distribution alone.

Guarantees are competitive ratios for the total flow time on one machine unless stated; n jobs, P the largest size over the
smallest. "With speed s" compares a server of speed s with an optimum of speed 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from ... import _validation
from .base import BuiltIn


class FCFS(BuiltIn, name="fcfs"):
    """First come, first served (``"fcfs"``).

    Non-preemptive: the job that arrived first runs to completion.

    Notes
    -----
    Knows: nothing of sizes. Ties: lower index. Guarantee: optimal for the maximum flow time on one machine; unbounded for
    the total.

    References
    ----------
    folklore.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.FCFS()).completion_time.tolist()
    [8.0, 10.0, 11.0, 15.0, 16.0]
    """


class RR(BuiltIn, name="rr"):
    """Round robin (``"rr"``).

    The first job of the queue runs for one quantum, then joins the end, behind jobs that arrive at that moment.

    Parameters
    ----------
    quantum : float, default 1.0
        Service in one turn, > 0.

    Notes
    -----
    Knows: nothing of sizes. Ties: the order of the queue. Guarantee: 2 for the total completion time if all jobs are released
    together and the quantum is small; else as `PS`.

    References
    ----------
    Motwani, Phillips, Torng (1994). Non-clairvoyant scheduling. TCS 130.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.RR(quantum=2.0)).completion_time.tolist()
    [16.0, 4.0, 5.0, 14.0, 10.0]
    """

    quantum: float = 1.0


class PS(BuiltIn, name="ps"):
    """Processor sharing (``"ps"``).

    Every job has the rate min(1, servers / jobs); exact, by virtual time.

    Notes
    -----
    Knows: nothing of sizes. Ties: none are needed. Guarantee: Omega(n / log n); constant with speed above 2; 2 for the
    total completion time if all jobs are released together.

    References
    ----------
    Kleinrock (1967). Time-shared systems. JACM 14; Edmonds (2000). Scheduling in the dark. TCS 235.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.PS()).completion_time.round(3).tolist()
    [16.0, 8.167, 6.333, 13.833, 7.667]
    """


class LAS(BuiltIn, name="las"):
    """Least attained service (foreground-background, SETF) (``"las"``).

    The jobs with the least service share the server equally, exactly. One server.

    Notes
    -----
    Knows: nothing of sizes. Ties: equal service shares; with ``preempt`` other than anywhere the running job, then lower
    index. Guarantee: 1 + 1/eps with speed 1 + eps; Omega(n^(1/3)) without, as for all deterministic policies that know
    nothing.

    References
    ----------
    Kalyanasundaram, Pruhs (2000). Speed is as powerful as clairvoyance. JACM 47.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.LAS()).completion_time.tolist()
    [16.0, 8.0, 3.0, 12.0, 5.0]
    """


class MLF(BuiltIn, name="mlf"):
    """Multi-level feedback (``"mlf"``).

    A job gets ``quantum * 2**i`` of service on level i, then joins the end of level i + 1; the first job of the lowest
    level runs, and a job that is displaced keeps its place.

    Parameters
    ----------
    quantum : float, default 1.0
        Service on level 0, > 0.

    Notes
    -----
    Knows: nothing of sizes. Ties: the line of the level. Guarantee: as bad as all deterministic policies that know nothing:
    Omega(n^(1/3)).

    References
    ----------
    Corbato, Merwin-Daggett, Daley (1962). An experimental time-sharing system. AFIPS.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.MLF()).completion_time.tolist()
    [16.0, 8.0, 3.0, 15.0, 5.0]
    """

    quantum: float = 1.0


class RMLF(BuiltIn, name="rmlf"):
    """Randomised multi-level feedback (``"rmlf"``).

    As `MLF`, but the j-th job to arrive leaves level i with total service ``quantum * 2**i * max(1, 2 - beta)``, beta
    exponential with rate ``gamma * ln(j)``.

    Parameters
    ----------
    quantum : float, default 1.0
        The smallest size that matters, > 0.
    gamma : float, default 12.0
        Rate of beta, > 0; the analysis takes about 12.
    seed : int, default 0
        Chooses the betas.

    Notes
    -----
    Knows: nothing of sizes. Ties: the line of the level. Guarantee: Theta(log n) in expectation, the best without knowing
    sizes.

    References
    ----------
    Kalyanasundaram, Pruhs (2003). Minimizing flow time nonclairvoyantly. JACM 50; Becchetti, Leonardi (2004).
    Nonclairvoyant scheduling to minimize the total flow time on single and parallel machines. JACM 51.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.RMLF()).completion_time.round(3).tolist()
    [16.0, 7.933, 3.949, 12.0, 6.882]
    """

    quantum: float = 1.0
    gamma: float = 12.0
    seed: int = 0


class Gittins(BuiltIn, name="gittins"):
    """Gittins (``"gittins"``).

    The job with the highest ``max_q P[S - a <= q | S > a] / E[min(S - a, q) | S > a]`` runs, a its service; exact for
    discrete distributions. Jobs older than every size come last.

    Parameters
    ----------
    size : array_like of float, optional
        Sizes that occur, > 0; by default those of the simulated jobs, gathered into at most 32 equally likely ones.
    probability : array_like of float, optional
        How likely each is, up to a factor; equally by default.

    Notes
    -----
    Knows: the distribution of sizes. Ties: the running job, then lower index. Guarantee: the best mean response in M/G/1
    without knowing sizes.

    References
    ----------
    Gittins (1989). Multi-armed bandit allocation indices. Wiley; Aalto, Ayesta, Righter (2009). On the Gittins index in the
    M/G/1 queue. Queueing Systems 63.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.Gittins([1, 2, 4, 8])).completion_time.tolist()
    [14.0, 4.0, 5.0, 16.0, 8.0]
    """

    size: tuple[float, ...] | None = None
    probability: tuple[float, ...] | None = None

    def __init__(self, size: ArrayLike | None = None, probability: ArrayLike | None = None) -> None:
        if size is None:
            if probability is not None:
                raise _validation.refuse("probability", "cannot be given without size")
            sizes, weights = None, None
        else:
            sizes = tuple(_validation.float_array(size, "size").tolist())
            ones = np.ones(len(sizes))
            weights = tuple(_validation.float_array(ones if probability is None else probability, "probability").tolist())
        object.__setattr__(self, "size", sizes)
        object.__setattr__(self, "probability", weights)
        self._native()  # the core judges the distribution


class EDF(BuiltIn, name="edf"):
    """Earliest deadline first (``"edf"``).

    The job with the earliest deadline runs; jobs without one come last.

    Notes
    -----
    Knows: nothing of sizes. Ties: the running job, then lower index. Guarantee: meets all deadlines on one machine if any
    schedule does.

    References
    ----------
    Dertouzos (1974). Control robotics. IFIP Congress.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], deadline=[9, 8, 16, 14, 30])
    >>> sk.online.simulate(jobs, sk.online.EDF()).completion_time.tolist()
    [10.0, 3.0, 15.0, 14.0, 16.0]
    """


class SLF(BuiltIn, name="slf"):
    """Smallest lower bound first (``"slf"``).

    A size becomes known when the part `epsilon` of it remains. The job with the smallest lower bound on what remains runs:
    ``epsilon / (1 - epsilon) * attained`` while unknown, the remaining time then. Unknown jobs of equal bound share. One
    server.

    Parameters
    ----------
    epsilon : float, default 0.5
        Between 0 and 1, exclusive.

    Notes
    -----
    Knows: a size when the part `epsilon` of it remains. Ties: known jobs first; among those the running one, then lower
    index. Guarantee: ceil(1 / epsilon), the best of all deterministic policies.

    References
    ----------
    Gupta, Kaplan, Lindermayr, Schloter, Yingchareonthawornchai (2025). A little clairvoyance is all you need. FOCS.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.SLF()).completion_time.tolist()
    [16.0, 6.0, 3.0, 10.0, 4.5]
    """

    epsilon: float = 0.5
