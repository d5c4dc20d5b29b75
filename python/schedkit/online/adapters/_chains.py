"""Why calls are blocked: the chains from the calls that have failed or were cancelled, and the error that has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ... import _validation
from ...errors import SchedkitError
from ..dispatcher import Dispatcher


class Link:
    """A key that has failed, was cancelled or is blocked, with the link of the key that blocks it.

    Links share what comes before them, so chains of n keys that need each other take O(n) memory in all.
    """

    __slots__ = ("before", "first", "key")

    def __init__(self, key: Any, before: Link | None = None) -> None:
        self.key = key
        self.before = before
        self.first: Any = key if before is None else before.first

    def chain(self) -> tuple[Any, ...]:
        """The keys from the one that has failed or was cancelled to this one."""
        keys, link = [], self
        while link.before is not None:
            keys.append(link.key)
            link = link.before
        return (link.key, *reversed(keys))


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
        link = Link(chain[0])
        for key in chain[1:]:
            link = Link(key, link)
        self._link = link

    @classmethod
    def _of(cls, link: Link) -> BlockedError:
        error = cls((link.first,))
        error._link = link
        return error

    @property
    def chain(self) -> tuple[Any, ...]:
        """The keys from the call that has failed or was cancelled to this one, each needing the one before."""
        return self._link.chain()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.chain,)


class Chains:
    """The links of the keys of a dispatcher that have failed, were cancelled or are blocked."""

    def __init__(self, dispatcher: Dispatcher[Any]) -> None:
        self._dispatcher = dispatcher
        self._links: dict[Any, Link] = {}

    def end(self, key: Any) -> None:
        """A key has failed for good or was cancelled."""
        self._links.setdefault(key, Link(key))  # one that was blocked keeps its chain

    def block(self, key: Any, after: Iterable[Any] | None) -> None:
        """A key is blocked by the first of `after` that does not end well; None if the dispatcher alone knows `after`."""
        for other in after or ():
            state = self._dispatcher.state(other)
            if state in ("failed", "cancelled", "blocked"):
                if other not in self._links:  # from before the executor
                    if state == "blocked":
                        self._read(other)
                    else:
                        self.end(other)
                self._links[key] = Link(key, self._links[other])
                return
        if key not in self._links:
            self._read(key)

    def error(self, key: Any) -> BlockedError:
        """The error of a blocked key."""
        return BlockedError._of(self._links[key])

    def _read(self, wanted: Any) -> None:
        """Reads the chains of the dispatcher: of a key from before, and of all others that have no links yet."""
        for key, chain in self._dispatcher.blocked.items():
            link = None
            for other in chain if key not in self._links else ():
                link = self._links.setdefault(other, Link(other, link))
        self._links.setdefault(wanted, Link(wanted))  # it was cancelled at this moment
