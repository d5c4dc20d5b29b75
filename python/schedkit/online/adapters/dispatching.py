"""The dispatcher in front of a pool of `concurrent.futures`."""

from __future__ import annotations

import concurrent.futures
import functools
import inspect
import threading
from collections.abc import Callable, Hashable
from typing import Any

from ... import _validation
from ...errors import InputTypeError
from ..dispatcher import Dispatcher
from ._calls import BlockedError, Call, WaitingKeys, bound, checked


class DispatchExecutor:
    """Makes calls in a pool of `concurrent.futures` as soon as the calls that they need are done and their demands fit.

    Parameters
    ----------
    pool : concurrent.futures.Executor
        Makes the calls; it stays yours to shut down. It should have at least as many workers as calls that may run at a time.
    dispatcher : Dispatcher
        Decides which calls run. Keys that wait in it already, as after `Dispatcher.resume`, are submitted once more, without
        facts; nothing starts before that. It has no running keys. From now on it belongs to the executor: ask it what you like,
        but make changes by `submit`, `cancel` and `set_capacity` of the executor, which does not notice others.
    retries : int, default 0
        How often a call that raises is made again.

    Notes
    -----
    Futures behave as those of the standard library: `cancel` works until the call is in the pool, and the exception of the last
    attempt belongs to the future. If a call fails for good or is cancelled, the futures of all calls that need it get a
    `BlockedError`. The dispatcher reads its own clock, so estimates are in seconds.

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
        self._calls: dict[Any, Call[concurrent.futures.Future[Any]]] = {}
        self._condition = threading.Condition()
        self._dispatching = self._requested = self._closed = False

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
            if key in self._calls:
                raise _validation.refuse("key", "was submitted before", value=key)
            self._calls[key] = call  # known before the dispatcher can start it
            try:
                self._waiting.submit(key, facts)
            except BaseException:
                del self._calls[key]
                raise
            blocked = self._dispatcher.state(key) == "blocked"
        if blocked:
            self._block([key])
        else:
            future.add_done_callback(functools.partial(self._cancelled, key))
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
            if key in self._waiting.need_calls:
                self._waiting.need_calls.discard(key)
                blocked = self._dispatcher.cancel(key)
            else:
                self._dispatcher.state(key)
                return False
        self._block(blocked)
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

    def _cancelled(self, key: Any, future: concurrent.futures.Future[Any]) -> None:
        """A call that is cancelled before it is in the pool leaves the dispatcher."""
        if not future.cancelled():
            return
        blocked = self._dispatcher.cancel(key)
        future.set_running_or_notify_cancel()  # those who wait for the future hear of it now
        self._forget(key)
        self._block(blocked)
        self._dispatch()

    def _dispatch(self) -> None:
        """Fills the pool; one thread does it for all, so that calls which end at once pile up on no stack."""
        with self._condition:
            self._requested = True
            if self._dispatching:
                return
            self._dispatching = True
        while True:
            with self._condition:
                if not self._requested:
                    self._dispatching = False
                    return
                self._requested = False
            try:
                for key in [] if self._waiting.need_calls else self._dispatcher.next():
                    self._start(key)
            except BaseException:
                with self._condition:
                    self._dispatching = False
                raise

    def _start(self, key: Any) -> None:
        call = self._calls.get(key)
        if call is None or (not call.started and not call.future.set_running_or_notify_cancel()):
            return  # it was cancelled at this moment, and the dispatcher hears of it from there
        call.started = True
        try:
            running = self._pool.submit(call.function)
        except BaseException as error:  # the pool is gone
            self._fail(key, call, error)
            if not isinstance(error, Exception):
                raise
            return
        running.add_done_callback(functools.partial(self._done, key, call))

    def _done(self, key: Any, call: Call[Any], running: concurrent.futures.Future[Any]) -> None:
        """A call is over."""
        error = concurrent.futures.CancelledError() if running.cancelled() else running.exception()
        if error is None:
            self._dispatcher.finished(key)
            self._forget(key)
            call.future.set_result(running.result())
        elif call.retries > 0 and isinstance(error, Exception) and not running.cancelled():
            call.retries -= 1
            self._dispatcher.failed(key)
        else:
            self._fail(key, call, error)
        self._dispatch()

    def _fail(self, key: Any, call: Call[Any], error: BaseException) -> None:
        blocked = self._dispatcher.failed(key, retry=False)
        self._forget(key)
        call.future.set_exception(error)
        self._block(blocked)

    def _block(self, keys: list[Any]) -> None:
        chains = self._dispatcher.blocked if keys else {}
        self._waiting.need_calls.difference_update(keys)
        for key in keys:
            call = self._calls.get(key)
            self._forget(key)
            if call is not None and call.future.set_running_or_notify_cancel():
                call.future.set_exception(BlockedError(chains[key]))

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
        """
        with self._condition:
            self._closed = True
            waiting = list(self._calls.values()) if cancel_futures else []
        for call in reversed(waiting):
            call.future.cancel()
        with self._condition:
            self._condition.wait_for(lambda: not self._calls or not wait)

    def __enter__(self) -> DispatchExecutor:
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
