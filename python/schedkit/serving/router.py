"""Which replica of a model serves a request."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np

from .. import _core, _validation
from ..errors import InvalidInputError, UnknownKeyError
from ._arguments import key_error, read_blocks, read_number, refuse_identity

RoutingPolicy = Literal["round_robin", "random", "least_loaded", "two_choices", "prefix", "bounded_load", "dual_hash"]
Key: TypeAlias = int | str
EPSILON = _core.serving_defaults()[-1]
"""How far above the mean load a replica may go by default."""

_HELPERS = {"number": read_number, "key_error": key_error, "refuse": refuse_identity, "blocks": read_blocks}


class Router(_core.Router):
    """Chooses the replica that serves a request to a language model, one decision at a time.

    The *load* of a replica is the sum of the `tokens` of the requests that were routed to it and have not `finished`, divided
    by its weight. Ties go to the lowest id, except under ``"two_choices"`` and ``"dual_hash"``, where the first of the two
    wins.

    Parameters
    ----------
    replicas : int or sequence of int
        How many replicas there are, with ids 0, 1, ..., or their ids; at most 65,536.
    policy : str, default "two_choices"
        * ``"round_robin"``: the next id, and after the highest the lowest.
        * ``"random"``: any replica with equal chance.
        * ``"least_loaded"``: the replica of least load.
        * ``"two_choices"``: the less loaded of two different replicas drawn at random; ties go to the first drawn.
        * ``"bounded_load"``: the first replica on a ring, from the place of the key on, whose tokens are below
          ``ceil((1 + epsilon) * (all tokens + tokens) / n)`` times its weight over the mean weight. If there is none, as
          for a request without tokens among equal loads at an epsilon of 0, the replica of least load.
        * ``"prefix"``: among the replicas below that bound the one that holds the longest prefix; ties: less loaded, lowest id.
        * ``"dual_hash"``: two replicas by two hashes of the prefix; the first while it answers in time, else the less loaded,
          in a tie the first. The prefix is as short as the blocks allow whose requests bring no more than twice the bound.
    seed : int, default 0
        Seed of the random draws.
    weights : sequence of float, optional
        Speeds of unlike replicas in any unit, > 0; 1 for each by default. The share of a replica on the ring is right for
        weights between a hundredth of the mean of these and a hundred times it.
    epsilon : float, default 0.25
        How far above the mean load a replica may go, 0 to 1e9.
    cache_blocks : int, optional
        Blocks that the cache of a replica holds, for ``"prefix"``; beyond them the least recently used go, those of one prompt
        from its end. No limit by default.
    ttft, rate : float, optional
        For ``"dual_hash"``, both or neither: the time to the first token that should be kept, and the tokens that a replica of
        weight 1 works off in a unit of time. Without them a replica answers in time while it is below the bound.

    Raises
    ------
    InvalidInputError
        Numbers out of range, an unknown policy (the message lists the names), a replica that is there already, a key that is
        under way already, `route` without replicas.
    InputTypeError
        Keys or blocks that are neither integers nor texts, anything but a number where numbers belong.
    UnknownKeyError
        A key that is not under way, a replica that is not there.

    Notes
    -----
    O(log n) a call for n replicas; ``"prefix"`` O(n + blocks * n / 64), `add` and `remove` O(n). Keys and blocks are hashed by
    a function that is the same in every process. Safe from several threads. Pickles with its state and continues exactly.

    Sources: Mitzenmacher (2001), IEEE TPDS 12, for two choices; Mirrokni, Thorup, Zadimoghaddam (2018), SODA, for bounded
    loads; Sun et al. (2024), OSDI, for migrations.

    Examples
    --------
    >>> import schedkit as sk
    >>> router = sk.serving.Router(2, "least_loaded", weights=[1, 2])
    >>> router.route("a", 4), router.route("b", 6), router.route("c", 6)  # the second replica carries 6 / 2
    (0, 1, 1)
    >>> router.load
    {0: 4.0, 1: 6.0}
    >>> router.remove(1)  # what it had is to be routed again
    ['b', 'c']
    >>> router.finished("a")
    >>> len(router)
    0
    """

    __slots__ = ("_options",)

    _options: dict[str, Any]

    def __new__(  # noqa: D102
        cls,
        replicas: int | Sequence[int],
        policy: RoutingPolicy = "two_choices",
        *,
        seed: int = 0,
        weights: Sequence[float] | None = None,
        epsilon: float = EPSILON,
        cache_blocks: int | None = None,
        ttft: float | None = None,
        rate: float | None = None,
    ) -> Router:
        options = read_options(policy, seed, epsilon, cache_blocks, ttft, rate)
        ids = _ids(replicas)
        speeds = [1.0] * len(ids) if weights is None else _validation.float_array(weights, "weights").tolist()
        if len(speeds) != len(ids):
            raise _validation.refuse("weights", f"has length {len(speeds)}, expected one for each of {len(ids)} replicas")
        for k, weight in enumerate(speeds):
            if weight <= 0:
                raise _validation.refuse("weights", "must be > 0", index=(k,), value=weight)
        if speeds:
            largest = max(speeds)
            options["unit"] = largest * (sum(speed / largest for speed in speeds) / len(speeds))
        router = super().__new__(cls, options, time.monotonic(), _HELPERS)
        router._options = options
        for replica, weight in zip(ids, speeds, strict=True):
            router._add(replica, weight)
        return router

    @property
    def load(self) -> Mapping[int, float]:
        """The load of each replica, by id."""
        return dict(self._loads())

    def add(self, replica: int, *, weight: float = 1.0) -> None:
        """Adds a replica, whose cache is empty.

        Parameters
        ----------
        replica : int
            Its id, not in use.
        weight : float, default 1.0
            Its speed, > 0.

        Raises
        ------
        InvalidInputError
            An id in use, a weight of 0 or below, more than 65,536 replicas.
        """
        self._add(_validation.int64(replica, "replica"), _validation.float_scalar(weight, "weight"))

    def remove(self, replica: int) -> list[Key]:
        """Removes a replica.

        Parameters
        ----------
        replica : int
            Its id.

        Returns
        -------
        list
            The keys that were under way there, in the order in which they were routed; the router has forgotten them, and the
            host routes them again.

        Raises
        ------
        UnknownKeyError
            A replica that is not there.
        """
        number = _validation.int64(replica, "replica")
        try:
            return self._remove(number)
        except InvalidInputError as error:  # the only reason of the core
            raise UnknownKeyError(str(error), field=error.field, value=error.value) from None

    def migrations(self) -> list[tuple[Key, int, int]]:
        """Moves requests from replicas of much load to those of little.

        Replicas are sorted by load, the largest first and the least first (ties: lowest id), and paired by their places. Of
        each of the first n // 2 pairs the request of fewest tokens (ties: routed first) moves if that brings the two loads
        closer together. O(requests + n log n).

        Returns
        -------
        list of (key, source, target)
            The router counts these requests at their targets from now on.
        """
        return self._migrations()

    def __repr__(self) -> str:
        return f"Router({len(self.load)} replicas, {self._options['policy']!r}, {len(self)} under way)"

    def __reduce__(self) -> tuple[Any, ...]:
        return _empty, (type(self), self._options), self._save()

    def __setstate__(self, state: tuple[list[Key], list[int], float]) -> None:
        self._load(*state)


def read_options(
    policy: Any, seed: Any, epsilon: Any, cache_blocks: Any, ttft: Any, rate: Any, *, field: str = "policy"
) -> dict[str, Any]:
    """The options of a router by name, which the core judges; `field` is the name under which the policy was given."""
    if (ttft is None) != (rate is None):
        given, other = ("rate", "ttft") if ttft is None else ("ttft", "rate")
        raise _validation.refuse(given, f"needs {other} beside it")
    return {
        "policy": _validation.word(policy, field),
        "seed": _validation.seed(seed),
        "epsilon": _validation.float_scalar(epsilon, "epsilon"),
        "cache_blocks": None
        if cache_blocks is None
        else _validation.int_scalar(cache_blocks, "cache_blocks", minimum=0, maximum=2**53),
        "unit": 1.0,
        "ttft": None if ttft is None else _validation.float_scalar(ttft, "ttft"),
        "rate": None if rate is None else _validation.float_scalar(rate, "rate"),
    }


def _ids(replicas: Any) -> list[int]:
    listed = isinstance(replicas, Sequence) and not isinstance(replicas, (str, bytes))
    if listed or (isinstance(replicas, np.ndarray) and replicas.ndim > 0):
        ids: list[int] = _validation.int_array(replicas, "replicas").tolist()
        first: dict[int, int] = {}
        for k, replica in enumerate(ids):
            if first.setdefault(replica, k) != k:
                raise _validation.refuse("replicas", "is there already", index=(k,), value=replica)
        return ids
    return list(range(_validation.int_scalar(replicas, "replicas", minimum=0, maximum=2**16)))


def _empty(cls: type[Router], options: dict[str, Any]) -> Router:
    names = {name: value for name, value in options.items() if name not in ("policy", "unit")}
    return cls.__new__(cls, 0, options["policy"], **names)
