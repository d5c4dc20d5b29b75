"""What the two executors of a dispatcher share: calls on their way, keys from before, and the error of blocked calls."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
from collections.abc import Callable, Hashable
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


class Call(Generic[F]):
    """A call on its way: what is to be done, the future that its owner holds, and how often it may fail."""

    __slots__ = ("function", "future", "retries", "running", "started")

    def __init__(self, function: Callable[[], Any], future: F, retries: int) -> None:
        self.function = function
        self.future: F = future
        self.retries = retries
        self.running: asyncio.Task[Any] | None = None
        self.started = False


class WaitingKeys:
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


def checked(dispatcher: Any) -> Dispatcher[Any]:
    """The dispatcher, whose running keys would belong to another program."""
    if not isinstance(dispatcher, Dispatcher):
        raise _validation.refuse_type("dispatcher", "must be a Dispatcher", dispatcher)
    if dispatcher.running:
        raise _validation.refuse("dispatcher", "must have no running keys: their calls belong to another program")
    return dispatcher


def bound(fn: Any, args: tuple[Any, ...]) -> Callable[[], Any]:
    """The function with its arguments."""
    if not callable(fn):
        if inspect.isawaitable(fn):
            reason = "is a coroutine already: give the function that makes it, and then its arguments"
            raise _validation.refuse("fn", reason, kind=InputTypeError)
        raise _validation.refuse_type("fn", "must be a function", fn)
    return functools.partial(fn, *args)
