"""Who joins the batch of a model server, so that its cache suffices."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Any, Generic, Literal, TypeVar

from .. import _core, _validation
from ._arguments import key_error, read_number, read_row, read_waiting, refuse_identity

K = TypeVar("K", bound=Hashable)

AdmissionPolicy = Literal["past_future", "future", "conservative", "aggressive"]
Victim = Literal["newest", "least_done", "least_recompute"]

WINDOW, SAMPLES, RESERVE, _ = _core.serving_defaults()
"""Defaults of admission: answers that are kept, draws of their lengths, and the part of the cache that stays free."""

_HELPERS = {
    "number": read_number,
    "key_error": key_error,
    "row": read_row,
    "refuse": refuse_identity,
    "iterable": read_waiting,
    "deque": deque,
}


class Admission(_core.Admission, Generic[K]):
    """Decides which waiting requests to a language model join the batch that runs, one decision at a time.

    A running request holds a token in the cache for each token of its prompt and of its answer, and gives all back when it
    ends. A newcomer may join while the *need* of the batch with it is below ``capacity * (1 - reserve)``; the first that may
    not stops the line. The host reports `start`, then `advance` after each step, then `finished`; it calls `evict` when the
    cache overflows after all.

    Parameters
    ----------
    capacity : int
        Tokens that the cache holds, 0 to 2**53.
    policy : str, default "past_future"
        The need of a batch. ``"future"``: the largest use that it will come to if every answer has its maximal length and no
        other request joins, that is the maximum over k of ``k * L_k + C_1 + ... + C_k`` for tokens held C and left L, sorted by
        L descending. ``"past_future"``: the same for lengths of answers that are drawn from recent ones; of several draws the
        largest counts. ``"conservative"``: the sum of C + L. ``"aggressive"``: the sum of C.
    window : int, default 200
        How many recent answers are kept for ``"past_future"``, 0 to 16,777,216. Half of it begins with entries that
        stand for the maximum of the request in question, and leave first.
    samples : int, default 5
        How often lengths are drawn, 1 to 65,536: ``min(samples, 200 // running + 1)`` times.
    reserve : float, default 0.05
        Part of the capacity that stays free, 0 to 1. At 1 nothing is admitted.
    victim : str, default "newest"
        Which request `evict` names: the ``"newest"``, started last; ``"least_done"``, with the fewest tokens of its answer;
        ``"least_recompute"``, with the least ratio C / (C + L): tokens to compute again over those that it would hold at its
        end, without those of its prefix, which others may hold. Ties: newest.
    seed : int, default 0
        Seed of the random draws. Equal seeds and equal calls give equal decisions.

    Attributes
    ----------
    held : int
        Tokens that the batch holds now; those of a common prefix count once, until the last request that has it leaves.

    Raises
    ------
    InvalidInputError
        Numbers out of range, an unknown policy or victim (the message lists the names), a key that runs already, a prefix that
        is known with another length.
    InputTypeError
        Anything but a number where numbers belong, a row of `admit` that is no sequence.
    UnknownKeyError
        A key that does not run.
    IndexError
        `evict` when no request runs.

    Notes
    -----
    O(log n) a call and a waiting request that is read, for n running requests; O(samples log n) with ``"past_future"``. Lengths
    are drawn when requests start, and anew at the first question after their answers have outlived them; a request that has
    produced its maximum is not drawn again and counts as one that is about to end. Safe from several threads. Pickles with its
    state and continues exactly.

    Source: Gong et al. (2025), "Past-Future Scheduler for LLM Serving under SLA Guarantees", ASPLOS.

    Examples
    --------
    >>> import schedkit as sk
    >>> admission = sk.serving.Admission(20, policy="future", reserve=0)
    >>> admission.start("a", 3, 4)
    >>> admission.admit([("b", 10, 1), ("c", 5, 5)])  # with both it would hold 4 + 11 + 6 tokens after a step
    1
    >>> admission.start("b", 10, 1)
    >>> admission.peak(), admission.held
    (15, 13)
    >>> admission.advance()
    >>> admission.finished("b", 1)
    >>> admission.evict(), len(admission)
    ('a', 0)
    """

    __slots__ = ("_options",)

    _options: dict[str, Any]

    def __new__(  # noqa: D102
        cls,
        capacity: int,
        policy: AdmissionPolicy = "past_future",
        *,
        window: int = WINDOW,
        samples: int = SAMPLES,
        reserve: float = RESERVE,
        victim: Victim = "newest",
        seed: int = 0,
    ) -> Admission[K]:
        options = read_options(capacity, policy, window, samples, reserve, victim, seed)
        admission = super().__new__(cls, options, _HELPERS)
        admission._options = options
        return admission

    def __repr__(self) -> str:
        return f"Admission({self._options['capacity']}, {self._options['policy']!r}, {len(self)} running)"

    def __reduce__(self) -> tuple[Any, ...]:
        # Keys travel in the state, not in the arguments, so that they may refer to the admission.
        return _empty, (type(self), self._options), self._save()

    def __setstate__(self, state: tuple[list[K], list[int]]) -> None:
        self._load(*state)


def read_options(
    capacity: Any, policy: Any, window: Any, samples: Any, reserve: Any, victim: Any, seed: Any, *, field: str = "policy"
) -> dict[str, Any]:
    """The options of admission by name, which the core judges; `field` is the name under which the policy was given."""
    return {
        "capacity": _validation.int_scalar(capacity, "capacity", minimum=0, maximum=2**53),
        "policy": _validation.word(policy, field),
        "window": _validation.int_scalar(window, "window", minimum=0, maximum=2**24),
        "samples": _validation.int_scalar(samples, "samples", minimum=1, maximum=2**16),
        "reserve": _validation.float_scalar(reserve, "reserve"),
        "victim": _validation.word(victim, "victim"),
        "seed": _validation.seed(seed),
    }


def _empty(cls: type[Admission[Any]], options: dict[str, Any]) -> Admission[Any]:
    return cls.__new__(cls, **options)
