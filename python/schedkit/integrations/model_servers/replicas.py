"""The choice of a replica, as Ray Serve asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ... import _validation
from ...serving.router import Router, RoutingPolicy

_FACTS = ("key", "tokens", "prefix")


class ReplicaChooser:
    """Ranks the replicas for a request. A request counts at the replica of its first rank until it completes or is asked for
    again.

    `choose_replicas` has the signature of ``ray.serve.request_router.RequestRouter.choose_replicas`` (Ray, commit 5545be3,
    where the interface is in alpha): a subclass of ``RequestRouter`` hands its call on. Ray itself is not imported, and the
    class was not run inside it.

    Parameters
    ----------
    policy : str, default "two_choices"
        A policy of `Router`.
    facts : callable
        Gets a pending request and returns ``key``, and perhaps ``tokens`` and ``prefix``, as in `Router.route`.
    **options
        Options of `Router`, such as ``seed=`` and ``cache_blocks=``.

    Raises
    ------
    InvalidInputError, InputTypeError
        As `Router`; facts of other names.

    Notes
    -----
    Replicas are told apart by their ``replica_id``. The costs are those of `Router`, and O(n) for the ranks.

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
    >>> chooser.on_request_completed("a")
    """

    def __init__(
        self, policy: RoutingPolicy = "two_choices", *, facts: Callable[[Any], dict[str, Any]], **options: Any
    ) -> None:
        self._router = Router(0, policy, **options)
        self._facts = facts
        self._numbers: dict[Any, int] = {}
        self._used = 0
        self._under_way: set[Any] = set()

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
            lost += self._router.remove(self._numbers.pop(replica))
        self._under_way.difference_update(lost)
        for replica in present:
            self._number(replica)
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
            Objects with ``replica_id``; those that are not known yet are added.
        pending_request : object, optional
            What `facts` reads. Without one the candidates are ranked by load, and nothing is counted.

        Returns
        -------
        list of lists
        """
        candidates = [(self._number(replica.replica_id), replica) for replica in candidate_replicas]
        chosen = self._route(pending_request) if candidates and pending_request is not None else None
        load = self._router.load
        candidates.sort(key=lambda numbered: (load[numbered[0]], numbered[0]))
        first = [replica for number, replica in candidates if number == chosen]
        others = [replica for number, replica in candidates if number != chosen]
        return [rank for rank in (first, others) if rank]

    def _route(self, request: Any) -> int:
        facts = dict(self._facts(request))
        unknown = [name for name in facts if name not in _FACTS]
        if unknown or "key" not in facts:
            reason = "unknown name, expected key, and perhaps tokens and prefix" if unknown else "key is missing"
            raise _validation.refuse("facts", reason, value=unknown[0] if unknown else sorted(facts))
        key = facts.pop("key")
        if key in self._under_way:  # the replica that was chosen before has refused it
            self._router.finished(key)
        replica = self._router.route(key, **facts)
        self._under_way.add(key)
        return replica

    def on_request_completed(self, key: Any) -> None:
        """A request has ended.

        Parameters
        ----------
        key : int or str
            The key that `facts` named.
        """
        self._router.finished(key)
        self._under_way.discard(key)

    def __repr__(self) -> str:
        return f"ReplicaChooser({len(self._numbers)} replicas, {len(self._router)} under way)"
