"""The choice of a replica, as Ray Serve asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ... import _validation
from ...serving.router import Router, RoutingPolicy
from ._arguments import read_facts

_FACTS = ("key", "tokens", "prefix")


class ReplicaChooser:
    """Ranks the replicas for a request. A request counts at the replica of its first rank, or at the one that it was sent to in
    the end, until it completes or is asked for again.

    Four methods have the signatures of ``ray.serve.request_router.RequestRouter``: `choose_replicas`, `on_request_routed`,
    `on_replica_actor_died` (Ray, commit 5545be3, where the interface is in alpha) and `on_request_completed` (the documentation
    of Ray's main branch; that commit does not have it yet). A subclass of ``RequestRouter`` hands its calls on. Ray itself is
    not imported, and the class was not run inside it.

    Parameters
    ----------
    policy : str, default "two_choices"
        A policy of `Router`.
    facts : callable
        Gets a pending request and returns ``key``, and perhaps ``tokens`` and ``prefix``, as in `Router.route`. The key is what
        `on_request_completed` gets, in Ray ``request.metadata.internal_request_id``.
    **options
        Options of `Router`, such as ``seed=`` and ``cache_blocks=``.

    Raises
    ------
    InvalidInputError, InputTypeError
        As `Router`; facts of other names, or that cannot be called. A refused call changes nothing.

    Notes
    -----
    Replicas are told apart by their ``replica_id``. The costs are those of `Router`, and O(n log n) for the ranks.

    Examples
    --------
    >>> import asyncio
    >>> from types import SimpleNamespace
    >>> from schedkit.integrations.model_servers import ReplicaChooser
    >>> chooser = ReplicaChooser("least_loaded", facts=lambda request: {"key": request.id, "tokens": request.tokens})
    >>> replicas = [SimpleNamespace(replica_id=name) for name in ("r1", "r2")]
    >>> chooser.update_replicas(replicas)  # no request has lost its replica
    []
    >>> request = SimpleNamespace(id="a", tokens=40)
    >>> [[r.replica_id for r in rank] for rank in asyncio.run(chooser.choose_replicas(replicas, request))]
    [['r1'], ['r2']]
    >>> chooser.on_request_routed(request, "r2")  # r1 was full
    >>> chooser.load
    {'r1': 0.0, 'r2': 40.0}
    >>> chooser.on_request_completed("r2", "a")
    """

    def __init__(
        self, policy: RoutingPolicy = "two_choices", *, facts: Callable[[Any], dict[str, Any]], **options: Any
    ) -> None:
        self._router = Router(0, policy, **options)
        self._facts = _validation.function(facts, "facts")
        self._numbers: dict[Any, int] = {}
        self._used = 0
        self._under_way: dict[Any, dict[str, Any]] = {}
        """What is known of each request that counts, by key."""

    @property
    def load(self) -> dict[Any, float]:
        """The load of each replica, by its ``replica_id``."""
        load = self._router.load
        return {replica: load[number] for replica, number in self._numbers.items()}

    def update_replicas(self, replicas: Iterable[Any]) -> list[Any]:
        """Tells which replicas there are now.

        Parameters
        ----------
        replicas : iterable
            Objects with ``replica_id``.

        Returns
        -------
        list
            The keys of requests that were under way at replicas that are gone, which are to be routed again.
        """
        present = dict.fromkeys(replica.replica_id for replica in replicas)
        lost: list[Any] = []
        for replica in [known for known in self._numbers if known not in present]:
            lost += self.on_replica_actor_died(replica)
        for replica in present:
            self._number(replica)
        return lost

    def on_replica_actor_died(self, replica_id: Any) -> list[Any]:
        """A replica is gone. One that is not known is passed over.

        Parameters
        ----------
        replica_id : hashable
            Its ``replica_id``.

        Returns
        -------
        list
            The keys of requests that were under way there, which are to be routed again.
        """
        if replica_id not in self._numbers:
            return []
        lost = self._router.remove(self._numbers.pop(replica_id))
        for key in lost:
            self._under_way.pop(key, None)
        return lost

    def _number(self, replica: Any) -> int:
        """The number of a replica in the router, which gets to know it here."""
        if replica not in self._numbers:
            self._router.add(self._used)
            self._numbers[replica] = self._used
            self._used += 1
        return self._numbers[replica]

    async def choose_replicas(self, candidate_replicas: Sequence[Any], pending_request: Any = None) -> list[list[Any]]:
        """The candidates in ranks: the chosen one, then the others by load.

        Parameters
        ----------
        candidate_replicas : sequence
            Objects with ``replica_id``; those that are not known yet are added. Others are not chosen: if the policy chooses
            one, the least loaded candidate takes its place.
        pending_request : object, optional
            What `facts` reads. Without one the candidates are ranked by load, and nothing is counted.

        Returns
        -------
        list of lists
        """
        candidates = [(self._number(replica.replica_id), replica) for replica in candidate_replicas]
        chosen = None
        if candidates and pending_request is not None:
            chosen = self._route(self._read(pending_request), [number for number, _ in candidates])
        load = self._router.load
        candidates.sort(key=lambda numbered: (load[numbered[0]], numbered[0]))
        first = [replica for number, replica in candidates if number == chosen]
        others = [replica for number, replica in candidates if number != chosen]
        return [rank for rank in (first, others) if rank]

    def _read(self, request: Any) -> dict[str, Any]:
        facts = read_facts(self._facts(request))
        unknown = [name for name in facts if name not in _FACTS]
        if unknown or "key" not in facts:
            reason = "unknown name, expected key, and perhaps tokens and prefix" if unknown else "key is missing"
            raise _validation.refuse("facts", reason, value=unknown[0] if unknown else sorted(facts))
        return facts

    def _route(self, facts: dict[str, Any], among: list[int]) -> int:
        """Counts a request at one of these replicas, and no longer where it counted before."""
        key = facts["key"]
        before = self._under_way.get(key)
        place = self._router.replica(key) if before is not None else -1
        if before is not None:
            self._router.finished(key)
        try:
            number = self._router.route(**facts, among=among)
        except Exception:
            if before is not None:
                self._router.route(**before, among=[place])
            raise
        self._under_way[key] = facts
        return number

    def on_request_routed(self, pending_request: Any, replica_id: Any, result: Any = None) -> None:  # noqa: ARG002  # Ray's
        """A request was sent to a replica, where it counts from now on, whatever its first rank was.

        Parameters
        ----------
        pending_request : object
            What `facts` reads.
        replica_id : hashable
            The ``replica_id`` of a replica; one that is not known is passed over.
        result : object, optional
            Not looked at.
        """
        facts = self._read(pending_request)
        number = self._numbers.get(replica_id)
        if number is None or (facts["key"] in self._under_way and self._router.replica(facts["key"]) == number):
            return
        self._route(facts, [number])

    def on_request_completed(self, replica_id: Any, internal_request_id: Any) -> None:  # noqa: ARG002  # Ray's
        """A request has ended. One that does not count, because its replica is gone, is passed over.

        Parameters
        ----------
        replica_id : hashable
            Not looked at.
        internal_request_id : int or str
            The key that `facts` named.
        """
        if self._under_way.pop(internal_request_id, None) is not None:
            self._router.finished(internal_request_id)

    def __repr__(self) -> str:
        return f"ReplicaChooser({len(self._numbers)} replicas, {len(self._router)} under way)"
