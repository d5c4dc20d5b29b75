"""The policy queue in front of a pool of `concurrent.futures`."""

from __future__ import annotations

import concurrent.futures
import functools
import threading
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from ... import _validation
from ..policies import BuiltIn
from ..queue import PolicyQueue
from .queues import checked_facts

T = TypeVar("T")

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
        self._facts = None if facts is None else _validation.function(facts, "facts")
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
        facts = {} if self._facts is None else checked_facts(self._facts(fn, args, kwargs))
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
