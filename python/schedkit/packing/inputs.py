"""Buffers and clusters, as files and generators give them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Content:
    """Comparison by content."""

    __slots__ = ()

    def _values(self) -> list[Any]:
        return [getattr(self, f.name) for f in dataclasses.fields(self)]  # type: ignore[arg-type]  # all are dataclasses

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        pairs = zip(self._values(), other._values(), strict=True)
        return all(np.array_equal(a, b) if isinstance(a, np.ndarray) else a == b for a, b in pairs)

    def __hash__(self) -> int:
        return hash((type(self), *(value.tobytes() for value in self._values() if isinstance(value, np.ndarray))))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Buffers(_Content):
    """Buffers as a file gives them; read-only arrays, in the order of the file.

    Attributes
    ----------
    start, end, size : ndarray of int64, shape (n,)
        The arguments of `offsets`.
    names : tuple of str
        The identifier of each buffer.
    """

    start: NDArray[np.int64]
    end: NDArray[np.int64]
    size: NDArray[np.int64]
    names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Buffers(n={self.start.size})"


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Cluster(_Content):
    """Items and nodes, as a file or a generator gives them; arrays are read-only.

    Attributes
    ----------
    demand : ndarray of int64, shape (n, d)
    capacity : ndarray of int64, shape (m, d)
    priority, current : ndarray of int64, shape (n,)
    allowed : list of (list of int or None)
    apart : list of lists of int
        The arguments of `place`.
    resource_names : tuple of str
        What the columns of `demand` and `capacity` count: of a file's resources ``cpu`` counts thousandths of a processor and
        ``memory`` bytes; of a generated cluster ``memory`` counts MiB.
    item_names, node_names : tuple of str
        The names of the items, such as pods, and of the nodes.
    """

    demand: NDArray[np.int64]
    capacity: NDArray[np.int64]
    priority: NDArray[np.int64]
    current: NDArray[np.int64]
    allowed: list[list[int] | None]
    apart: list[list[int]]
    resource_names: tuple[str, ...]
    item_names: tuple[str, ...]
    node_names: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Cluster(items={len(self.demand)}, nodes={len(self.capacity)}, resources={self.demand.shape[1]})"

    def arguments(self) -> dict[str, Any]:
        """The arguments of `place`, by name.

        Returns
        -------
        dict
            ``demand``, ``capacity``, ``priority``, ``current``, ``allowed`` and ``apart``.
        """
        return {name: getattr(self, name) for name in ("demand", "capacity", "priority", "current", "allowed", "apart")}
