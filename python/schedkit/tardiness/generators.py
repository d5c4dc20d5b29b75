"""Random instances."""

from __future__ import annotations

from .. import _core, _validation
from .problem import Instance


def potts_van_wassenhove(
    n: int, rdd: float, tf: float, *, weighted: bool = False, negative: bool = True, seed: int = 0
) -> Instance:
    """A random instance as Potts and Van Wassenhove draw them, the benchmark of ``1 || sum T_j`` and ``1 || sum w_j T_j``.

    Parameters
    ----------
    n : int
        Number of jobs.
    rdd : float
        Relative range of due dates, 0 to 1; the papers use 0.2, 0.4, 0.6, 0.8 and 1.0.
    tf : float
        Tardiness factor, 0 to 1, about the share of jobs that will be tardy; the papers use 0.2, 0.4, 0.6, 0.8 (and 1.0).
    weighted : bool, default False
        Whether to draw weights as well; the other columns stay the same.
    negative : bool, default True
        Whether to keep negative due dates; otherwise they become 0.
    seed : int, default 0

    Returns
    -------
    Instance
        Processing times uniform from 1 to 100, weights from 1 to 10, due dates from ``floor(P (1 - tf - rdd / 2))`` to
        ``floor(P (1 - tf + rdd / 2))``, P the sum of processing times.

    Raises
    ------
    InvalidInputError
        A negative `n` or one above 10^8, parameters outside 0 to 1.

    Notes
    -----
    A seed gives the same instance on every machine and in every version. O(n).

    References
    ----------
    Potts, C. N., Van Wassenhove, L. N. (1982). A decomposition algorithm for the single machine total tardiness problem.
    Operations Research Letters 1. The same (1985). A branch and bound algorithm for the total weighted tardiness problem. OR
    33.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.tardiness.potts_van_wassenhove(50, 0.2, 0.6, weighted=True, seed=7)
    Instance(jobs=50, weighted)
    """
    count = _validation.int_scalar(n, "n", minimum=0, maximum=10**8)
    range_of_due_dates, factor = _validation.float_scalar(rdd, "rdd"), _validation.float_scalar(tf, "tf")
    jobs = _core.tardiness_generate(count, range_of_due_dates, factor, _validation.seed(seed))
    if not _validation.flag(negative, "negative"):
        jobs["due_date"] = jobs["due_date"].clip(min=0)
    if not _validation.flag(weighted, "weighted"):
        del jobs["weight"]
    return Instance(**jobs)
