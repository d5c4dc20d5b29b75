"""Whether attempts have failed because of their pool, which then takes no more calls."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Any

from ._calls import Call

Attempt = tuple[Any, Call[concurrent.futures.Future[Any]], BaseException]
"""The key of a call, the call, and the error of its attempt."""


class PoolFailures:
    """Attempts that were cancelled in a pool or have met a broken one: this pool, or one that the call itself has used.

    A pool that takes another call is not to blame. It may hold its lock while it reports, so a thread of its own tries it.

    Parameters
    ----------
    pool : concurrent.futures.Executor
    decide : callable
        Gets the attempts, and whether they have failed because of the pool.
    """

    def __init__(self, pool: concurrent.futures.Executor, decide: Callable[[list[Attempt], bool], None]) -> None:
        self._pool = pool
        self._decide = decide
        self._lock = threading.Lock()
        self._attempts: list[Attempt] = []

    def add(self, attempt: Attempt) -> None:
        """Decides about an attempt soon."""
        with self._lock:
            self._attempts.append(attempt)
            if len(self._attempts) > 1:
                return
        try:
            threading.Thread(target=self._probe).start()
        except RuntimeError:  # the interpreter ends, and with it the pool
            self._end(True)

    def _probe(self) -> None:
        try:
            self._pool.submit(int)
        except RuntimeError:
            self._end(True)
        else:
            self._end(False)

    def _end(self, because_of_pool: bool) -> None:
        with self._lock:
            attempts, self._attempts = self._attempts, []
        self._decide(attempts, because_of_pool)
