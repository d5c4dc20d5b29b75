"""Policies on estimates of sizes.

Guarantees are competitive ratios for the total flow time on one machine unless stated; n jobs, P the largest size over the
smallest. "With speed s" compares a server of speed s with an optimum of speed 1.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from .base import BuiltIn


@dataclasses.dataclass(frozen=True)
class SRPTE(BuiltIn):
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

    name: ClassVar[str] = "srpt_e"
    information: ClassVar[str] = "estimate"


@dataclasses.dataclass(frozen=True)
class PSJFE(BuiltIn):
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

    name: ClassVar[str] = "psjf_e"
    information: ClassVar[str] = "estimate"


@dataclasses.dataclass(frozen=True)
class SRPTB(BuiltIn):
    """SRPT with a bounce (``"srpt_b"``).

    The rank falls to 0 as SRPT-E's does, climbs back to the estimate while the job takes as long again, and stays there.
    Climbing jobs of equal rank share; against others they yield. One server if preemption is free.

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

    name: ClassVar[str] = "srpt_b"
    information: ClassVar[str] = "estimate"


@dataclasses.dataclass(frozen=True)
class Balance(BuiltIn):
    """Robust flow time (``"balance"``).

    Classes are powers of two of the estimate. Jobs never run wait by class; jobs that have run lie on a stack whose top
    runs. A waiting job goes onto the stack if that is empty, or if its class is below the top's and at least a quarter of
    all jobs never ran. One server.

    Notes
    -----
    Knows: estimates of sizes. Ties: first in, first out inside a class. Guarantee: O(mu), mu the largest overestimation
    times the largest underestimation, which nobody has to know; Omega(mu) is unavoidable.

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

    name: ClassVar[str] = "balance"
    information: ClassVar[str] = "estimate"
