"""Policies that know sizes.

Guarantees are competitive ratios for the total flow time on one machine unless stated; n jobs, P the largest size over the
smallest. "With speed s" compares a server of speed s with an optimum of speed 1.
"""

from __future__ import annotations

from .base import BuiltIn


class SJF(BuiltIn, name="sjf"):
    """Shortest job first (``"sjf"``).

    Non-preemptive: a free server takes the smallest waiting job.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: lower index. Guarantee: Omega(n), as for every deterministic non-preemptive
    policy; optimal if all jobs are released together.

    References
    ----------
    Smith (1956). Various optimizers for single-stage production. Naval Research Logistics Quarterly 3.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.SJF()).completion_time.tolist()
    [8.0, 12.0, 9.0, 16.0, 10.0]
    """


class SRPT(BuiltIn, name="srpt"):
    """Shortest remaining processing time (``"srpt"``).

    The job with the least remaining time runs; on k servers the k smallest, with migration.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the running job, then lower index. Guarantee: optimal on one machine;
    Theta(min(log P, log(n/k))) on k.

    References
    ----------
    Schrage (1968). Operations Research 16; Leonardi, Raz (2007). Approximating total flow time on parallel machines. JCSS
    73; Grosof, Scully, Harchol-Balter (2018). SRPT for multiserver systems. Performance Evaluation 127.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.SRPT()).completion_time.tolist()
    [16.0, 3.0, 4.0, 9.0, 5.0]
    """


class PSJF(BuiltIn, name="psjf"):
    """Preemptive shortest job first (``"psjf"``).

    The job with the smallest original size runs.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the running job, then lower index. Guarantee: O(1/eps) with speed 1 + eps; mean
    response in M/G/1 at most 1.5 times that of SRPT.

    References
    ----------
    Wierman, Harchol-Balter, Osogami (2005). Nearly insensitive bounds on SMART scheduling. SIGMETRICS.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.PSJF()).completion_time.tolist()
    [16.0, 5.0, 3.0, 9.0, 4.0]
    """


class HDF(BuiltIn, name="hdf"):
    """Highest density first (``"hdf"``).

    The job with the largest weight over size runs.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the running job, then lower index. Guarantee: weighted: O(1/eps) with speed 1 +
    eps; 2-approximate for the weighted completion time.

    References
    ----------
    Becchetti, Leonardi, Marchetti-Spaccamela, Pruhs (2006). Online weighted flow time and deadline scheduling. JDA 4.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], weight=[5, 1, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.HDF()).completion_time.tolist()
    [10.0, 12.0, 3.0, 16.0, 4.0]
    """


class WSRPT(BuiltIn, name="wsrpt"):
    """Weighted SRPT (``"wsrpt"``).

    The job with the largest weight over remaining time runs.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the running job, then lower index. Guarantee: weighted: none is constant without
    speed; with equal weights it is SRPT.

    References
    ----------
    Becchetti, Leonardi, Marchetti-Spaccamela, Pruhs (2006). JDA 4.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], weight=[5, 1, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.WSRPT()).completion_time.tolist()
    [10.0, 12.0, 3.0, 16.0, 4.0]
    """


class BansalDhamdhere(BuiltIn, name="bansal_dhamdhere"):
    """Weight classes (``"bansal_dhamdhere"``).

    Weights are rounded down to powers of two; SRPT runs inside the class with the largest total weight of unfinished jobs.
    One server.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the heavier class; inside a class the running job, then lower index. Guarantee:
    weighted: O(log W), W the largest over the smallest weight.

    References
    ----------
    Bansal, Dhamdhere (2007). Minimizing weighted flow time. ACM Transactions on Algorithms 3.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], weight=[5, 1, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.BansalDhamdhere()).completion_time.tolist()
    [8.0, 12.0, 9.0, 16.0, 10.0]
    """


class HRRN(BuiltIn, name="hrrn"):
    """Highest response ratio next (``"hrrn"``).

    Non-preemptive: a free server takes the job with the largest waiting time over size. No job starves.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: lower index. Guarantee: none known.

    References
    ----------
    Brinch Hansen (1971). Short-term scheduling in multiprogramming systems. SOSP.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.HRRN()).completion_time.tolist()
    [8.0, 12.0, 9.0, 16.0, 10.0]
    """


class SRPTAgeing(BuiltIn, name="srpt_ageing"):
    """SRPT with ageing (``"srpt_ageing"``).

    The job with the least remaining time minus `rate` times the time since its arrival runs. No job starves.

    Parameters
    ----------
    rate : float, default 0.1
        Remaining time forgiven per unit of time since arrival, >= 0.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: the running job, then lower index. Guarantee: `SRPT` for rate 0, first come first
    served as the rate grows.

    References
    ----------
    folklore; linear ageing keeps the order of waiting jobs.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1])
    >>> sk.online.simulate(jobs, sk.online.SRPTAgeing(rate=0.5)).completion_time.tolist()
    [16.0, 3.0, 4.0, 9.0, 5.0]
    """

    rate: float = 0.1


class LLF(BuiltIn, name="llf"):
    """Least laxity first (``"llf"``).

    The jobs with the least deadline minus remaining time share the server equally (a running job's laxity stands still
    while others fall); jobs without a deadline come last. One server.

    Notes
    -----
    Knows: sizes, when jobs arrive. Ties: equal laxity shares; else the running job, then lower index. Guarantee: meets all
    deadlines on one machine if any schedule does.

    References
    ----------
    Mok (1983). Fundamental design problems of distributed systems for the hard-real-time environment. MIT.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], deadline=[9, 8, 16, 14, 30])
    >>> sk.online.simulate(jobs, sk.online.LLF()).completion_time.tolist()
    [10.0, 9.0, 15.0, 14.0, 16.0]
    """
