"""The check of replications for `schedkit.check`, by code that the methods do not share."""

from __future__ import annotations

import numpy as np

from .replication import ReplicationResult

_CLOSE = 1e-9
"""Differences of loads up to this part count as rounding."""


def violations(result: ReplicationResult) -> list[tuple[str, tuple[int, ...], str]]:
    """Rows (kind, subject, detail); subjects of results with layers begin with the layer."""
    layered = result.expert.ndim == 2
    groups, nodes, devices = result._layout
    if groups % nodes:
        groups = nodes = 1
    found: list[tuple[str, tuple[int, ...], str]] = []
    rows = zip(
        np.atleast_2d(result.expert),
        np.atleast_2d(result.replica_count),
        np.atleast_2d(result._load),
        np.atleast_1d(result.max_load),
        np.atleast_1d(result.lower_bound),
        strict=True,
    )
    for layer, (expert, stated, load, max_load, bound) in enumerate(rows):
        prefix = (layer,) if layered else ()
        known = (expert >= 0) & (expert < load.size)
        found += [
            ("unknown_id", (*prefix, int(s)), f"slot {s} holds expert {expert[s]}, expected 0 to {load.size - 1}")
            for s in np.flatnonzero(~known)
        ]
        count = np.bincount(expert[known], minlength=load.size)
        found += [("missing", (*prefix, int(e)), f"expert {e} has no slot") for e in np.flatnonzero(count == 0)]
        found += [
            ("objective", (*prefix, int(e)), f"expert {e} has {count[e]} slots, not {stated[e]}")
            for e in np.flatnonzero(count != stated)
        ]
        if not known.all() or expert.size % devices:
            continue
        part = load[expert] / count[expert]
        largest = float(part.reshape(devices, -1).sum(axis=1).max())
        if abs(largest - max_load) > _CLOSE * largest:
            found.append(("objective", prefix, f"the largest load is {largest!r}, not {float(max_load)!r}"))
        if bound > max_load * (1 + _CLOSE):
            found.append(
                ("objective", prefix, f"the lower bound {float(bound)!r} exceeds the largest load {float(max_load)!r}")
            )
        group = expert // (load.size // groups)
        node = np.arange(expert.size) // (expert.size // nodes)
        for g in range(groups):
            where = np.unique(node[group == g])
            if where.size > 1:
                found.append(("forbidden_processor", (*prefix, g), f"group {g} is on nodes {where.tolist()}"))
    return found
