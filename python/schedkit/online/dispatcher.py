"""Live dispatching: keys with predecessors and demands on several resources, one decision at a time."""

from __future__ import annotations

import dataclasses
import functools
import os
import time
from collections.abc import Callable, Hashable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar, cast

from .. import _core, _validation
from ..errors import SchedkitError
from ..schedule import Result
from ._dispatcher_arguments import (
    after_error,
    demand_error,
    key_error,
    read_after,
    read_capacity,
    read_demand,
    read_facts,
    read_number,
    read_order,
    read_units,
)
from ._dispatcher_journal import Journal, Once, policy_as_json, policy_from_json
from .own_ranks import OwnRanks
from .policies import BuiltIn

K = TypeVar("K", bound=Hashable)

_HELPERS = {
    "number": read_number,
    "key_error": key_error,
    "demand": read_demand,
    "demand_error": demand_error,
    "flag": _validation.flag,
    "after": read_after,
    "after_error": after_error,
}
"""What the compiled dispatcher calls for arguments that are not plain."""


def _at_once(method: Callable[[], Any]) -> Any:
    return method()


Backfill = Literal["none", "greedy", "easy", "conservative"]


@dataclasses.dataclass(frozen=True, eq=False, slots=True)
class DispatcherStats(Result):
    """Counts of the keys of a dispatcher.

    Attributes
    ----------
    waiting : int
        Keys that wait, for others or for their turn: in the states "waiting" and "ready" of `Dispatcher.state`. Blocked ones
        are not counted.
    ready : int
        Those of them that wait for their turn alone: in the state "ready".
    running, done, failed, cancelled, blocked : int
        Keys in that state; failed means for good.
    retries : int
        How often a key that had failed became ready again.
    """

    kind: ClassVar[str] = "dispatcher_stats"

    waiting: int
    ready: int
    running: int
    done: int
    failed: int
    cancelled: int
    blocked: int
    retries: int


class Dispatcher(_core.Dispatcher, Generic[K]):
    """Starts keys as soon as what they need is done and their demands fit: ``PS | prec, r_j, online``, decision by decision.

    `submit` adds a key with the keys that it needs, its demands on named resources, and perhaps an estimate of its duration.
    `next` starts keys and returns them. The host runs them and reports `finished` or `failed`. A key starts again only after it
    has failed.

    Parameters
    ----------
    capacity : mapping of str to int
        Units of each resource. Fractions are counted in smaller units, such as thousandths of a core.
    policy : str or policy object, default "fcfs"
        Decides between keys of equal priority: ``"critical_path"``, or a policy of `schedkit.online` under which the order of
        waiting keys stands still, such as ``"sjf"``, ``"edf"`` or ``sk.online.SRPTAgeing(rate=0.5)``.
    backfill : {"none", "greedy", "easy", "conservative"}, default "easy"
        Who may start ahead of a key that comes earlier and does not fit: no key; every key that fits; keys that do not delay
        the first key that does not fit; keys that delay no other one.
    key : callable, optional
        ``key(k)`` gives the rank of a key: anything that compares, such as a number or a tuple, lower first. It is called once,
        by `submit`, and replaces `policy`. Answers must not use the dispatcher when they are compared.
    journal : path-like, optional
        A new file in which every call is recorded before it takes effect, so that `resume` continues after a crash. It grows
        with each call, also with a `next` that starts nothing. Keys are then text, numbers, None or tuples of these, and so are
        the answers of `key`.

    Attributes
    ----------
    capacity : dict
        Units of each resource at the moment.
    policy : policy object, str or None
        None with `key`.
    backfill : str
    waiting : list
        Keys that wait, for others or for their turn, in order; blocked ones are not among them.
    running : list
        Keys that run, in the order in which they were started.
    blocked : dict
        For each blocked key the chain of keys from the one that has failed or was cancelled, each needing the one before.
    clock_skew : int
        How many times lay before the last one.

    Raises
    ------
    InvalidInputError
        An unknown policy or one that changes the order of waiting keys (the message lists the names), a capacity below 0. From
        methods: a key that was submitted before, an unknown resource, a demand above the capacity, numbers that are not finite,
        a negative estimate or size, a size or an estimate that the policy needs and was not given, `finished` or `failed` of a
        key that does not run, `cancel` of one that has ended. All policies take keys without a deadline: under ``"edf"`` they
        come last.
    InputTypeError
        Anything but a number where numbers belong, text or a mapping where keys belong, answers of `key` that do not compare.
    UnknownKeyError
        A key that was never submitted.

    Notes
    -----
    **Order.** Priority, higher first; then the policy's rank; then arrival; then order of submission. A key that failed keeps
    its place. Under ``"critical_path"`` the longest bottom level comes first: the own estimate plus the longest one among the
    keys that need this one, as known when `next` decides.

    **Time.** ``now=`` in any unit, which never goes back: a time before the last one counts as the last one. Without it the
    monotonic clock is read, in seconds. Use one of the two throughout.

    **Estimates** matter to ``"easy"``, ``"conservative"`` and ``"critical_path"``. They may be wrong: a key that ends early
    lets others move up, and one that runs longer pushes them. A key without an estimate counts as endless.

    `docs/reference/online/dispatcher.md` has the rules of reservations. A call of `next` and each start take O(g + log n) where
    the n ready keys have g different demands; ``"easy"`` adds the number of running keys. Under ``"conservative"``, where every
    waiting key holds a reservation, a pass over all of them takes up to O(n**2). All keys ever submitted are remembered.

    Safe from several threads; a key's ``__eq__`` may call the dispatcher. Pickles with its state, clock included, and continues
    exactly. One with a journal does not pickle.

    References
    ----------
    Lifka (1995), JSSPP (EASY backfilling). Feitelson, Mu'alem Weil (1998), IPPS (conservative backfilling). Topcuoglu, Hariri,
    Wu (2002), IEEE TPDS 13 (bottom levels).

    Examples
    --------
    >>> import schedkit as sk
    >>> d = sk.online.Dispatcher({"cpu": 4}, backfill="easy")
    >>> d.submit("A", demand={"cpu": 3}, estimate=10, now=0)
    >>> d.submit("B", demand={"cpu": 4}, estimate=5, now=0)
    >>> d.submit("C", demand={"cpu": 1}, estimate=8, now=0)
    >>> d.submit("D", demand={"cpu": 1}, estimate=12, after=["C"], now=0)
    >>> d.next(now=0), d.reservation("B")  # C ends before B is to start
    (['A', 'C'], 10.0)
    >>> d.failed("C", now=7, retry=False), d.blocked
    (['D'], {'D': ('C', 'D')})
    >>> d.finished("A", now=9)  # earlier than estimated
    >>> d.next(now=9), d.waiting, d.running
    (['B'], [], ['B'])
    """

    __slots__ = ("_backfill", "_names", "_policy", "_ranks")

    _names: tuple[str, ...]
    _policy: BuiltIn | str | None
    _backfill: Backfill
    _ranks: OwnRanks | None

    def __new__(  # noqa: D102
        cls,
        capacity: Mapping[str, int],
        policy: str | BuiltIn = "fcfs",
        backfill: Backfill = "easy",
        *,
        key: Callable[[K], Any] | None = None,
        journal: str | os.PathLike[str] | None = None,
    ) -> Dispatcher[K]:
        if journal is not None:
            return _Journalled._create(cls, journal, capacity, policy, backfill, key)
        return cls._make(capacity, policy, backfill, key)

    @classmethod
    def _make(
        cls, capacity: Any, policy: str | BuiltIn | None, backfill: Backfill, key: Callable[[Any], Any] | None
    ) -> Dispatcher[K]:
        names, amounts = read_capacity(capacity)
        chosen, order = read_order(policy, key)
        rule = _validation.word(backfill, "backfill")
        dispatcher = super().__new__(cls, list(names), amounts, order, rule, time.monotonic(), {**_HELPERS, "rank": key})
        dispatcher._names, dispatcher._policy, dispatcher._backfill = names, chosen, backfill
        dispatcher._ranks = None if key is None else OwnRanks(key)
        return dispatcher

    @staticmethod
    def resume(path: str | os.PathLike[str], *, key: Callable[[Any], Any] | None = None) -> Dispatcher[Any]:
        """The dispatcher of a journal, after the end of the process that wrote it; it goes on in the same file.

        Finished keys stay finished. Keys that were running are ready again, as after ``failed(key, retry=True)``. A last line
        that was not written completely, or whose call is refused, is removed: its call had not returned.

        Parameters
        ----------
        path : path-like
            The journal.
        key : callable, optional
            The own key function of keys that are submitted from now on, if the dispatcher had one.

        Raises
        ------
        FormatError
            A file that is not a journal, or a broken line, whose number it has.
        InvalidInputError
            A journal whose dispatcher is in use, in this process or in another one.
        FileNotFoundError
            No such file.
        """
        return _Journalled._reopen(path, key)

    @property
    def policy(self) -> BuiltIn | str | None:
        """The policy, with its parameters; ``"critical_path"``; or None with an own key function."""
        return self._policy

    @property
    def backfill(self) -> Backfill:
        """Who may start ahead of a key that does not fit."""
        return self._backfill

    @property
    def capacity(self) -> dict[str, int]:
        """Units of each resource at the moment."""
        return dict(zip(self._names, self._capacity()[0], strict=True))

    @property
    def free(self) -> dict[str, int]:
        """Units of each resource that no running key holds; below 0 after the capacity has shrunk below what is in use."""
        return dict(zip(self._names, self._capacity()[1], strict=True))

    if TYPE_CHECKING:  # the compiled methods, with the type of the keys

        def next(self, now: float | None = None) -> list[K]: ...  # noqa: D102
        def failed(self, key: Hashable, now: float | None = None, retry: bool | None = True) -> list[K]: ...  # noqa: D102
        def cancel(self, key: Hashable, now: float | None = None) -> list[K]: ...  # noqa: D102
        @property
        def waiting(self) -> list[K]: ...  # noqa: D102
        @property
        def running(self) -> list[K]: ...  # noqa: D102
        @property
        def blocked(self) -> dict[K, tuple[K, ...]]: ...  # noqa: D102

    def set_capacity(self, name: str, amount: int, now: float | None = None) -> None:
        """Changes the capacity of a resource. Running keys go on, even if they hold more than there is.

        Parameters
        ----------
        name : str
        amount : int
            Units, >= 0.
        now : float, optional
            The time; without it the monotonic clock is read.
        """
        self._set_capacity(self._place(name), read_units(amount, "amount"), now)

    def _submit_compared(self, key: Any, answer: Any, facts: dict[str, Any], once: Once = _at_once) -> None:
        """Adds a key whose rank is a number among those of the answers that came before; `once` calls the compiled method."""
        ranks = self._ranks
        assert ranks is not None
        answer = ranks.checked(answer, key)
        with ranks.lock:
            number = ranks.number(answer, self._ranks_in_use, self._renumber)
            once(functools.partial(_core.Dispatcher._submit, self, key, number, **facts))
            counts = self._stats()
            ranks.tidy(counts["waiting"] + counts["running"], self._ranks_in_use)

    def _renumber(self, new: dict[float, float]) -> None:
        self._change_ranks(list(new), list(new.values()))

    def _place(self, name: str) -> int:
        """The place of a resource."""
        if name not in self._names:
            raise _validation.refuse("name", f"unknown resource, expected one of {', '.join(self._names)}", value=name)
        return self._names.index(name)

    def stats(self) -> DispatcherStats:
        """Counts of the keys by what has become of them."""
        return DispatcherStats(**self._stats())

    def __repr__(self) -> str:
        order = f"key={self._ranks.key!r}" if self._ranks is not None else repr(self._policy)
        counts = self._stats()
        keys = f"{counts['waiting']} waiting, {counts['running']} running"
        return f"Dispatcher({self.capacity!r}, {order}, {self._backfill!r}, {keys})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Keys travel in the state, not in the arguments, so that they may refer to the dispatcher.
        arguments = (type(self), self.capacity, self._policy, self._backfill, None if self._ranks is None else self._ranks.key)
        return _empty, arguments, (*self._save(), getattr(self, "__dict__", None), self._ranks)

    def __setstate__(self, state: tuple[list[K], bytes, dict[str, Any] | None, OwnRanks | None]) -> None:
        keys, record, attributes, self._ranks = state
        self._load(keys, record)
        if self._ranks is not None and self._ranks.are_compared:
            self._ranks_in_use()  # so that answers to come are compared as well
        if attributes:
            self.__dict__.update(attributes)


class _Journalled(Dispatcher[Any]):
    """A dispatcher that records every call in its journal before the call takes effect."""

    __slots__ = ("_journal",)

    _journal: Journal

    @staticmethod
    def _create(kind: type[Dispatcher[Any]], path: Any, capacity: Any, policy: Any, backfill: Any, key: Any) -> _Journalled:
        if kind not in (Dispatcher, _Journalled):
            raise _validation.refuse("journal", "is for Dispatcher itself, not for classes derived from it")
        dispatcher = cast("_Journalled", _Journalled._make(capacity, policy, backfill, key))
        head = {"capacity": dispatcher.capacity, "policy": policy_as_json(dispatcher.policy), "backfill": backfill}
        dispatcher._journal = Journal.create(path, head)
        return dispatcher

    @staticmethod
    def _reopen(path: Any, key: Any) -> _Journalled:
        journal, head, calls = Journal.reopen(path)
        replayed, resumed = (_Journalled._from_head(journal, head, key) for _ in range(2))
        for number, call in enumerate(calls, start=2):
            try:
                replayed._make_call(call.pop("call"), call)
            except (SchedkitError, TypeError, OverflowError) as error:
                if number <= len(calls):
                    raise journal.fail(f"records a call that is refused: {error}", number) from error
                journal.drop_last()  # the process ended before it could take the line back
        resumed._load(*replayed._save())  # so the clock goes on from the last time
        resumed._ranks = replayed._ranks
        resumed._journal = journal
        for running in resumed.running:
            resumed.failed(running, resumed._now)
        return resumed

    @staticmethod
    def _from_head(journal: Journal, head: dict[str, Any], key: Any) -> _Journalled:
        try:
            policy = policy_from_json(head["policy"])
            ranks = key if key is not None or policy is not None else _refuse_rank
            made = _Journalled._make(head["capacity"], policy, head["backfill"], ranks)
        except (SchedkitError, TypeError) as error:
            raise journal.fail(f"begins with a dispatcher that is refused: {error}", 1) from error
        return cast("_Journalled", made)

    def _make_call(self, call: str, arguments: dict[str, Any], once: Once = _at_once) -> Any:
        """Makes a call; `once` calls the compiled method."""
        if call == "submit" and self._ranks is not None:
            facts = dict(arguments)
            return self._submit_compared(facts.pop("key"), facts.pop("rank", None), facts, once)
        if call == "submit":
            arguments = {"rank": 0.0, **arguments}
        name = {"submit": "_submit", "set_capacity": "_set_capacity"}.get(call, call)
        return once(functools.partial(getattr(_core.Dispatcher, name), self, **arguments))

    def _record(self, call: str, now: float | None, **arguments: Any) -> Any:
        self._journal.check_process()  # before the lock, which a thread of the forked process may hold for ever
        with self._journal.lock:
            arguments["now"] = self._time() if now is None else read_number(now, "now")
            return self._journal.record(call, arguments, functools.partial(self._make_call, call, arguments))

    def submit(self, key: Any, *, now: float | None = None, **facts: Any) -> None:
        """As `Dispatcher.submit`."""
        arguments = read_facts(facts, self._names)
        rank = 0.0 if self._ranks is None else self._ranks.answer(key)
        self._record("submit", now, key=key, rank=rank, **arguments)

    def next(self, now: float | None = None) -> list[Any]:
        """As `Dispatcher.next`."""
        return cast("list[Any]", self._record("next", now))

    def finished(self, key: Any, now: float | None = None) -> None:
        """As `Dispatcher.finished`."""
        self._record("finished", now, key=key)

    def failed(self, key: Any, now: float | None = None, retry: bool | None = True) -> list[Any]:
        """As `Dispatcher.failed`."""
        return cast("list[Any]", self._record("failed", now, key=key, retry=retry is None or _validation.flag(retry, "retry")))

    def cancel(self, key: Any, now: float | None = None) -> list[Any]:
        """As `Dispatcher.cancel`."""
        return cast("list[Any]", self._record("cancel", now, key=key))

    def set_capacity(self, name: str, amount: int, now: float | None = None) -> None:
        """As `Dispatcher.set_capacity`."""
        self._record("set_capacity", now, resource=self._place(name), amount=read_units(amount, "amount"))

    def __reduce__(self) -> tuple[Any, ...]:
        raise TypeError("a dispatcher with a journal does not pickle: Dispatcher.resume continues from the file")


def _refuse_rank(key: Any) -> float:
    """Stands for an own key function that `resume` was not given."""
    raise _validation.refuse("key", "the dispatcher has an own key function: give it to resume", value=key)


def _empty(cls: type[Dispatcher[Any]], capacity: Any, policy: Any, backfill: Any, key: Any) -> Dispatcher[Any]:
    return cls._make(capacity, policy, backfill, key)
