"""The policy queue as `asyncio.Queue` and as `queue.PriorityQueue`."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ... import _validation
from ..policies import BuiltIn
from ..queue import PolicyQueue

T = TypeVar("T")


class Ticket(Generic[T]):
    """An item in the queue; compares by identity.

    Attributes
    ----------
    item : object
    facts : dict
        The facts of `PolicyQueue.add` that the item came with.
    """

    __slots__ = ("facts", "item")

    def __init__(self, item: T, facts: dict[str, Any]) -> None:
        self.item = item
        self.facts = facts


class AsyncQueue(asyncio.Queue[T]):
    """An `asyncio.Queue` whose items leave in the order of a policy.

    Parameters
    ----------
    policy : str or policy object, default "srpt"
    maxsize : int, default 0
        `put` waits while as many items are in the queue; 0 for no limit.

    Notes
    -----
    All of `asyncio.Queue` is there (`get`, `join`, `task_done`, ...), with its guarantees: an item whose `get` or `put` is
    cancelled is neither lost nor given twice. A fact that the policy refuses raises before the item is in the queue.

    Examples
    --------
    >>> import asyncio, schedkit as sk
    >>> async def main():
    ...     line = sk.online.adapters.AsyncQueue("srpt")
    ...     for text in ("a long request", "short"):
    ...         await line.put(text, size=len(text))
    ...     return [await line.get(), await line.get()]
    >>> asyncio.run(main())
    ['short', 'a long request']
    """

    def __init__(self, policy: str | BuiltIn = "srpt", *, maxsize: int = 0) -> None:
        self._line: PolicyQueue[Ticket[T]] = PolicyQueue(policy)
        super().__init__(_validation.int_scalar(maxsize, "maxsize"))

    def _init(self, maxsize: int) -> None:
        pass

    def qsize(self) -> int:
        """The number of items in the queue."""
        return len(self._line)

    def empty(self) -> bool:
        """Whether the queue is empty."""
        return not self._line

    def _put(self, item: Any) -> None:
        self._line.add(item, **item.facts)

    def _get(self) -> T:
        return self._line.pop().item

    async def put(self, item: T, **facts: Any) -> Ticket[T]:  # type: ignore[override]
        """Adds an item with the facts of `PolicyQueue.add` (`size=`, ...); waits while the queue is full.

        Parameters
        ----------
        item : object
        **facts
            The facts of `PolicyQueue.add`, such as ``size=``.
        """
        ticket = Ticket(item, facts)
        self._judge(ticket)
        await super().put(ticket)  # type: ignore[arg-type]
        return ticket

    def put_nowait(self, item: Any, **facts: Any) -> Ticket[T]:  # type: ignore[override]
        """Adds an item without waiting; raises `asyncio.QueueFull`.

        Parameters
        ----------
        item : object
        **facts
            The facts of `PolicyQueue.add`, such as ``size=``.
        """
        ticket = item if isinstance(item, Ticket) else Ticket(item, facts)
        super().put_nowait(ticket)  # type: ignore[arg-type]
        return ticket

    def _judge(self, ticket: Ticket[T]) -> None:
        """Refuses facts now that would be refused when the item is added."""
        if self.full():
            PolicyQueue(self._line.policy).add(ticket, **ticket.facts)

    def withdraw(self, ticket: Ticket[T]) -> bool:
        """Takes an item back that is still in the queue; False if it has left. It counts as done for `join`.

        Parameters
        ----------
        ticket : Ticket
            What `put` has returned.
        """
        if ticket not in self._line:
            return False
        self._line.remove(ticket)
        self._wakeup_next(self._putters)  # type: ignore[attr-defined]
        self.task_done()
        return True

    def reprioritise(self, ticket: Ticket[T], **facts: Any) -> None:
        """Changes the facts of an item in the queue, as `PolicyQueue.reprioritise`.

        Parameters
        ----------
        ticket : Ticket
            What `put` has returned.
        **facts
            The facts that change, as in `PolicyQueue.reprioritise`.
        """
        self._line.reprioritise(ticket, **facts)


def by_priority(item: Any) -> dict[str, float]:
    """The number that an item is or begins with, as its deadline: the least leaves first.

    Numbers that floats cannot tell from others are refused, so that rounding cannot change the order.

    Parameters
    ----------
    item : number, or tuple or list that begins with one
    """
    first = item[0] if isinstance(item, (tuple, list)) and item else item
    return {"deadline": _validation.float_scalar(first, "priority", infinite=True)}


def checked_facts(made: Any) -> dict[str, Any]:
    """The facts that a user's function has made of an item, validated."""
    if not isinstance(made, dict):
        raise _validation.refuse_type("facts", "must make a dict", made)
    return made


class PriorityQueue(queue.PriorityQueue[T]):  # type: ignore[type-var]  # items are compared only without a policy
    """A drop-in for `queue.PriorityQueue`, between threads, that can also give its items in the order of a policy.

    Parameters
    ----------
    maxsize : int, default 0
        `put` waits while as many items are in the queue; 0 for no limit.
    policy : str or policy object, optional
        The policy by which items leave; "edf" if only `facts` is given. Without `policy` and `facts` the least item leaves
        first, as in `queue.PriorityQueue`: items are compared as wholes by ``<``, whatever their type.
    facts : callable, optional
        Makes of an item the facts of `PolicyQueue.add`; `by_priority` if only `policy` is given. Called by `put` before it
        waits for its turn, so it may ask the queue. Items that a policy cannot tell apart leave in the order they came in.

    Notes
    -----
    An item that cannot be compared with those in the queue raises the `TypeError` of that comparison, and is not added; the
    standard library leaves it there.

    Examples
    --------
    >>> import schedkit as sk
    >>> line = sk.online.adapters.PriorityQueue()
    >>> for item in ((2, "b"), (1, "a"), (2, "a")):
    ...     line.put(item)
    >>> [line.get() for _ in range(3)]
    [(1, 'a'), (2, 'a'), (2, 'b')]
    >>> jobs = sk.online.adapters.PriorityQueue(policy="srpt", facts=lambda text: {"size": len(text)})
    >>> jobs.put("a long request"); jobs.put("short")
    >>> jobs.get()
    'short'
    """

    def __init__(
        self,
        maxsize: int = 0,
        *,
        policy: str | BuiltIn | None = None,
        facts: Callable[[T], dict[str, Any]] | None = None,
    ) -> None:
        self._line: PolicyQueue[Ticket[T]] | None = None
        if policy is not None or facts is not None:
            self._line = PolicyQueue("edf" if policy is None else policy)
        self._facts: Callable[[T], dict[str, Any]] = by_priority if facts is None else _validation.function(facts, "facts")
        super().__init__(_validation.int_scalar(maxsize, "maxsize"))

    def _qsize(self) -> int:
        return len(self.queue) if self._line is None else len(self._line)

    def put(self, item: T, block: bool = True, timeout: float | None = None) -> None:
        """Adds an item; waits while the queue is full.

        Parameters
        ----------
        item : object
        block : bool, default True
            Whether to wait while the queue is full; if not, `queue.Full` is raised.
        timeout : float, optional
            Seconds to wait at most; then `queue.Full` is raised.
        """
        entry: Any = item if self._line is None else Ticket(item, checked_facts(self._facts(item)))
        super().put(entry, block, timeout)

    def _put(self, item: Any) -> None:
        if self._line is None:
            _push(self.queue, item)
        else:
            self._line.add(item, **item.facts)

    def _get(self) -> T:
        return super()._get() if self._line is None else self._line.pop().item


def _push(heap: list[Any], item: Any) -> None:
    """As `heapq.heappush`, but if a comparison raises, the heap is as it was."""
    parents = []
    place = len(heap)
    while place > 0 and item < heap[(place - 1) >> 1]:
        parents.append(place)
        place = (place - 1) >> 1
    heap.append(item)
    for child in parents:
        heap[child] = heap[(child - 1) >> 1]
    heap[place] = item
