"""Heuristics that move jobs or combine several keys: NBR, EDDC, MDDC and their augmented forms."""

from __future__ import annotations

from numpy.typing import ArrayLike

from .problem import Instance
from .rules import run
from .schedule import SequenceSchedule


def nbr(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """Net benefit of relocation for ``1 || sum T_j``.

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
    From the end of the `edd` sequence backwards: while the job at a position is tardy, the earlier and longer job whose move to
    right behind it saves most tardiness is moved there. Ties: the job that is earlier in the sequence. O(n^2) a move.

    References
    ----------
    Holsenback, J. E., Russell, R. M. (1992). A heuristic algorithm for sequencing on one machine to minimize total tardiness.
    Journal of the Operational Research Society 43. Reconstructed from its idea.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.nbr([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("nbr", processing_time, due_date, None, threads)


def eddc(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """EDDC for ``1 || sum T_j``, one of two heuristics that a language model found.

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
    Shortest first, ``(p, d, index)``; then each job in turn walks to the front through jobs with later due dates, and passes
    those that would be on time with slack at the moment it reaches them. O(n^2).

    References
    ----------
    Cetinkaya, I., Buyuktahtakin, I. E., Shojaee, P., Reddy, C. K. (2025). Discovering heuristics with large language models for
    mixed-integer programs: single-machine scheduling. arXiv 2510.24013. Defined by the authors' code.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.eddc([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("eddc", processing_time, due_date, None, threads)


def mddc(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """MDDC for ``1 || sum T_j``, one of two heuristics that a language model found.

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
    Next is the smallest ``max(1.1 p + t, d) (1 + theta) + p / (t + m)``, where ``theta = r^2 / (1 + r^2)``,
    ``r = min(1, p / (t + M))``, and M and m are the largest and the mean processing time of the jobs that remain; float64, in
    this order. Ties: earlier due date, then shorter, then lower index. O(n k log n), k a dozen as a rule.

    References
    ----------
    As `eddc`.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.mddc([10, 11, 10, 10, 11, 10], [15, 11, 13, 11, 12, 11])
    >>> s.sequence.tolist(), s.total_tardiness
    ([3, 5, 2, 0, 1, 4], 141)
    """
    return run("mddc", processing_time, due_date, None, threads)


def augmented_mdd(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """`mdd` with moves to the end, for ``1 || sum T_j``.

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
    Whenever the rule has appended a job, the one earlier job whose move to the end of the partial sequence saves most tardiness
    is moved there, if it saves any; of equals the first. O(n) a step and about as much a move, besides the rule.

    References
    ----------
    Bean, J. C., Hall, M. (1985). Accuracy of the modified due date rule. Technical report 85-10, University of Michigan.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.augmented_mdd([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("augmented_mdd", processing_time, due_date, None, threads)


def augmented_mddc(
    processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
) -> SequenceSchedule:
    """`mddc` with moves to the end, for ``1 || sum T_j``.

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
    The moves are those of `augmented_mdd`, and cost as much.

    References
    ----------
    As `mddc` and `augmented_mdd`.

    Examples
    --------
    >>> import schedkit as sk
    >>> s = sk.tardiness.augmented_mddc([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8])
    >>> s.sequence.tolist(), s.total_tardiness
    ([0, 5, 4, 2, 1, 3], 27)
    """
    return run("augmented_mddc", processing_time, due_date, None, threads)
