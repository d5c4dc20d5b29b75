"""The checks of placements and of moves for `schedkit.check`, by code that the searches do not share."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._violations import MOST, Rows, wrong_lengths, wrong_status
from .placement import PlacementResult
from .repacking import RepackResult


def placement_violations(result: PlacementResult) -> Rows:
    """Rows (kind, subject, detail) of a placement."""
    problem, node = result._problem, np.asarray(result.node)
    count, num_nodes = problem["demand"].shape[0], problem["capacity"].shape[0]
    if node.size != count:
        return [("missing", (), f"{node.size} items have nodes, expected {count}")]
    strange = np.flatnonzero((node < -1) | (node >= num_nodes))
    if strange.size:
        return [("unknown_id", (int(i),), f"item {i} is on node {node[i]}, which does not exist") for i in strange[:MOST]]
    found = _over(problem, node)
    for i, nodes in problem["allowed"]:
        if node[i] >= 0 and int(node[i]) not in nodes:
            found.append(("forbidden_processor", (i,), f"item {i} may not be on node {node[i]}"))
    for group in problem["apart"]:
        seen: dict[int, int] = {}
        for i in group:
            if node[i] >= 0 and seen.setdefault(int(node[i]), i) != i:
                pair = (seen[int(node[i])], i)
                found.append(("disjunctive", pair, f"items {pair[0]} and {pair[1]} must not share node {node[i]}"))
    return found[:MOST] + _claims(result, problem, node)


def _over(problem: dict[str, Any], node: NDArray[np.int64]) -> Rows:
    """Nodes that hold more than they have."""
    used = np.zeros_like(problem["capacity"])
    here = node >= 0
    np.add.at(used, node[here], problem["demand"][here])
    return [
        ("capacity", (int(r), int(v)), f"node {v} holds {used[v, r]} units of resource {r}, its capacity is {most}")
        for v, r in np.argwhere(used > problem["capacity"])
        for most in [problem["capacity"][v, r]]
    ]


def _claims(result: PlacementResult, problem: dict[str, Any], node: NDArray[np.int64]) -> Rows:
    """What a placement says of itself that is not so."""
    found: Rows = []
    current, priority = problem["current"], problem["priority"]
    evicted = np.flatnonzero((current >= 0) & (current != node))
    if not np.array_equal(evicted, result.evicted):
        found.append(("objective", (), f"{evicted.size} items lose their node, but {result.evicted.size} are listed"))
    tiers = np.unique(priority)[::-1]
    if wrong := wrong_lengths({name: getattr(result, name) for name in ("tier", "placed", "bound")}, tiers.size):
        return found + wrong
    placed = np.array([((priority == p) & (node >= 0)).sum() for p in tiers], dtype=np.int64)
    if not (np.array_equal(tiers, result.tier) and np.array_equal(placed, result.placed)):
        found.append(("objective", (), f"of the priorities {tiers.tolist()} {placed.tolist()} items have nodes"))
    elif (result.bound < placed).any():  # each holds for this placement, too
        found.append(("objective", (), f"the bounds {result.bound.tolist()} are below {placed.tolist()}"))
    met = bool((result.bound == placed).all())
    # Evictions have no bound, so that bounds on the placed items alone prove a placement only if nothing is evicted.
    is_optimal = met and (evicted.size == 0 or result.status == "optimal")
    return found + wrong_status(result.status, placed.tolist(), result.bound.tolist(), "numbers", is_optimal=is_optimal)


def repack_violations(result: RepackResult) -> Rows:
    """Rows (kind, subject, detail) of moves: each must fit when it is made."""
    cluster = result._cluster
    capacity, node = cluster["capacity"], np.array(cluster["current"])
    wide = {int(i) for i in np.flatnonzero(cluster["spread"])}
    free = np.array(capacity)

    def add(item: int, at: int, sign: int) -> NDArray[np.int64]:
        """Frees (1) or takes (-1) what an item needs at a node: all of it on one node, or half of it on each of two."""
        parts = 2 if item in wide else 1
        free[at : at + parts] += sign * (cluster["demand"][item] // parts)
        return free[at : at + parts]

    for item in np.flatnonzero(node >= 0):
        add(int(item), int(node[item]), -1)
    found: Rows = []
    if len(result.moves) > cluster["max_moves"]:
        found.append(("capacity", (), f"{len(result.moves)} moves are made, at most {cluster['max_moves']} are allowed"))
    for k, (item, source, target) in enumerate(result.moves.tolist()):
        if not (0 <= item < len(node) and 0 <= target < len(capacity)) or (item in wide and target % 2 == 1):
            return [*found, ("unknown_id", (k,), f"move {k} takes item {item} to node {target}: one of them does not exist")]
        if node[item] != source or source < 0:
            return [*found, ("fixed", (k,), f"move {k} takes item {item} from node {source}, but it is on node {node[item]}")]
        add(item, source, 1)
        node[item] = target
        if (add(item, target, -1) < 0).any():
            found.append(("capacity", (k,), f"move {k} takes item {item} to node {target}, where it does not fit"))
    total = int(free[:, 0].sum())
    value = int((free[:, 0] % cluster["block"]).sum()) / total if total else 0.0
    if value != result.value or result.bound > value:
        found.append(("objective", (), f"the value is {value!r}, not {result.value!r}, with the bound {result.bound!r}"))
    found += wrong_status(result.status, result.value, result.bound, "value", is_optimal=result.bound == result.value)
    if not np.array_equal(node, result.node):
        found.append(("objective", (), "the nodes are not those to which the moves lead"))
    return found
