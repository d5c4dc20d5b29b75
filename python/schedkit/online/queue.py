"""The policy queue: the policies, one decision at a time, for use inside another scheduler."""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

import numpy as np
from numpy.typing import ArrayLike

from .. import _core, _validation
from ..errors import InvalidInputError, UnknownKeyError
from ..schedule import Result
from .own_ranks import OwnRanks
from .policies import BuiltIn, from_name
from .policies.blind import EDF

K = TypeVar("K", bound=Hashable)


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class QueueStats(Result):
    """Statistics of a queue.

    Attributes
    ----------
    waiting : int
        Keys in the queue.
    oldest : float
        How long the oldest of them has been there, 0.0 if there is none.
    served : int
        Keys that were popped.
    mean_flow_time : float
        Mean time from `add` to `pop` of those, 0.0 if there are none.
    """

    kind: ClassVar[str] = "queue_stats"

    waiting: int
    oldest: float
    served: int
    mean_flow_time: float


class PolicyQueue(_core.PolicyQueue, Generic[K]):
    """A queue that gives its keys in the order of a policy: ``1 | pmtn, online | sum F_j``, decision by decision.

    A key is in the queue from `add` to `pop` or `remove`. There are two ways to use it. `pop` dispatches a key for good; to
    resume it, add it again with ``attained=``. Or `peek`, run the key for a while, report that by `progress`, and `remove` it
    when it is done.

    Parameters
    ----------
    policy : str or policy object, default "srpt"
        One of `schedkit.online.POLICIES`, or an object with parameters such as ``sk.online.SRPTAgeing(rate=0.5)``. Gittins
        needs its distribution.
    key : callable, optional
        Own ranks instead of a policy: called with each key alone, once at `add` and again at `reprioritise`; its
        answer may be anything that compares, and lower answers go first. Answers must not use the queue when they are compared.
    strict_time : bool, default False
        Whether a time before the last one is an error; if not, it counts as the last one, and in `clock_skew`.

    Attributes
    ----------
    policy : policy object
        None for own ranks.
    strict_time : bool
    clock_skew : int
        How many times lay before the last one.

    Raises
    ------
    InvalidInputError
        An unknown policy (the message lists the names), parameters out of range, Gittins without a distribution, a policy
        beside `key`. From methods: a key that is there already, numbers that are not finite, negative sizes or amounts, an
        arrival after `now`, a size or an estimate that the policy needs and was not given, `progress` beyond a size that the
        policy knows, `reveal` for a policy that takes none.
    InputTypeError
        Anything but a number where numbers belong; a policy of your own; a `key` that cannot be called, or whose
        answers do not compare.
    UnknownKeyError
        A key that is not there.
    IndexError
        `peek` or `pop` of an empty queue.

    Notes
    -----
    The rules are those of `simulate`, by the same code. Every policy is handed only what its information model reveals: sizes
    given to a policy that knows none stay unread. The key that was run last, by `progress`, is the *running* one: it wins ties,
    and it stays first under policies that do not preempt. Lower index means earlier arrival, then added earlier. A key arrives
    when it is added, or when ``arrival=`` says.

    Where several keys run at a time, `peek_many` gives the set that should run, and `victim` the running key that should leave
    first. To these two, keys that had `progress` and are still in the queue are running; they win ties. Own ranks preempt;
    their ties go to the running key, then by arrival, then to the key that was added earlier.

    Methods take ``now=`` in any unit, which never goes back; without it they read the monotonic clock, in seconds. Use one of
    the two throughout.

    O(log n) an operation, O(log² n) amortised for HRRN; iteration is O(n log n) and gives the order in which keys would be
    popped now; `stats` is O(n). At most 200 bytes a key. Safe from several threads; a key's ``__eq__`` may call
    the queue. Pickles with its state, clock included, and continues exactly.

    Under policies that share a server (`ps`, `las`, `llf`, `srpt_b`, `slf`) `allocation` gives the part of each key. Their
    `peek` and `pop` give the member of the group that comes first: least rank, then lower index; under `ps` the key that has
    had the least service since it was added, by start-time fair queueing (Goyal, Vin, Cheng 1996).

    Examples
    --------
    >>> import schedkit as sk
    >>> queue = sk.online.PolicyQueue("srpt")
    >>> queue.add("report", size=8, now=0)
    >>> queue.add("query", size=2, now=1)
    >>> queue.peek(now=1)
    'query'
    >>> queue.progress("query", 1.5, now=2.5)  # it was run for a while
    >>> queue.pop(now=2.5), len(queue), "report" in queue
    ('query', 1, True)
    >>> queue.stats(now=4)
    QueueStats(waiting=1, oldest=4.0, served=1, mean_flow_time=1.5)

    Own ranks, and levels of urgency above them:

    >>> queue = sk.online.PolicyQueue(key=lambda name: (len(name), name))
    >>> for name in ("pear", "fig", "apple", "date"):
    ...     queue.add(name, level=1 if name == "fig" else 0, now=0)
    >>> list(queue)
    ['date', 'pear', 'apple', 'fig']
    """

    __slots__ = ("_policy", "_ranks", "_strict_time")

    _policy: BuiltIn
    _ranks: OwnRanks | None
    _strict_time: bool

    def __new__(  # noqa: D102
        cls, policy: str | BuiltIn | None = None, *, key: Callable[[K], Any] | None = None, strict_time: bool = False
    ) -> PolicyQueue[K]:
        if key is not None:
            if policy is not None:
                raise _validation.refuse("key", "is instead of a policy: give one of the two")
            if not callable(key):
                raise _validation.refuse_type("key", "must be callable with a key", key)
            policy = EDF()
        chosen: Any = "srpt" if policy is None else policy
        if isinstance(chosen, str):
            chosen = from_name(chosen)
        if not isinstance(chosen, BuiltIn):
            raise _validation.refuse_type("policy", "must be a name or a policy of this package", policy)
        strict = _validation.flag(strict_time, "strict_time")
        kind: type[PolicyQueue[K]] = cls if key is None else _with_own_ranks(cls)
        offset = time.monotonic()
        queue = super().__new__(kind, chosen._native(), strict, offset, _number, _key_error)
        queue._policy, queue._strict_time, queue._ranks = chosen, strict, None if key is None else OwnRanks(key)
        return queue

    @property
    def policy(self) -> BuiltIn | None:
        """The policy, with its parameters; None for own ranks."""
        return self._policy if self._ranks is None else None

    @property
    def strict_time(self) -> bool:
        """Whether a time before the last one is an error."""
        return self._strict_time

    if TYPE_CHECKING:  # the compiled methods, with the type of the keys

        def peek(self, now: float | None = None) -> K: ...  # noqa: D102
        def pop(self, now: float | None = None) -> K: ...  # noqa: D102
        def victim(self, now: float | None = None) -> K | None: ...  # noqa: D102
        def allocation(self, now: float | None = None) -> list[tuple[K, float]]: ...  # noqa: D102
        def __iter__(self) -> Iterator[K]: ...

    def add_many(
        self,
        keys: Iterable[K],
        *,
        size: ArrayLike | None = None,
        now: float | None = None,
        attained: ArrayLike | None = None,
        weight: ArrayLike | None = None,
        estimate: ArrayLike | None = None,
        deadline: ArrayLike | None = None,
        arrival: ArrayLike | None = None,
        level: ArrayLike | None = None,
    ) -> None:
        """Adds keys in their order, all at one time: all of them, or none if one is refused.

        Parameters
        ----------
        keys : iterable of hashable
        size, attained, weight, estimate, deadline, arrival : array_like of float, or float, optional
            One for each key, or one for all; as in `add`.
        level : array_like of int, or int, optional
            One for each key, or one for all; as in `add`.
        now : float, optional
        """
        try:
            iterator = iter(keys)
        except TypeError:
            raise _validation.refuse_type("keys", "must be keys", keys) from None
        listed = list(iterator)
        given = {"size": size, "attained": attained, "weight": weight, "estimate": estimate, "deadline": deadline}
        given.update(arrival=arrival, level=level)
        columns = {field: None if column is None else _column(column, field, len(listed)) for field, column in given.items()}
        self._add_many(listed, None if now is None else _validation.float_scalar(now, "now"), columns)

    def pop_many(self, k: int, now: float | None = None) -> list[K]:
        """The next `k` keys, in order, or all if there are fewer; they leave. Quicker than as many pops.

        The call is one step for other threads and for signals, so that no key is lost: Ctrl-C is heard when it is over. A
        million keys take about a second; take them in portions where that is too long.

        Parameters
        ----------
        k : int
            How many keys, >= 0.
        now : float, optional
            The time; without it the monotonic clock is read.
        """
        return cast("list[K]", self._pop_many(_count(k), now))

    def peek_many(self, k: int, now: float | None = None) -> list[K]:
        """The keys that should run if `k` can run at a time, or all if there are fewer; they stay.

        They stand in the order in which they would be popped now. Keys that had `progress` and are still in the queue count as
        running: they win ties, and under policies that do not preempt they stay, even if others would be popped before them.
        O((k + running) log n), or O(n log n) under policies that look at all keys at once (`balance` and its like).

        Parameters
        ----------
        k : int
            How many keys, >= 0.
        now : float, optional
            The time; without it the monotonic clock is read.

        Examples
        --------
        >>> import schedkit as sk
        >>> queue = sk.online.PolicyQueue("srpt")
        >>> queue.add_many("abc", size=[5, 3, 9], now=0)
        >>> queue.peek_many(2, now=0)
        ['b', 'a']
        >>> queue.progress("a", 1, now=1)
        >>> queue.progress("b", 1, now=1)
        >>> queue.add("d", size=1, now=1)
        >>> queue.victim(now=1), queue.peek_many(2, now=1)
        ('a', ['d', 'b'])
        """
        return cast("list[K]", self._peek_many(_count(k), now))

    def stats(self, now: float | None = None) -> QueueStats:
        """The statistics of the queue at this moment; O(n).

        Parameters
        ----------
        now : float, optional
            The time; without it the monotonic clock is read.
        """
        return QueueStats(**self._stats(now))

    def __repr__(self) -> str:
        rule = repr(self._policy) if self._ranks is None else f"key={self._ranks.key!r}"
        return f"PolicyQueue({rule}, {len(self)} waiting)"

    def __reduce__(self) -> tuple[Any, ...]:
        # Keys travel in the state, not in the arguments, so that they may refer to the queue.
        cls = getattr(type(self), "_asked_for", type(self))
        return _empty, (cls, self.policy, self.strict_time), (*self._save(), getattr(self, "__dict__", None), self._ranks)

    def __setstate__(self, state: tuple[list[K], bytes, dict[str, Any] | None, OwnRanks | None]) -> None:
        keys, record, attributes, self._ranks = state
        self._load(self._policy._native(), keys, record)
        if attributes:
            self.__dict__.update(attributes)


class OwnRankQueue(PolicyQueue[K]):
    """A policy queue whose ranks are the answers of a key function; `PolicyQueue(key=)` makes it.

    The queue below serves the earliest deadline first, and the deadline of a key is the number of its answer.
    """

    __slots__ = ()

    def add(self, key: Hashable, **facts: Any) -> None:  # noqa: D102
        rank = self._own.answer(key)
        with self._own.lock:
            facts["deadline"] = self._own.number(rank, self._deadlines, self._renumber)
            super().add(key, **facts)
            self._own.tidy(len(self), self._deadlines)

    def _add_many(self, keys: list[Any], now: float | None, columns: dict[str, Any]) -> None:
        ranks = [self._own.answer(key) for key in keys]
        with self._own.lock:
            numbers: list[float] = []

            def renumber(new: dict[float, float]) -> None:
                self._renumber(new)
                numbers[:] = [new[number] for number in numbers]

            for rank in ranks:
                numbers.append(self._own.number(rank, lambda: [*self._deadlines(), *numbers], renumber))
            columns["deadline"] = np.array(numbers, np.float64)
            super()._add_many(keys, now, columns)

    def reprioritise(self, key: Hashable, size: float | None = None, now: float | None = None, **facts: Any) -> None:  # noqa: D102
        rank = self._own.answer(key)
        with self._own.lock:
            facts["deadline"] = self._own.number(rank, self._deadlines, self._renumber)
            super().reprioritise(key, size, now, **facts)

    @property
    def _own(self) -> OwnRanks:
        assert self._ranks is not None
        return self._ranks

    def _renumber(self, new: dict[float, float]) -> None:
        self._change_deadlines(list(new), list(new.values()))


_COMBINED: dict[type, Any] = {}
"""For subclasses of the caller, the classes that have own ranks too."""


def _with_own_ranks(cls: type[PolicyQueue[Any]]) -> Any:
    """The class of a queue with own ranks."""
    if issubclass(cls, OwnRankQueue) or issubclass(OwnRankQueue, cls):
        return cls if issubclass(cls, OwnRankQueue) else OwnRankQueue
    if cls not in _COMBINED:
        _COMBINED[cls] = type(cls.__name__, (cls, OwnRankQueue), {"__slots__": (), "_asked_for": cls})
    return _COMBINED[cls]


def _column(given: ArrayLike, field: str, length: int) -> np.ndarray[Any, Any]:
    """A number for each of so many keys; a number that stands alone is meant for all of them."""
    column: Any = given
    if isinstance(given, (int, float, np.number)) and not isinstance(given, bool):
        column = np.full(length, given)
    read: Any = _validation.int_array if field == "level" else functools.partial(_validation.float_array, judge=False)
    array: np.ndarray[Any, Any] = read(column, field)
    if array.size != length:
        raise _validation.refuse(field, f"has length {array.size}, expected {length}")
    return array


def _count(k: int) -> int:
    return k if type(k) is int and 0 <= k < 2**63 else _validation.int_scalar(k, "k", minimum=0, maximum=2**63 - 1)


def _number(value: Any, field: str) -> float:
    """Reads a number for the compiled queue, which judges whether it is finite and in range."""
    return _validation.float_scalar(value, field, infinite=True)


def _key_error(reason: str, key: Any) -> Exception:
    """Makes the exception for a key that is in the queue already, or is not."""
    kind = UnknownKeyError if reason == "is not in the queue" else InvalidInputError
    return _validation.refuse("key", reason, value=key, kind=kind)


def _empty(cls: type[PolicyQueue[Any]], policy: BuiltIn | None, strict: bool) -> PolicyQueue[Any]:
    if policy is None:  # own ranks, which travel in the state too
        return PolicyQueue.__new__(cls, key=hash, strict_time=strict)
    return PolicyQueue.__new__(cls, policy, strict_time=strict)
