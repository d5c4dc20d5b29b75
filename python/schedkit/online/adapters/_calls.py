"""The shared part of the two executors of a dispatcher: calls on their way, and keys from before."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import inspect
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar, cast

from ... import _validation
from ..._refusals import shown
from ...errors import InputTypeError, InvalidInputError
from .._dispatcher_arguments import read_after
from ..dispatcher import Dispatcher
from ._chains import BlockedError, Chains

NAMED = 5
"""How many keys without calls a message names."""

F = TypeVar("F", "concurrent.futures.Future[Any]", "asyncio.Future[Any]")


class Call(Generic[F]):
    """A call on its way: what is to be done, the future that its owner holds, and how often it may fail.

    Attributes
    ----------
    after : tuple or None
        The keys that it needs; None if they were submitted before the executor was made.
    """

    __slots__ = ("after", "function", "future", "in_pool", "notified", "retries", "running", "started")

    def __init__(self, function: Callable[[], Any], future: F, retries: int) -> None:
        self.function = function
        self.future: F = future
        self.retries = retries
        self.after: tuple[Any, ...] | None = None
        self.running: asyncio.Task[Any] | None = None
        self.started = self.notified = self.in_pool = False


class WaitingKeys:
    """Submits keys to the dispatcher of an executor, and knows those that waited in it before.

    Nothing starts until each of those has a call or waits no longer.

    Attributes
    ----------
    need_calls : dict
        Those that wait and have no call, in the order of the dispatcher; the values mean nothing.
    """

    def __init__(self, dispatcher: Dispatcher[Any]) -> None:
        self._dispatcher = dispatcher
        self._chains = Chains(dispatcher)
        self.need_calls: dict[Any, None] = dict.fromkeys(dispatcher.waiting)
        self._known = set(self.need_calls)
        self._count = len(dispatcher)

    def submit(self, key: Hashable, call: Call[Any], facts: dict[str, Any]) -> BlockedError | None:
        """Submits a key to the dispatcher, unless it was there before; the error of its call if the key is blocked."""
        if len(self._dispatcher) != self._count:
            reason = "got keys from another program than this executor, which has no calls for them"
            raise _validation.refuse("dispatcher", reason, value=self._dispatcher)
        if facts.get("now") is not None:
            raise _validation.refuse("now", "the executor reads the clock itself, leave it out", value=facts["now"])
        before = self._count
        try:
            if key not in self._known:
                after = facts.get("after", ())
                if not isinstance(after, (list, tuple)):
                    after = facts["after"] = read_after(after)
                call.after = tuple(after)
                self._dispatcher.submit(key, **facts)
                self._count = before + 1
            elif facts:
                reason = f"the facts of this key are known already, leave out {', '.join(facts)}"
                raise _validation.refuse("key", reason, value=key)
            else:
                self._known.discard(key)
                self.need_calls.pop(key, None)
            if self._dispatcher.state(key) != "blocked":
                return None
            self._chains.block(key, call.after)
            return self._chains.error(key)
        except BaseException:
            if len(self._dispatcher) > before:  # a signal handler has raised, and the dispatcher has the key
                self._count = before + 1
                self._dispatcher.cancel(key)
            raise

    def missing(self) -> InvalidInputError | None:
        """The error for keys from before that have no calls, while which nothing starts; None if there are none."""
        keys = list(self.need_calls)
        if not keys:
            return None
        names = ", ".join(shown(key) for key in keys[:NAMED]) + (f" and {len(keys) - NAMED} more" if len(keys) > NAMED else "")
        reason = f"these keys wait from before and have no calls, so nothing starts: {names}; submit or cancel each of them"
        return cast("InvalidInputError", _validation.refuse("dispatcher", reason))

    def end(self, key: Hashable, blocked: list[Any], calls: dict[Any, Call[F]]) -> list[tuple[Call[F], BlockedError]]:
        """A key has failed for good or was cancelled, which has blocked other keys: their calls, with their errors.

        Takes all of them out of `calls`.
        """
        self._chains.end(key)
        calls.pop(key, None)
        ended = []
        for other in blocked:
            call = calls.pop(other, None)
            if call is not None:
                self._chains.block(other, call.after)
                ended.append((call, self._chains.error(other)))
            elif other in self.need_calls:
                del self.need_calls[other]
                self._chains.block(other, None)
        return ended


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
