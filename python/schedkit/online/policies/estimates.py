"""Policies on estimates of sizes.

Guarantees are competitive ratios for the total flow time on one machine unless stated; n jobs, P the largest size over the
smallest. "With speed s" compares a server of speed s with an optimum of speed 1.
"""

from __future__ import annotations

from .base import BuiltIn


class SRPTE(BuiltIn, name="srpt_e"):
    """SRPT on estimates (``"srpt_e"``).

    The job with the least ``max(estimate - attained, 0)`` runs.

    Notes
    -----
    Knows: estimates of sizes. Ties: the running job, then lower index. Guarantee: unbounded as soon as estimates may be too
    low.

    References
    ----------
    Mitzenmacher (2020). Scheduling with predictions and the price of misprediction. ITCS.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], estimate=[4, 4, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.SRPTE()).completion_time.tolist()
    [13.0, 16.0, 3.0, 7.0, 14.0]
    """


class PSJFE(BuiltIn, name="psjf_e"):
    """PSJF on estimates (``"psjf_e"``).

    The job with the smallest estimate runs.

    Notes
    -----
    Knows: estimates of sizes. Ties: the running job, then lower index. Guarantee: bounded by a function of the largest
    over- and underestimation in M/G/1.

    References
    ----------
    Scully, Grosof, Mitzenmacher (2022). Uniform bounds for scheduling with job size estimates. ITCS.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], estimate=[4, 4, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.PSJFE()).completion_time.tolist()
    [14.0, 16.0, 3.0, 7.0, 8.0]
    """


class SRPTB(BuiltIn, name="srpt_b"):
    """SRPT with a bounce (``"srpt_b"``).

    The rank falls to 0 as SRPT-E's does, climbs back to the estimate while the job takes as long again, and stays there.
    Climbing jobs of equal rank share; against others they yield. One server.

    Notes
    -----
    Knows: estimates of sizes. Ties: else the running job, then lower index. Guarantee: M/G/1: tends to SRPT's mean response
    as estimates get exact, bounded otherwise, without parameters.

    References
    ----------
    Scully, Grosof, Mitzenmacher (2022). Uniform bounds for scheduling with job size estimates. ITCS (the formula was
    not checked against the paper).

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], estimate=[4, 4, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.SRPTB()).completion_time.tolist()
    [14.0, 16.0, 3.0, 7.0, 12.0]
    """


class Balance(BuiltIn, name="balance"):
    """Robust flow time (``"balance"``).

    Classes are powers of two of the estimate. Jobs never run wait by class; jobs that have run lie on a stack whose top
    runs. A waiting job goes onto the stack if that is empty, or if its class is below the top's and at least a quarter of
    all jobs never ran. One server.

    Notes
    -----
    Knows: estimates of sizes. Ties: first in, first out inside a class. Guarantee: O(mu), mu the largest overestimation
    times the largest underestimation, neither of which has to be known; Omega(mu) is unavoidable.

    References
    ----------
    Gupta, Kumar, Panigrahi, Wang (2026). On robust flow time. SODA.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3, 3], [8, 2, 1, 4, 1], estimate=[4, 4, 1, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.Balance()).completion_time.tolist()
    [14.0, 16.0, 3.0, 7.0, 8.0]
    """


class SlackEDF(BuiltIn, name="slack_edf"):
    """Earliest deadline first among the jobs that can still meet theirs (``"slack_edf"``).

    The slack of a job is ``deadline - now - max(prediction - attained, 0)``, where the prediction is the estimate, or the size
    of jobs without one. While its slack is positive, the earliest deadline goes first; all others come behind, the latest
    deadline first.

    Notes
    -----
    Knows: estimates of sizes, sizes where none is given, deadlines. Ties: the running job, then lower index. The order is
    looked at when a job arrives or completes, and when a queue is asked. Guarantee: none; without overload it keeps the order
    of EDF.

    References
    ----------
    The priority ``sign(slack) / deadline`` of FlowPrefill, a scheduler for requests to language models.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 0, 0], [4, 2, 3], deadline=[5, 5, 9])
    >>> sk.online.simulate(jobs, sk.online.SlackEDF()).completion_time.tolist()  # at 4, job 1 cannot end by 5 any more
    [4.0, 9.0, 7.0]
    """


class SLODensity(BuiltIn, name="slo_density"):
    """Highest value over remaining time first (``"slo_density"``).

    The value of a job is its weight, and a tenth of it once its deadline has passed. The remaining time is
    ``max(prediction - attained, 0)``, where the prediction is the estimate, or the size of jobs without one. Estimates may
    grow: `PolicyQueue.reprioritise`.

    Notes
    -----
    Knows: estimates of sizes, sizes where none is given, weights, deadlines. Ties: the running job, then lower index. The order
    is looked at when a job arrives or completes, and when a queue is asked. Guarantee: that of weighted SRPT without deadlines.

    References
    ----------
    The density of JITServe, a scheduler for requests to language models.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 0, 0], [4, 2, 3], deadline=[9, 1, 9], weight=[4, 1, 2])
    >>> sk.online.simulate(jobs, sk.online.SLODensity()).completion_time.tolist()  # by time over weight: 1, 2, 3/2
    [4.0, 9.0, 7.0]
    """
