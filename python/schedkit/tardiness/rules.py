"""Dispatching rules, which build a sequence in one pass: one function for each entry of the core's table."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _validation
from .._text import documented
from .problem import Instance, arrays, unpacked
from .schedule import COLUMNS, SequenceSchedule

__all__ = [
    "atc",
    "augmented_mdd",
    "augmented_mddc",
    "edd",
    "eddc",
    "mdd",
    "mddc",
    "nbr",
    "panneerselvam",
    "psk",
    "spt",
    "wmdd",
    "wspt",
]


class Rule(Protocol):
    """A function that sequences jobs, with the options that all rules share."""

    def __call__(
        self, processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
    ) -> SequenceSchedule:
        """The sequence of the rule."""


class WeightedRule(Protocol):
    """A rule that reads weights."""

    def __call__(
        self,
        processing_time: ArrayLike | Instance,
        due_date: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        *,
        threads: int | None = 1,
    ) -> SequenceSchedule:
        """The sequence of the rule."""


_ENTRIES = {entry["name"]: entry for entry in _core.tardiness_rules()}

RULES = tuple(_ENTRIES)
"""The names of the rules, each a function of this module."""

_DOCUMENTATION = """\
{title}.

Parameters
----------
processing_time : array_like of int, shape (n,) or (k, n), or Instance
    ``p_j >= 0``, in any time unit; each instance's sum is at most 2**53. An `Instance` brings all columns itself; its
    weights count in the totals.
due_date : array_like of int, of the same shape
    ``d_j``, of either sign, at most 2**53 away from 0; left out beside an `Instance`.
{options}threads : int or None, default 1
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
{notes}

References
----------
{source}

Examples
--------
>>> import schedkit as sk
>>> s = sk.tardiness.{name}([4, 7, 2, 9, 5, 3], [6, 9, 14, 16, 11, 8]{weights})
>>> s.sequence.tolist(), s.{total}
{example}
"""

_WEIGHT = """\
weight : array_like of int or float, of the same shape, optional
    ``w_j >= 0``, finite; without weights every job counts once.
"""

_LOOK_AHEAD = """\
k : float, default 2.0
    Look-ahead, positive: how many mean processing times away a due date begins to press.
"""


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
        return SequenceSchedule(**_core.tardiness_rule(rule, k, arrays(processing_time, due_date, weight, 1)))
    jobs = arrays(processing_time, due_date, weight, 2)
    shape = jobs["processing_time"].shape
    flat = {name: None if column is None else column.reshape(-1) for name, column in jobs.items()}
    batch = _core.tardiness_rule_many(rule, k, flat, shape, threads)
    return SequenceSchedule(**batch | {name: batch[name].reshape(shape) for name in COLUMNS})


def _ndim(value: Any) -> int:
    """The number of dimensions: 2 for a batch, else 1."""
    ndim = getattr(value, "ndim", None)
    if ndim is None:
        ndim = 2 if isinstance(value, (list, tuple)) and value and isinstance(value[0], (list, tuple, np.ndarray)) else 1
    return 2 if ndim == 2 else 1


def _documented(function: Any, name: str, options: str = "") -> Any:
    """Gives a function the name and the documentation of its entry."""
    entry = _ENTRIES[name]
    return documented(
        function,
        _DOCUMENTATION,
        entry,
        notes=f"{entry['notes']} {entry['cost']}",
        options=options,
        weights=", [1, 3, 1, 1, 2, 2]" if options else "",
        total="total_weighted_tardiness" if options else "total_tardiness",
    )


def _rule(name: str) -> Rule:
    """The function of an entry that reads processing times and due dates."""

    def rule(
        processing_time: ArrayLike | Instance, due_date: ArrayLike | None = None, *, threads: int | None = 1
    ) -> SequenceSchedule:
        return run(name, processing_time, due_date, None, threads)

    function: Rule = _documented(rule, name)
    return function


def _weighted_rule(name: str) -> WeightedRule:
    """The function of an entry that reads weights as well."""

    def rule(
        processing_time: ArrayLike | Instance,
        due_date: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        *,
        threads: int | None = 1,
    ) -> SequenceSchedule:
        return run(name, processing_time, due_date, weight, threads)

    function: WeightedRule = _documented(rule, name, _WEIGHT)
    return function


def atc(
    processing_time: ArrayLike | Instance,
    due_date: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    k: float = 2.0,
    *,
    threads: int | None = 1,
) -> SequenceSchedule:
    """Apparent tardiness cost; the entry's documentation replaces this text."""
    return run("atc", processing_time, due_date, weight, threads, _validation.float_scalar(k, "k"))


_documented(atc, "atc", _WEIGHT + _LOOK_AHEAD)

spt = _rule("spt")
edd = _rule("edd")
wspt = _weighted_rule("wspt")
mdd = _rule("mdd")
psk = _rule("psk")
wmdd = _weighted_rule("wmdd")
panneerselvam = _rule("panneerselvam")
nbr = _rule("nbr")
eddc = _rule("eddc")
mddc = _rule("mddc")
augmented_mdd = _rule("augmented_mdd")
augmented_mddc = _rule("augmented_mddc")
