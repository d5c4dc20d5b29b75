"""Dispatching rules, which build a sequence in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _validation
from .problem import Instance, columns, unpacked
from .schedule import SequenceSchedule

RULES = (
    "spt",
    "edd",
    "mdd",
    "wmdd",
    "psk",
    "panneerselvam",
    "atc",
    "wspt",
    "nbr",
    "eddc",
    "mddc",
    "augmented_mdd",
    "augmented_mddc",
)
"""The rules, each a function of this module."""


def edd(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Earliest due date, optimal for ``1 || L_max`` and a start for ``1 || sum T_j``.

    Parameters
    ----------
    processing_time : array_like of int, shape (n,) or (k, n), or Instance
        ``p_j >= 0``, in any time unit; each instance's sum is at most 2**53. An `Instance` brings all columns itself; its
        weights count in the totals.
    due_date : array_like of int, of the same shape
        ``d_j``, of either sign, at most 2**53 away from 0; left out beside an `Instance`.
    threads : int or None, default 1
        Threads for a batch, None means all cores; the answer is the same.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        Shapes that differ, negative times, sums beyond 2**53, values that are not whole numbers; names the field and index.

    Notes
    -----
    Ties: shorter first, then lower index. O(n log n), linear where due date, time and index fit 64 bits together.

    References
    ----------
    Jackson, J. R. (1955). Scheduling a production line to minimize maximum tardiness. UCLA research report 43.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.edd([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 1, 4, 2, 3], 34)
    """
    return run("edd", processing_time, due_date, None, threads)


def spt(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Shortest processing time, optimal for ``1 || sum C_j``, and for ``1 || sum T_j`` when every job is late anyway.

    Parameters
    ----------
    processing_time, due_date, threads
        As in `edd`.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    Ties: earlier due date first, then lower index. O(n log n).

    References
    ----------
    Smith, W. E. (1956). Various optimizers for single-stage production. Naval Research Logistics Quarterly 3.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.spt([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([2, 5, 0, 4, 1, 3], 32)
    """
    return run("spt", processing_time, due_date, None, threads)


def mdd(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Modified due date for ``1 || sum T_j``: repeatedly takes the job with the smallest ``max(t + p_j, d_j)``.

    Parameters
    ----------
    processing_time, due_date, threads
        As in `edd`.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    Ties: lower index. O(n log n).

    References
    ----------
    Baker, K. R., Bertrand, J. W. M. (1982). A dynamic priority rule for scheduling against due-dates. J. of Operations
    Management 3.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.mdd([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("mdd", processing_time, due_date, None, threads)


def psk(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Panwalkar, Smith and Koulamas's heuristic for ``1 || sum T_j``.

    Parameters
    ----------
    processing_time, due_date, threads
        As in `edd`.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    Its search in order of processing times chooses the smallest ``(max(t + p_j, d_j), p_j, d_j, j)``: `mdd` with other ties.
    O(n log n).

    References
    ----------
    Panwalkar, S. S., Smith, M. L., Koulamas, C. P. (1993). A heuristic for the single machine tardiness problem. EJOR 70.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.psk([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("psk", processing_time, due_date, None, threads)


def panneerselvam(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Panneerselvam's rule for ``1 || sum T_j``: the largest ``(R - d_j) / p_j`` next, R the total time that remains.

    Parameters
    ----------
    processing_time, due_date, threads
        As in `edd`.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    A float64 quotient; jobs that take no time go first, by index. Ties: higher index, as in the published code. O(n^2).

    References
    ----------
    Panneerselvam, R. (2006). Simple heuristic to minimize total tardiness in a single machine scheduling problem. International
    Journal of Advanced Manufacturing Technology 30.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.panneerselvam([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([2, 5, 0, 4, 1, 3], 32)
    """
    return run("panneerselvam", processing_time, due_date, None, threads)


def wspt(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    *,
    threads: int | None = 1,
) -> SequenceSchedule:
    """Weighted shortest processing time, optimal for ``1 || sum w_j C_j``: the largest ``w_j / p_j`` first.

    Parameters
    ----------
    processing_time, due_date, threads
        As in `edd`.
    weight : array_like of int or float, of the same shape, optional
        ``w_j >= 0``, finite; without weights every job counts once.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    A float64 quotient; jobs that take no time go first. Ties: lower index. O(n log n).

    References
    ----------
    Smith, W. E. (1956). Various optimizers for single-stage production. Naval Research Logistics Quarterly 3.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.wspt([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8], [1, 3, 1, 1, 2, 2])
    >>> s.sequence.tolist(), s.total_weighted_tardiness
    ([5, 2, 1, 4, 0, 3], 50)
    """
    return run("wspt", processing_time, due_date, weight, threads)


def wmdd(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    *,
    threads: int | None = 1,
) -> SequenceSchedule:
    """Weighted modified due date for ``1 || sum w_j T_j``: the smallest ``max(p_j, d_j - t) / w_j`` next.

    Parameters
    ----------
    processing_time, due_date, weight, threads
        As in `wspt`.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    A float64 quotient; a job of weight 0 goes last. Ties: lower index. Without weights this is `mdd`. O(n^2).

    References
    ----------
    Kanet, J. J., Li, X. (2004). A weighted modified due date rule for sequencing to minimize weighted tardiness. Journal of
    Scheduling 7.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.wmdd([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8], [1, 3, 1, 1, 2, 2])
    >>> s.sequence.tolist(), s.total_weighted_tardiness
    ([1, 5, 4, 2, 0, 3], 44)
    """
    return run("wmdd", processing_time, due_date, weight, threads)


def atc(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    k: float = 2.0,
    *,
    threads: int | None = 1,
) -> SequenceSchedule:
    """Apparent tardiness cost for ``1 || sum w_j T_j``.

    Parameters
    ----------
    processing_time, due_date, weight, threads
        As in `wspt`.
    k : float, default 2.0
        Look-ahead, positive: how many mean processing times away a due date begins to press.

    Returns
    -------
    SequenceSchedule

    Raises
    ------
    InvalidInputError, InputTypeError
        As `edd`.

    Notes
    -----
    Next is the largest ``w_j / p_j exp(-max(0, d_j - p_j - t) / (k p_mean))``, the mean over all jobs, in float64; jobs that
    take no time go first, by index. Ties: lower index. O(n^2).

    References
    ----------
    Vepsalainen, A. P. J., Morton, T. E. (1987). Priority rules for job shops with weighted tardiness costs. Management Science
    33.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.atc([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8], [1, 3, 1, 1, 2, 2])
    >>> s.sequence.tolist(), s.total_weighted_tardiness
    ([5, 1, 2, 4, 0, 3], 44)
    """
    return run("atc", processing_time, due_date, weight, threads, _validation.float_scalar(k, "k"))


def run(
    rule: str,
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None,
    weight: ArrayLike | None,
    threads: int | None,
    k: float = 2.0,
) -> SequenceSchedule:
    """Runs a rule on one instance or on a batch."""
    if type(threads) is not int or threads != 1:
        threads = _validation.threads(threads)
    processing_time, due_date, weight = unpacked(processing_time, due_date, weight)
    if _ndim(processing_time) == 1:
        arrays, numbers = _core.tardiness_rule(rule, k, *columns(processing_time, due_date, weight, 1))
        return SequenceSchedule(*arrays, *numbers)
    p, d, w = columns(processing_time, due_date, weight, 2)
    flat = None if w is None else w.reshape(-1)
    arrays, numbers = _core.tardiness_rule_many(rule, k, p.reshape(-1), d.reshape(-1), flat, p.shape, threads)
    return SequenceSchedule(*(column.reshape(p.shape) for column in arrays), *numbers)


def _ndim(value: Any) -> int:
    """The number of dimensions: 2 for a batch, else 1."""
    ndim = getattr(value, "ndim", None)
    if ndim is None:
        ndim = 2 if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple, np.ndarray)) else 1
    return 2 if ndim == 2 else 1
