"""Waiting requests in the order of a policy, with the interface of vLLM's request queues."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar

from ... import _validation
from ...errors import UnknownKeyError
from ...online import PolicyQueue
from ._arguments import read_facts

R = TypeVar("R")

_FACTS = ("size", "attained", "weight", "estimate", "deadline", "arrival", "level")


class RequestQueue(Generic[R]):
    """The waiting requests of a model server, in the order of a policy.

    It has the methods of the abstract class ``vllm.v1.core.sched.request_queue.RequestQueue`` (vLLM, commit 0097c7e):
    ``add_request``, ``pop_request``, ``peek_request``, ``prepend_request``, ``prepend_requests``, ``remove_request``,
    ``remove_requests``, ``bool()``, ``len()`` and iteration in order. vLLM itself is not imported, and the class was not run
    inside it. `remove_request` raises for a request that does not wait under every policy; in vLLM that depends on the queue.

    Parameters
    ----------
    policy : str or policy object, default "fcfs"
        A policy of `schedkit.online`, such as ``"slack_edf"`` or ``"slo_density"``.
    facts : callable, optional
        Gets a request and returns what the policy knows of it, by name: some of ``size``, ``attained``, ``weight``,
        ``estimate``, ``deadline``, ``arrival`` and ``level``, as in `PolicyQueue.add`. Nothing by default, which suffices for
        ``"fcfs"``.
    clock : callable, default time.monotonic
        The time now, on the same clock as deadlines and arrivals.

    Raises
    ------
    InvalidInputError
        A request that waits already, facts of other names or out of range.
    UnknownKeyError
        Removal of a request that does not wait.
    IndexError
        ``pop_request`` and ``peek_request`` when no request waits.

    Notes
    -----
    Requests need not be hashable; they are told apart by identity. O(log n) an operation for most policies, O(n log n) for an
    iteration. Under ``"fcfs"`` a request that is prepended is the next one, as in vLLM. Other policies have no front, as vLLM's
    priority queue has none: there ``prepend_request`` adds.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from schedkit.integrations.model_servers import RequestQueue
    >>> queue = RequestQueue("slack_edf", facts=lambda r: {"estimate": r.tokens, "deadline": r.deadline}, clock=lambda: 0.0)
    >>> for name, tokens, deadline in (("a", 3, 9), ("b", 2, 5), ("c", 8, 4)):
    ...     queue.add_request(SimpleNamespace(name=name, tokens=tokens, deadline=deadline))
    >>> [request.name for request in queue]  # nothing can bring the answer of c by 4
    ['b', 'a', 'c']
    >>> queue.pop_request().name
    'b'
    """

    def __init__(
        self,
        policy: Any = "fcfs",
        *,
        facts: Callable[[R], Mapping[str, Any]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue: PolicyQueue[int] = PolicyQueue(policy)
        self._facts = None if facts is None else _validation.function(facts, "facts")
        self._clock = _validation.function(clock, "clock")
        self._requests: dict[int, R] = {}
        self._front: deque[int] | None = deque() if policy == "fcfs" else None
        """The identities of prepended requests, for the policy that has a front."""

    def add_request(self, request: R) -> None:
        """Adds a request.

        Parameters
        ----------
        request : object
            Any object that does not wait yet.
        """
        self._refuse_waiting(request)
        facts = {} if self._facts is None else read_facts(self._facts(request))
        unknown = [name for name in facts if name not in _FACTS]
        if unknown:
            raise _validation.refuse("facts", f"unknown name, expected some of {', '.join(_FACTS)}", value=unknown[0])
        self._queue.add(id(request), now=self._clock(), **facts)
        self._requests[id(request)] = request

    def prepend_request(self, request: R) -> None:
        """Puts a request in front of all others under ``"fcfs"``; under any other policy adds it.

        Parameters
        ----------
        request : object
            Any object that does not wait yet.
        """
        if self._front is None:
            self.add_request(request)
            return
        self._refuse_waiting(request)
        self._front.appendleft(id(request))
        self._requests[id(request)] = request

    def prepend_requests(self, requests: Iterable[R]) -> None:
        """Prepends requests one after the other, so that under ``"fcfs"`` the last one is the next.

        Parameters
        ----------
        requests : iterable
            Objects that do not wait yet, such as those of another queue. If one of them is refused, none waits.
        """
        added: list[R] = []
        try:
            for request in list(requests):
                self.prepend_request(request)
                added.append(request)
        except Exception:
            self.remove_requests(added)
            raise

    def peek_request(self) -> R:
        """The next request, which stays.

        Returns
        -------
        object
        """
        if self._front:
            return self._requests[self._front[0]]
        return self._requests[self._queue.peek(self._clock())]

    def pop_request(self) -> R:
        """Takes the next request out.

        Returns
        -------
        object
        """
        if self._front:
            return self._requests.pop(self._front.popleft())
        return self._requests.pop(self._queue.pop(self._clock()))

    def remove_request(self, request: R) -> None:
        """Takes a request out, wherever it stands.

        Parameters
        ----------
        request : object
            One that waits.
        """
        if id(request) not in self._requests:
            raise _validation.refuse("request", "does not wait", value=request, kind=UnknownKeyError)
        if self._front is not None and id(request) in self._front:
            self._front.remove(id(request))
        else:
            self._queue.remove(id(request))
        del self._requests[id(request)]

    def remove_requests(self, requests: Iterable[R]) -> None:
        """Takes several requests out; those that do not wait are passed over, as in vLLM.

        Parameters
        ----------
        requests : iterable
            Any objects.
        """
        for request in list(requests):
            if id(request) in self._requests:
                self.remove_request(request)

    def _refuse_waiting(self, request: R) -> None:
        if id(request) in self._requests:
            raise _validation.refuse("request", "waits already", value=request)

    def __bool__(self) -> bool:
        return bool(self._requests)

    def __len__(self) -> int:
        return len(self._requests)

    def __iter__(self) -> Iterator[R]:
        return iter([self._requests[key] for key in (*(self._front or ()), *self._queue)])

    def __repr__(self) -> str:
        return f"RequestQueue({len(self)} waiting)"
