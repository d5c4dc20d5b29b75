"""The dispatcher in front of an event loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from ... import _validation
from ...errors import InputTypeError
from ..dispatcher import Dispatcher
from ._calls import Call, WaitingKeys, bound, checked


class AsyncDispatcher:
    """Runs coroutines in an event loop as soon as those that they need are done and their demands fit.

    Parameters
    ----------
    dispatcher : Dispatcher
        Decides which coroutines run. Keys that wait in it already, as after `Dispatcher.resume`, are submitted once more,
        without facts, or cancelled; nothing starts before that. It has no running keys. From now on it belongs to this object:
        ask it what you like, but make changes by `submit`, `cancel` and `set_capacity` of this object, which does not notice
        others.
    retries : int, default 0
        How often a coroutine that raises is run again.

    Attributes
    ----------
    without_call : list
        Keys that waited in the dispatcher before, and were neither submitted here nor cancelled.

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
        self._dispatcher, self._waiting = checked(dispatcher), WaitingKeys(dispatcher)
        self._retries = _validation.int_scalar(retries, "retries", minimum=0)
        self._calls: dict[Any, Call[asyncio.Future[Any]]] = {}

    @property
    def without_call(self) -> list[Any]:
        """Keys that waited in the dispatcher before, and were neither submitted here nor cancelled, in its order."""
        return list(self._waiting.need_calls)

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
            Makes the coroutine, or another awaitable: a coroutine function, or any callable with such an answer. A plain
            function is known by its answer alone: it runs once, and its key fails with an `InputTypeError`, without retries.
        *args
            Its arguments.
        retries : int, optional
            How often it is run again if it raises; by default as the object says.
        **facts
            The facts of `Dispatcher.submit`, such as ``after=`` and ``demand=``, but not ``now=``.
        """
        limit = self._retries if retries is None else _validation.int_scalar(retries, "retries", minimum=0)
        if inspect.isasyncgenfunction(fn):
            reason = "makes an asynchronous generator, which cannot be awaited: give a coroutine function"
            raise _validation.refuse("fn", reason, kind=InputTypeError)
        function, future = bound(fn, args), asyncio.get_running_loop().create_future()
        call = Call(function, future, limit)
        error = self._waiting.submit(key, call, facts)
        if error is not None:
            future.set_exception(error)
        else:
            self._calls[key] = call
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
        del self._waiting.need_calls[key]
        self._end(key, self._dispatcher.cancel(key))
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
        self._end(key, self._dispatcher.cancel(key))

    def _dispatch(self) -> None:
        for key in [] if self._waiting.need_calls else self._dispatcher.next():
            call = self._calls.get(key)
            if call is None:
                continue  # it was submitted to the dispatcher directly, which the next `submit` refuses
            call.running = asyncio.get_running_loop().create_task(self._attempt(call))
            call.running.add_done_callback(functools.partial(self._done, key, call))

    @staticmethod
    async def _attempt(call: Call[asyncio.Future[Any]]) -> Any:
        coroutine = call.function()
        if not inspect.isawaitable(coroutine):
            call.retries = 0  # the next attempt would run the function again, with the same result
            raise _validation.refuse_type("fn", "must be a coroutine function: its answer must be awaitable", coroutine)
        return await coroutine

    def _done(self, key: Any, call: Call[asyncio.Future[Any]], task: asyncio.Task[Any]) -> None:
        """An attempt is over."""
        call.running = None
        error = None if task.cancelled() else task.exception()
        if task.cancelled() or call.future.cancelled():
            blocked = self._dispatcher.cancel(key)
            call.future.cancel()
        elif error is None:
            self._dispatcher.finished(key)
            del self._calls[key]
            call.future.set_result(task.result())
            self._dispatch()
            return
        elif call.retries > 0 and isinstance(error, Exception):
            call.retries -= 1
            self._dispatcher.failed(key)
            self._dispatch()
            return
        else:
            blocked = self._dispatcher.failed(key, retry=False)
            call.future.set_exception(error)
        self._end(key, blocked)

    def _end(self, key: Any, blocked: list[Any]) -> None:
        """A key has failed for good or was cancelled."""
        for call, error in self._waiting.end(key, blocked, self._calls):
            if not call.future.done():
                call.future.set_exception(error)
        self._dispatch()

    async def join(self) -> None:
        """Waits until all keys have ended; exceptions stay with the futures.

        Raises
        ------
        InvalidInputError
            Keys wait in the dispatcher from before and have no coroutines, so nothing starts: submit or cancel them first.
        """
        while True:
            missing = self._waiting.missing()
            if missing is not None:
                raise missing
            if not self._calls:
                return
            await asyncio.wait([call.future for call in self._calls.values()])
            await asyncio.sleep(0)  # the callbacks of the futures run now
