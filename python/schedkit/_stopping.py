"""Sends cancellation to calls on threads, in processes and on clusters. Each call of `solve_many` has one relay."""

from __future__ import annotations

import abc
import contextlib
import os
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from ._core import CancelToken

_LOOK_AGAIN = 0.02  # seconds between two checks of a flag on one machine
_LOOK_FAR = 0.1  # seconds between two checks across a network


class Relay(abc.ABC):
    """Cancels all calls whose index is above a limit. The limit never rises."""

    abandoned = False
    """Whether calls that have not been sent to a worker may be skipped. For the caller's side."""

    def abandon_above(self, index: int) -> None:
        """Cancels all calls with a higher index, and skips those that have not been sent yet."""
        self.abandoned = True
        self.cancel_above(index)

    @abc.abstractmethod
    def cancel_above(self, index: int) -> None:
        """Ends all calls with a higher index; -1 ends all of them. For the caller's side."""

    @abc.abstractmethod
    def unwanted(self, index: int) -> bool:
        """Whether the call is cancelled. For the caller's side."""

    def skips(self, index: int) -> bool:
        """Whether a call that has not been sent to a worker is skipped. For the caller's side."""
        return self.abandoned and self.unwanted(index)

    @contextlib.contextmanager
    def mark(self, index: int) -> Iterator[None]:  # noqa: ARG002
        """Records that a call runs while the context is open, in case its process dies. For the worker's side."""
        yield

    def marked(self) -> set[int]:
        """The calls that were recorded as running and did not end. For the caller's side."""
        return set()

    @abc.abstractmethod
    def token(self, index: int) -> contextlib.AbstractContextManager[CancelToken]:
        """The token of one call, which follows the limit while the context is open. For the worker's side."""


class _Threads(Relay):
    """The relay within one process, which cancels the tokens directly."""

    def __init__(self, total: int) -> None:
        self._limit = total
        self._live: dict[int, CancelToken] = {}
        self._lock = threading.Lock()

    def cancel_above(self, index: int) -> None:
        with self._lock:
            self._limit = min(self._limit, index)
            for number, token in self._live.items():
                if number > self._limit:
                    token.cancel()

    def unwanted(self, index: int) -> bool:
        return index > self._limit

    @contextlib.contextmanager
    def token(self, index: int) -> Iterator[CancelToken]:
        token = CancelToken()
        with self._lock:
            if index > self._limit:
                token.cancel()
            self._live[index] = token
        try:
            yield token
        finally:
            with self._lock:
                del self._live[index]


class _Remote(Relay):
    """A relay across processes: a thread beside each call checks the limit repeatedly."""

    pause: float

    @abc.abstractmethod
    def limit(self) -> int | None:
        """The limit that a worker reads, or None."""

    def unwanted(self, index: int) -> bool:
        limit = self.limit()
        return limit is not None and index > limit

    @contextlib.contextmanager
    def token(self, index: int) -> Iterator[CancelToken]:
        token, ended = CancelToken(), threading.Event()

        def look() -> None:
            while True:
                limit = self.limit()
                if limit is not None and index > limit:
                    token.cancel()
                    return
                if ended.wait(self.pause):
                    return

        limit = self.limit()
        if limit is not None and index > limit:
            token.cancel()
        watch = threading.Thread(target=look, daemon=True)
        watch.start()
        try:
            yield token
        finally:
            ended.set()
            watch.join()


class _Files(_Remote):
    """The relay for processes of one machine, which share a small file that holds the limit."""

    pause = _LOOK_AGAIN

    def __init__(self, path: str) -> None:
        self._path = path

    def cancel_above(self, index: int) -> None:
        limit = self.limit()
        if limit is None or index < limit:
            with open(self._path + ".new", "w", encoding="ascii") as file:
                file.write(str(index))
            os.replace(self._path + ".new", self._path)

    def limit(self) -> int | None:
        try:
            with open(self._path, encoding="ascii") as file:
                return int(file.read())
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def mark(self, index: int) -> Iterator[None]:
        path = f"{self._path}.{index}.runs"
        with contextlib.suppress(FileNotFoundError):  # the caller is gone
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        try:
            yield
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)

    def marked(self) -> set[int]:
        found = {}
        for name in os.listdir(os.path.dirname(self._path)):
            if name.endswith(".runs"):
                found[int(name.split(".")[-2])] = os.path.join(os.path.dirname(self._path), name)
        for path in found.values():
            os.unlink(path)
        return set(found)


class _Dask(_Remote):
    """The relay for a Dask cluster, whose workers read the limit from the scheduler."""

    pause = _LOOK_FAR

    def __init__(self, name: str, total: int) -> None:
        self._name = name
        self._limit = total

    def cancel_above(self, index: int) -> None:
        if index < self._limit:
            self._limit = index
            self._variable().set(index)

    def limit(self) -> int | None:
        try:
            return int(self._variable().get(timeout=10))
        except (TimeoutError, OSError):  # the scheduler is busy, or gone with this call
            return None

    def _variable(self) -> Any:
        from distributed import Variable, get_client  # noqa: PLC0415  # only where it is in use

        return Variable(self._name, client=get_client())


@contextlib.contextmanager
def relay_for(backend: Any, stop: CancelToken | None, total: int) -> Iterator[Relay]:
    """The relay for a joblib backend. It follows the caller's token while the context is open."""
    with contextlib.ExitStack() as stack:
        relay: Relay
        if type(backend).__name__ == "DaskDistributedBackend":
            relay = _Dask(f"schedkit-{uuid.uuid4().hex}", total)
            variable = relay._variable()
            variable.set(total)
            stack.callback(variable.delete)
        elif getattr(backend, "supports_sharedmem", False):
            relay = _Threads(total)
        else:
            relay = _Files(os.path.join(stack.enter_context(tempfile.TemporaryDirectory(prefix="schedkit-")), "limit"))
        if stop is not None:
            stack.enter_context(_obeying(stop, lambda: relay.cancel_above(-1)))
        yield relay


@contextlib.contextmanager
def _obeying(stop: CancelToken, end: Callable[[], None]) -> Iterator[None]:
    """Calls `end` once when the token is cancelled while the context is open."""
    if stop.cancelled:
        end()
        yield
        return
    finished = threading.Event()

    def look() -> None:
        while not finished.wait(_LOOK_AGAIN):
            if stop.cancelled:
                end()
                return

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    try:
        yield
    finally:
        finished.set()
        watch.join()
