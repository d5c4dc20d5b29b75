"""The dispatcher in front of a pool of `concurrent.futures`, and in front of an event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from ... import _validation
from ...errors import InputTypeError, SchedkitError
from ..dispatcher import Dispatcher

F = TypeVar("F", "concurrent.futures.Future[Any]", "asyncio.Future[Any]")


class BlockedError(SchedkitError):
    """A call was not made, because a call that it needs has failed or was cancelled.

    Attributes
    ----------
    chain : tuple
        The keys from the call that has failed or was cancelled to this one, each needing the one before.
    """

    def __init__(self, chain: tuple[Any, ...]) -> None:
        if not isinstance(chain, tuple) or not chain:
            raise _validation.refuse_type("chain", "must be a tuple of keys, the failed one first", chain)
        super().__init__(f"needs {chain[0]!r}, which has failed or was cancelled")
        self.chain = chain

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.chain,)


class _Call(Generic[F]):
    """A call on its way: what is to be done, the future that its owner holds, and how often it may fail."""

    __slots__ = ("function", "future", "retries", "running", "started")

    def __init__(self, function: Callable[[], Any], future: F, retries: int) -> None:
        self.function = function
        self.future: F = future
        self.retries = retries
        self.running: asyncio.Task[Any] | None = None
        self.started = False


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
        self._dispatcher, self._waiting = _checked(dispatcher), _WaitingKeys(dispatcher)
        self._retries = _validation.int_scalar(retries, "retries", minimum=0)
        self._calls: dict[Any, _Call[concurrent.futures.Future[Any]]] = {}
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
        call = _Call(_bound(fn, args), future, limit)
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

    def _done(self, key: Any, call: _Call[Any], running: concurrent.futures.Future[Any]) -> None:
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

    def _fail(self, key: Any, call: _Call[Any], error: BaseException) -> None:
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


class AsyncDispatcher:
    """Runs coroutines in an event loop as soon as those that they need are done and their demands fit.

    Parameters
    ----------
    dispatcher : Dispatcher
        Decides which coroutines run. Keys that wait in it already, as after `Dispatcher.resume`, are submitted once more,
        without facts; nothing starts before that. It has no running keys. From now on it belongs to this object: ask it what
        you like, but make changes by `submit`, `cancel` and `set_capacity` of this object, which does not notice others.
    retries : int, default 0
        How often a coroutine that raises is run again.

    Notes
    -----
    All methods belong to the thread of the event loop. Cancelling the future of a key cancels its task, or takes the key back
    if it waits. If a key fails for good or is cancelled, the futures of all keys that need it get a `BlockedError`. The
    dispatcher reads its own clock, so estimates are in seconds.

    Examples
    --------
    >>> import asyncio, schedkit as sk
    >>> async def double(x):
    ...     return 2 * x
    >>> async def main():
    ...     tools = sk.online.adapters.AsyncDispatcher(sk.online.Dispatcher({"search-api": 2}))
    ...     first = tools.submit("first", double, 1, demand={"search-api": 1})
    ...     second = tools.submit("second", double, 2, demand={"search-api": 1}, after=["first"])
    ...     return await first, await second
    >>> asyncio.run(main())
    (2, 4)
    """

    def __init__(self, dispatcher: Dispatcher[Any], *, retries: int = 0) -> None:
        self._dispatcher, self._waiting = _checked(dispatcher), _WaitingKeys(dispatcher)
        self._retries = _validation.int_scalar(retries, "retries", minimum=0)
        self._calls: dict[Any, _Call[asyncio.Future[Any]]] = {}

    def submit(
        self,
        key: Hashable,
        fn: Callable[..., Coroutine[Any, Any, Any]],
        /,
        *args: Any,
        retries: int | None = None,
        **facts: Any,
    ) -> asyncio.Future[Any]:
        """Schedules the coroutine ``fn(*args)`` under a key; called again for each attempt.

        Parameters
        ----------
        key : hashable
            Never submitted before.
        fn : callable
            Makes the coroutine.
        *args
            Its arguments.
        retries : int, optional
            How often it is run again if it raises; by default as the object says.
        **facts
            The facts of `Dispatcher.submit`, such as ``after=`` and ``demand=``, but not ``now=``.
        """
        limit = self._retries if retries is None else _validation.int_scalar(retries, "retries", minimum=0)
        function, future = _bound(fn, args), asyncio.get_running_loop().create_future()
        self._waiting.submit(key, facts)
        self._calls[key] = _Call(function, future, limit)
        if self._dispatcher.state(key) == "blocked":
            self._block([key])
        else:
            future.add_done_callback(functools.partial(self._cancelled, key))
            self._dispatch()
        return future

    def cancel(self, key: Hashable) -> bool:
        """Cancels a key, as ``cancel`` of its future does; all that need it get a `BlockedError`.

        A key that waits in the dispatcher from before and has no coroutine yet can be cancelled as well.

        Parameters
        ----------
        key : hashable

        Returns
        -------
        bool
            False if the key has ended.

        Raises
        ------
        UnknownKeyError
            A key that was never submitted.
        """
        call = self._calls.get(key)
        if call is not None:
            return call.future.cancel()
        if key not in self._waiting.need_calls:
            self._dispatcher.state(key)
            return False
        self._waiting.need_calls.discard(key)
        self._block(self._dispatcher.cancel(key))
        self._dispatch()
        return True

    def set_capacity(self, name: str, amount: int) -> None:
        """Changes the capacity of a resource of the dispatcher, and starts what fits then. Running coroutines go on.

        Parameters
        ----------
        name : str
        amount : int
            Units, >= 0.
        """
        self._dispatcher.set_capacity(name, amount)
        self._dispatch()

    def _cancelled(self, key: Any, future: asyncio.Future[Any]) -> None:
        """The owner has cancelled the future."""
        call = self._calls.get(key)
        if call is None or not future.cancelled():
            return
        if call.running is not None:
            call.running.cancel()  # the key ends when the task does
            return
        del self._calls[key]
        self._block(self._dispatcher.cancel(key))
        self._dispatch()

    def _dispatch(self) -> None:
        for key in [] if self._waiting.need_calls else self._dispatcher.next():
            call = self._calls.get(key)
            if call is None:
                continue  # it was submitted to the dispatcher directly, which the next `submit` refuses
            call.running = asyncio.get_running_loop().create_task(self._attempt(call))
            call.running.add_done_callback(functools.partial(self._done, key, call))

    @staticmethod
    async def _attempt(call: _Call[asyncio.Future[Any]]) -> Any:
        coroutine = call.function()
        if not inspect.isawaitable(coroutine):
            raise _validation.refuse_type("fn", "must be a coroutine function: its answer must be awaitable", coroutine)
        return await coroutine

    def _done(self, key: Any, call: _Call[asyncio.Future[Any]], task: asyncio.Task[Any]) -> None:
        """An attempt is over."""
        call.running = None
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or call.future.cancelled():
            blocked = self._dispatcher.cancel(key)
            call.future.cancel()
        elif error is None:
            self._dispatcher.finished(key)
            blocked = []
            call.future.set_result(task.result())
        elif call.retries > 0 and isinstance(error, Exception):
            call.retries -= 1
            self._dispatcher.failed(key)
            self._dispatch()
            return
        else:
            blocked = self._dispatcher.failed(key, retry=False)
            call.future.set_exception(error)
        del self._calls[key]
        self._block(blocked)
        self._dispatch()

    def _block(self, keys: list[Any]) -> None:
        chains = self._dispatcher.blocked if keys else {}
        self._waiting.need_calls.difference_update(keys)
        for key in keys:
            call = self._calls.pop(key, None)
            if call is not None and not call.future.done():
                call.future.set_exception(BlockedError(chains[key]))

    async def join(self) -> None:
        """Waits until all keys have ended; exceptions stay with the futures."""
        while self._calls:
            await asyncio.wait([call.future for call in self._calls.values()])
            await asyncio.sleep(0)  # the callbacks of the futures run now


class _WaitingKeys:
    """Submits keys to the dispatcher of an executor, and knows those that waited in it before.

    Nothing starts until each of those has a call or waits no longer.

    Attributes
    ----------
    need_calls : set
        Those that wait and have no call.
    """

    def __init__(self, dispatcher: Dispatcher[Any]) -> None:
        self._dispatcher = dispatcher
        self._known = set(dispatcher.waiting)
        self.need_calls = set(self._known)
        self._count = len(dispatcher)

    def submit(self, key: Hashable, facts: dict[str, Any]) -> None:
        """Submits a key to the dispatcher, unless it was there before."""
        if len(self._dispatcher) != self._count:
            reason = "got keys from another program than this executor, which has no calls for them"
            raise _validation.refuse("dispatcher", reason, value=self._dispatcher)
        if facts.get("now") is not None:
            raise _validation.refuse("now", "the executor reads the clock itself, leave it out", value=facts["now"])
        if key not in self._known:
            self._dispatcher.submit(key, **facts)
            self._count += 1
            return
        if facts:
            reason = f"the facts of this key are known already, leave out {', '.join(facts)}"
            raise _validation.refuse("key", reason, value=key)
        self._known.discard(key)
        self.need_calls.discard(key)


def _checked(dispatcher: Any) -> Dispatcher[Any]:
    """The dispatcher, whose running keys would belong to another program."""
    if not isinstance(dispatcher, Dispatcher):
        raise _validation.refuse_type("dispatcher", "must be a Dispatcher", dispatcher)
    if dispatcher.running:
        raise _validation.refuse("dispatcher", "must have no running keys: their calls belong to another program")
    return dispatcher


def _bound(fn: Any, args: tuple[Any, ...]) -> Callable[[], Any]:
    """The function with its arguments."""
    if not callable(fn):
        if inspect.isawaitable(fn):
            reason = "is a coroutine already: give the function that makes it, and then its arguments"
            raise _validation.refuse("fn", reason, kind=InputTypeError)
        raise _validation.refuse_type("fn", "must be a function", fn)
    return functools.partial(fn, *args)
