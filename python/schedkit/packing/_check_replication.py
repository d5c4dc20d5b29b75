"""The check of replications for `schedkit.check`, by code that the methods do not share."""

from __future__ import annotations

import numpy as np

from ._violations import MOST, Rows
from .replication import ReplicationResult

_CLOSE = 1e-9
"""Differences of loads up to this part count as rounding."""


def _shapes(result: ReplicationResult) -> Rows:
    """Columns that do not fit together, and devices that are not those of their slots."""
    *layers, experts = result._load.shape
    *expected, slots = result.expert.shape
    devices = result._layout[2]
    shapes = {"replica_count": (*layers, experts), "max_load": tuple(layers), "lower_bound": tuple(layers)}
    found: Rows = [
        ("missing", (), f"{name} has the shape {np.shape(getattr(result, name))}, expected {shape}")
        for name, shape in shapes.items()
        if np.shape(getattr(result, name)) != shape
    ]
    if expected != layers or slots % devices:
        found.append(("missing", (), f"expert has the shape {result.expert.shape}, with {devices} devices and layers {layers}"))
        return found
    device = np.arange(slots) // (slots // devices)
    if np.shape(result.device) != device.shape:
        return [*found, ("missing", (), f"device has the shape {np.shape(result.device)}, expected {device.shape}")]
    wrong = np.flatnonzero(result.device != device)[:MOST]
    return found + [("objective", (int(s),), f"slot {s} is on device {device[s]}, not {result.device[s]}") for s in wrong]


def violations(result: ReplicationResult) -> Rows:
    """Rows (kind, subject, detail); subjects of results with layers begin with the layer."""
    layered = result.expert.ndim == 2
    if wrong := _shapes(result):
        return wrong
    groups, nodes, devices = result._layout
    if groups % nodes:
        groups = nodes = 1
    found: Rows = []
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
