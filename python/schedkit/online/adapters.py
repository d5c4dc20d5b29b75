"""The policy queue with the interfaces of the standard library: `asyncio.Queue`, `queue.PriorityQueue`, `concurrent.futures`.

Items need not be hashable or unique here: each one travels under a `Ticket` of its own, by which it can be changed or taken
back while it waits.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import queue
import threading
from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar

from .. import _validation
from .policies import BuiltIn
from .queue import PolicyQueue

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


def _facts(made: Any) -> dict[str, Any]:
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
        self._facts: Callable[[T], dict[str, Any]] = by_priority if facts is None else facts
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
        entry: Any = item if self._line is None else Ticket(item, _facts(self._facts(item)))
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


Steps = Generator[float, Any, Any]
_Future = concurrent.futures.Future[Any]


class Executor(concurrent.futures.Executor):
    """Wraps a pool of `concurrent.futures`: at most `workers` calls are in the pool, the others wait in the order of a policy.

    Parameters
    ----------
    pool : concurrent.futures.Executor
        Runs the calls; it stays yours to shut down.
    policy : str or policy object, default "srpt"
    workers : int, optional
        Calls in the pool at a time; by default the pool's number of workers.
    facts : callable, optional
        ``facts(function, args, kwargs)`` makes the facts of a plain `submit`; without it none are given, which suits policies
        that need none.

    Notes
    -----
    Futures behave as those of the standard library: `cancel` works until the call is in the pool, and exceptions belong to the
    future.

    Examples
    --------
    >>> import schedkit as sk
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor(1) as pool, sk.online.adapters.Executor(pool, "srpt") as executor:
    ...     futures = [executor.submit_job(pow, 2, k, size=k) for k in (9, 3, 1)]
    ...     [future.result() for future in futures]
    [512, 8, 2]
    """

    def __init__(
        self,
        pool: concurrent.futures.Executor,
        policy: str | BuiltIn = "srpt",
        *,
        workers: int | None = None,
        facts: Callable[[Callable[..., Any], tuple[Any, ...], dict[str, Any]], dict[str, Any]] | None = None,
    ) -> None:
        if not isinstance(pool, concurrent.futures.Executor):
            raise _validation.refuse_type("pool", "must be an executor", pool)
        if workers is None:
            workers = getattr(pool, "_max_workers", 1)
        self._pool = pool
        self._workers = _validation.int_scalar(workers, "workers", minimum=1)
        self._facts = facts
        self._line: PolicyQueue[_Call] = PolicyQueue(policy)
        self._in_pool = 0
        self._unfinished = 0
        self._closed = self._dispatching = False
        self._lock = threading.Condition(threading.RLock())

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> concurrent.futures.Future[T]:
        """Schedules a call, with facts made by `facts`.

        Parameters
        ----------
        fn : callable
        *args, **kwargs
            The arguments of the call.
        """
        facts = {} if self._facts is None else _facts(self._facts(fn, args, kwargs))
        return self._enter(functools.partial(fn, *args, **kwargs), facts)

    def submit_job(
        self,
        fn: Callable[..., T],
        /,
        *args: Any,
        size: float | None = None,
        weight: float = 1.0,
        estimate: float | None = None,
        deadline: float | None = None,
    ) -> concurrent.futures.Future[T]:
        """Schedules ``fn(*args)`` with these facts, as in `PolicyQueue.add`.

        Parameters
        ----------
        fn : callable
        *args
            The arguments of the call.
        size, weight, estimate, deadline : float, optional
            The facts of the call.
        """
        facts = {"size": size, "weight": weight, "estimate": estimate, "deadline": deadline}
        return self._enter(functools.partial(fn, *args), facts)

    def submit_steps(self, steps: Steps, *, weight: float = 1.0) -> concurrent.futures.Future[Any]:
        """Schedules a job that reveals itself step by step; for policies on operations, in pools of threads.

        `steps` is a generator that yields the size of its next operation before it works on it, and may return a result.
        Between two operations the job goes back to the line.

        Parameters
        ----------
        steps : generator of float
            Yields the size of each operation before it works on it.
        weight : float, default 1.0
            As in `PolicyQueue.add`.
        """
        if not isinstance(steps, Generator):
            raise _validation.refuse_type("steps", "must be a generator", steps)
        try:
            size = next(steps)
        except StopIteration as done:
            result = done.value
            return self._enter(lambda: result, {"size": 0.0, "weight": weight})
        return self._enter(functools.partial(next, steps), {"size": size, "weight": weight}, gradual=True)

    def _enter(
        self, function: Callable[[], Any], facts: dict[str, Any], *, gradual: bool = False
    ) -> concurrent.futures.Future[Any]:
        call = _Call(function, facts, gradual)
        with self._lock:
            if self._closed:
                raise RuntimeError("cannot schedule new calls after shutdown")
            self._line.add(call, **facts)
            self._unfinished += 1
        call.future.add_done_callback(functools.partial(self._cancelled, call))
        self._dispatch()
        return call.future

    def _cancelled(self, call: _Call, future: concurrent.futures.Future[Any]) -> None:
        """A call that is cancelled while it waits leaves the line."""
        with self._lock:
            waited = future.cancelled() and call in self._line
            if waited:
                self._line.remove(call)
            self._unfinished -= 1
            self._lock.notify_all()
        if waited:
            future.set_running_or_notify_cancel()  # those who wait for the future hear of it now, not when its turn would come

    def _dispatch(self) -> None:
        """Fills the pool from the line; one thread does it for all, so that calls which end at once pile up on no stack."""
        with self._lock:
            if self._dispatching:
                return
            self._dispatching = True
        try:
            while (call := self._next()) is not None:
                self._start(call)
        except BaseException:
            with self._lock:
                self._dispatching = False
            raise

    def _next(self) -> _Call | None:
        with self._lock:
            if self._in_pool >= self._workers or not self._line:
                self._dispatching = False
                return None
            self._in_pool += 1
            return self._line.pop()

    def _start(self, call: _Call) -> None:
        if not call.started and not call.future.set_running_or_notify_cancel():
            with self._lock:
                self._in_pool -= 1
            return
        call.started = True
        try:
            running = self._pool.submit(call.function)
        except BaseException as error:  # the pool is gone: all waiting calls have to fail
            with self._lock:
                self._in_pool -= 1
            call.future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        running.add_done_callback(functools.partial(self._done, call))

    def _done(self, call: _Call, running: concurrent.futures.Future[Any]) -> None:
        """A call, or one operation of it, is over."""
        with self._lock:
            self._in_pool -= 1
        try:
            self._settle(call, running)
        finally:
            self._dispatch()

    def _settle(self, call: _Call, running: concurrent.futures.Future[Any]) -> None:
        if running.cancelled():
            call.future.set_exception(concurrent.futures.CancelledError())
            return
        error = running.exception()
        if isinstance(error, StopIteration) and call.gradual:
            call.future.set_result(error.value)
        elif error is not None:
            call.future.set_exception(error)
        elif not call.gradual:
            call.future.set_result(running.result())
        else:
            call.attained += call.facts["size"]
            call.facts["size"] = running.result()
            try:
                with self._lock:
                    self._line.add(call, attained=call.attained, **call.facts)
            except Exception as refused:  # a size that is none ends the job
                call.future.set_exception(refused)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls; waits for those that are there. The pool stays open.

        Parameters
        ----------
        wait : bool, default True
            Whether to wait for the calls that are there.
        cancel_futures : bool, default False
            Whether waiting calls are cancelled.
        """
        with self._lock:
            self._closed = True
            waiting = list(self._line) if cancel_futures else []
        for call in waiting:
            call.future.cancel()
        if wait:
            with self._lock:
                while self._unfinished:
                    self._lock.wait()


class _Call:
    """A call on its way: what is to be done, and the future that its owner holds."""

    __slots__ = ("attained", "facts", "function", "future", "gradual", "started")

    def __init__(self, function: Callable[[], Any], facts: dict[str, Any], gradual: bool) -> None:
        self.function = function
        self.facts = facts
        self.gradual = gradual
        self.future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        self.started = False
        self.attained = 0.0
