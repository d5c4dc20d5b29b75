"""The dispatcher in front of a pool of `concurrent.futures`."""

from __future__ import annotations

import collections
import concurrent.futures
import functools
import inspect
import threading
from collections.abc import Callable, Hashable
from typing import Any

from ... import _validation
from ...errors import InputTypeError, InvalidInputError
from ..dispatcher import Dispatcher
from ._calls import Call, WaitingKeys, bound, checked
from ._chains import BlockedError
from ._pool_failures import Attempt, PoolFailures

PoolCall = Call[concurrent.futures.Future[Any]]


class DispatchExecutor:
    """Makes calls in a pool of `concurrent.futures` as soon as the calls that they need are done and their demands fit.

    Parameters
    ----------
    pool : concurrent.futures.Executor
        Makes the calls; it stays yours to shut down. It should have at least as many workers as calls that may run at a time.
    dispatcher : Dispatcher
        Decides which calls run. Keys that wait in it already, as after `Dispatcher.resume`, are submitted once more, without
        facts, or cancelled; nothing starts before that. It has no running keys. From now on it belongs to the executor: ask it
        what you like, but make changes by `submit`, `cancel` and `set_capacity` of the executor, which does not notice others.
    retries : int, default 0
        How often a call that raises is made again.

    Attributes
    ----------
    without_call : list
        Keys that waited in the dispatcher before, and were neither submitted here nor cancelled.

    Notes
    -----
    Futures behave as those of the standard library: `cancel` works until the call is in the pool, and the exception of the last
    attempt belongs to the future. If a call fails for good or is cancelled, the futures of all calls that need it get a
    `BlockedError`. The dispatcher reads its own clock, so estimates are in seconds.

    If the pool breaks or is shut down, all calls that have not ended fail with its error, without retries, and `submit` raises
    `RuntimeError`. Their keys have not failed: they wait in the dispatcher, for another executor with a new pool.

    Examples
    --------
    >>> import schedkit as sk
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> d = sk.online.Dispatcher({"search-api": 1})
    >>> with ThreadPoolExecutor(4) as pool, sk.online.adapters.DispatchExecutor(pool, d) as executor:
    ...     pages = [executor.submit(k, pow, 2, k, demand={"search-api": 1}) for k in (3, 5)]
    ...     total = executor.submit("total", lambda: sum(page.result() for page in pages), after=[3, 5])
    ...     total.result()
    40
    """

    def __init__(self, pool: concurrent.futures.Executor, dispatcher: Dispatcher[Any], *, retries: int = 0) -> None:
        if not isinstance(pool, concurrent.futures.Executor):
            raise _validation.refuse_type("pool", "must be an executor", pool)
        self._pool = pool
        self._dispatcher, self._waiting = checked(dispatcher), WaitingKeys(dispatcher)
        self._retries = _validation.int_scalar(retries, "retries", minimum=0)
        self._calls: dict[Any, PoolCall] = {}
        self._condition = threading.Condition()
        self._starting: collections.deque[Any] = collections.deque()  # keys that the dispatcher has started and the pool lacks
        self._dispatching = self._requested = self._interrupted = self._closed = False
        self._failures = PoolFailures(pool, self._decide)
        self._stopped: BaseException | None = None  # why the pool gets no more calls

    @property
    def without_call(self) -> list[Any]:
        """Keys that waited in the dispatcher before, and were neither submitted here nor cancelled, in its order."""
        with self._condition:
            return list(self._waiting.need_calls)

    def submit(
        self, key: Hashable, fn: Callable[..., Any], /, *args: Any, retries: int | None = None, **facts: Any
    ) -> concurrent.futures.Future[Any]:
        """Schedules ``fn(*args)`` under a key.

        Parameters
        ----------
        key : hashable
            Never submitted before.
        fn : callable
        *args
            The arguments of the call.
        retries : int, optional
            How often the call is made again if it raises; by default as the executor says.
        **facts
            The facts of `Dispatcher.submit`, such as ``after=`` and ``demand=``, but not ``now=``.
        """
        limit = self._retries if retries is None else _validation.int_scalar(retries, "retries", minimum=0)
        if inspect.iscoroutinefunction(fn):
            raise _validation.refuse(
                "fn", "makes a coroutine, which a pool does not run: use AsyncDispatcher", kind=InputTypeError
            )
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        call = Call(bound(fn, args), future, limit)
        with self._condition:
            if self._closed:
                raise RuntimeError("cannot schedule new calls after shutdown")
            if self._stopped is not None:
                raise RuntimeError("cannot schedule new calls: the pool is broken or shut down") from self._stopped
            if key in self._calls:
                raise _validation.refuse("key", "was submitted before", value=key)
            self._calls[key] = call  # known before the dispatcher can start it
            try:
                blocked = self._waiting.submit(key, call, facts)
            except BaseException:
                del self._calls[key]
                raise
            if blocked is not None:
                del self._calls[key]
        if blocked is not None:
            future.set_exception(blocked)
        else:
            future.add_done_callback(functools.partial(self._cancelled, key, call))
            self._dispatch()
        return future

    def cancel(self, key: Hashable) -> bool:
        """Cancels a call that waits, as ``cancel`` of its future does; all that need it get a `BlockedError`.

        A key that waits in the dispatcher from before and has no call yet can be cancelled as well.

        Parameters
        ----------
        key : hashable

        Returns
        -------
        bool
            False if the call is in the pool or has ended.

        Raises
        ------
        UnknownKeyError
            A key that was never submitted.
        """
        call = self._calls.get(key)
        if call is not None:
            return call.future.cancel()
        with self._condition:
            if key not in self._waiting.need_calls:
                self._dispatcher.state(key)
                return False
            del self._waiting.need_calls[key]
            ended = self._waiting.end(key, self._dispatcher.cancel(key), self._calls)
        self._block(ended)
        self._dispatch()
        return True

    def set_capacity(self, name: str, amount: int) -> None:
        """Changes the capacity of a resource of the dispatcher, and starts what fits then. Calls in the pool go on.

        Parameters
        ----------
        name : str
        amount : int
            Units, >= 0.
        """
        self._dispatcher.set_capacity(name, amount)
        self._dispatch()

    def _cancelled(self, key: Any, call: PoolCall, future: concurrent.futures.Future[Any]) -> None:
        """A call that is cancelled before it is in the pool leaves the dispatcher."""
        if not future.cancelled():
            return
        with self._condition:
            self._begins(call)  # those who wait for the future hear of it now
            ended = self._waiting.end(key, self._dispatcher.cancel(key), self._calls)
            self._condition.notify_all()
        self._block(ended)
        self._dispatch()

    def _begins(self, call: PoolCall) -> bool:
        """Whether a call can begin or have an answer; False if its owner has cancelled it. The future is asked once."""
        with self._condition:
            if not call.notified:
                call.notified = True
                call.started = call.future.set_running_or_notify_cancel()
            return call.started

    def _dispatch(self) -> None:
        """Fills the pool; one thread does it for all, so that calls which end at once pile up on no stack.

        If a signal handler raises meanwhile, the next call finds the keys that run in the dispatcher and are not in the pool.
        """
        mine = False
        try:
            with self._condition:
                self._requested = True
                if self._dispatching:
                    return
                self._dispatching = mine = True
            while True:
                with self._condition:
                    if not self._requested:
                        self._dispatching = mine = False
                        return
                    self._requested = False
                if self._interrupted:
                    self._starting.clear()
                    self._starting.extend(self._dispatcher.running)
                    self._interrupted = False
                if self._stopped is None and not self._waiting.need_calls:
                    self._starting.extend(self._dispatcher.next())
                while self._starting:
                    self._start(self._starting.popleft())
                if self._stopped is not None:
                    self._give_up(self._stopped)
        except BaseException:
            if mine:
                self._interrupted, self._dispatching = True, False
            raise

    def _start(self, key: Any) -> None:
        call = self._calls.get(key)
        if call is None or call.in_pool or not self._begins(call):
            return  # it was cancelled at this moment, and the dispatcher hears of it from there
        if self._stopped is not None:
            self._dispatcher.failed(key)
            return
        try:
            running = self._pool.submit(call.function)
        except RuntimeError as error:  # the pool is broken or shut down
            self._dispatcher.failed(key)
            with self._condition:
                self._stopped = error
        except BaseException as error:  # the pool does not take this call
            with self._condition:
                self._requested = True  # what the call held is free
            self._fail(key, call, error)
            if not isinstance(error, Exception):
                raise
        else:
            call.in_pool = True
            running.add_done_callback(functools.partial(self._done, key, call))

    def _done(self, key: Any, call: PoolCall, running: concurrent.futures.Future[Any]) -> None:
        """A call is over."""
        error: BaseException | None
        if running.cancelled():
            error, call.retries = concurrent.futures.CancelledError(), 0
        else:
            error = running.exception()
        if error is None:
            self._dispatcher.finished(key)
            self._forget(key)
            call.future.set_result(running.result())
        elif running.cancelled() or isinstance(error, concurrent.futures.BrokenExecutor):
            self._failures.add((key, call, error))
            return
        else:
            self._failed(key, call, error)
        self._dispatch()

    def _failed(self, key: Any, call: PoolCall, error: BaseException) -> None:
        """An attempt has failed, and not because of the pool."""
        with self._condition:
            retries = call.retries > 0 and isinstance(error, Exception)
            if retries and self._stopped is None:
                call.retries -= 1
                call.in_pool = False
                self._dispatcher.failed(key)
                return
        if retries:
            self._return(key, call, error)
        else:
            self._fail(key, call, error)

    def _decide(self, attempts: list[Attempt], because_of_pool: bool) -> None:
        """Ends attempts or makes them again, once it is known whether they have failed because of the pool."""
        if because_of_pool:
            with self._condition:
                self._stopped = self._stopped or attempts[0][2]
        for key, call, error in attempts:
            if because_of_pool:
                self._return(key, call, error)
            else:
                self._failed(key, call, error)
        self._dispatch()

    def _return(self, key: Any, call: PoolCall, error: BaseException) -> None:
        """A call ends with an error because of the pool; its key waits in the dispatcher again."""
        self._dispatcher.failed(key)
        self._forget(key)
        call.future.set_exception(error)

    def _give_up(self, error: BaseException) -> None:
        """All calls that are not in the pool end with its error; their keys wait in the dispatcher."""
        with self._condition:
            # A call that its owner has cancelled leaves the dispatcher from there.
            waiting = [key for key, call in self._calls.items() if not call.in_pool and self._begins(call)]
            calls = [self._calls.pop(key) for key in waiting]
            self._condition.notify_all()
        for call in calls:
            call.future.set_exception(error)

    def _fail(self, key: Any, call: PoolCall, error: BaseException) -> None:
        with self._condition:
            ended = self._waiting.end(key, self._dispatcher.failed(key, retry=False), self._calls)
            self._condition.notify_all()
        call.future.set_exception(error)
        self._block(ended)

    def _block(self, ended: list[tuple[PoolCall, BlockedError]]) -> None:
        for call, error in ended:
            if self._begins(call):
                call.future.set_exception(error)

    def _forget(self, key: Any) -> None:
        with self._condition:
            self._calls.pop(key, None)
            self._condition.notify_all()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Takes no more calls; waits for those that are there. The pool stays open.

        Parameters
        ----------
        wait : bool, default True
            Whether to wait for the calls that are there.
        cancel_futures : bool, default False
            Whether waiting calls are cancelled.

        Raises
        ------
        InvalidInputError
            Keys wait in the dispatcher from before and have no calls, so nothing starts. All futures get this error too; their
            keys go on waiting in the dispatcher. Raised once, and not with `cancel_futures`. Leaving ``with`` by another
            exception raises that one.
        """
        with self._condition:
            missing = None if cancel_futures or self._closed else self._waiting.missing()
            self._closed = True
            self._stopped = self._stopped or missing
            waiting = list(self._calls.values()) if cancel_futures else []
        for call in reversed(waiting):
            call.future.cancel()
        if missing is not None:
            self._dispatch()
            raise missing
        self._dispatch()  # an interrupted call may have left keys behind
        with self._condition:
            self._condition.wait_for(lambda: not self._calls or not wait)

    def __enter__(self) -> DispatchExecutor:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            self.shutdown()
        except InvalidInputError:  # the futures have it
            if error is None:
                raise
