"""Policies on gradually revealed jobs: one operation is known at a time.

Guarantees are competitive ratios for the total flow time on one machine unless stated; n jobs, P the largest size over the
smallest. "With speed s" compares a server of speed s with an optimum of speed 1.
"""

from __future__ import annotations

from .base import BuiltIn


class OpSRPT(BuiltIn, name="op_srpt"):
    """SRPT on operations (``"op_srpt"``).

    The job whose current operation has the least remaining time runs; later operations, and whether there are any, are
    unknown.

    Notes
    -----
    Knows: the size of the current operation. Ties: the running job (also between its operations), then the later operation,
    then lower index. Guarantee: 2 if first operations are equal (uniform tests), which is best possible.

    References
    ----------
    Lindermayr et al. (2026). arXiv 2602.12716.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3], operations=[[4, 2, 8], [1, 1], [2, 5], [16]])
    >>> sk.online.simulate(jobs, sk.online.OpSRPT()).completion_time.tolist()
    [23.0, 3.0, 15.0, 39.0]
    """


class ChunkBalance(BuiltIn, name="chunk_balance"):
    """Balance on chunks of gradually revealed jobs (``"chunk_balance"``).

    A reconstruction ('chunked Balance after Lindermayr et al. 2026'), not the authors' text. A chunk is a run of operations
    of one job whose classes do not exceed that of the first; `Balance` runs on chunks, which end when they are seen to. One
    server.

    Parameters
    ----------
    theta : float, default 4.0
        Untouched chunks count when theta times their number reaches the number of jobs; >= 1.
    chunk_rule : {"record_class", "volume"}, default "record_class"
        When the next operation joins the chunk: its class is at most that of the chunk's first operation, or its size is at
        most what has been processed of the chunk.

    Notes
    -----
    Knows: the size of the current operation. Ties: first in, first out inside a class; a new chunk goes to the back.
    Guarantee: none proven here: the chunks are meant to give O(m1 m2), m1 chunks of at most m2 operations, after the
    paper's O(m^2).

    References
    ----------
    Lindermayr et al. (2026). arXiv 2602.12716; Gupta, Kumar, Panigrahi, Wang (2026). SODA.

    Examples
    --------
    >>> import schedkit as sk
    >>> jobs = sk.online.Jobs([0, 1, 2, 3], operations=[[4, 2, 8], [1, 1], [2, 5], [16]])
    >>> sk.online.simulate(jobs, sk.online.ChunkBalance()).completion_time.tolist()
    [23.0, 3.0, 15.0, 39.0]
    """

    theta: float = 4.0
    chunk_rule: str = "record_class"
