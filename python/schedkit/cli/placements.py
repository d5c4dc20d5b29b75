"""Buffers in memory and pods on nodes, for the command ``schedkit pack``."""

from __future__ import annotations

import argparse
from typing import Any

from .. import packing
from .output import print_line, print_table


def placed_buffers(arguments: argparse.Namespace) -> tuple[packing.OffsetResult, packing.Buffers]:
    """The offsets of the buffers of a file, and the buffers."""
    b = packing.read(arguments.file, format="minimalloc", ignore_unknown=arguments.ignore_unknown)
    assert isinstance(b, packing.Buffers)
    options: dict[str, Any] = {name: getattr(arguments, name) for name in ("capacity", "time_limit")}
    if arguments.alignment is not None:
        options["alignment"] = arguments.alignment
    return packing.offsets(b.start, b.end, b.size, **options, on_interrupt="return"), b


def show_buffers(result: packing.OffsetResult, b: packing.Buffers) -> None:
    """Prints one row for each buffer, or for each of those that do not fit together."""
    shown = list(range(len(b.names)))
    if result.offset is not None:
        print_line(f"peak {result.peak} ({result.status}, lower bound {result.lower_bound})")
    elif result.conflict is not None:
        print_line("the buffers do not fit: these cannot go together, but without any one of them the others can")
        shown = result.conflict.tolist()
    else:
        print_line(f"found no offsets that fit ({result.status}, lower bound {result.lower_bound})")
        return
    header = ["buffer", "start", "end", "size"] + (["offset"] if result.offset is not None else [])
    columns = [b.start, b.end, b.size] + ([result.offset] if result.offset is not None else [])
    print_table(header, [[b.names[i], *(str(column[i]) for column in columns)] for i in shown])


def placed_pods(arguments: argparse.Namespace) -> tuple[packing.PlacementResult, packing.Cluster]:
    """The placement of the pods of a file, and the cluster."""
    c = packing.read(arguments.file, format="kubernetes")
    assert isinstance(c, packing.Cluster)
    return packing.place(**c.arguments(), time_limit=arguments.time_limit, on_interrupt="return"), c


def show_pods(result: packing.PlacementResult, c: packing.Cluster) -> None:
    """Prints one row for each pod, with what keeps it from a node or moves it to another."""
    placed, lost = int(result.placed.sum()), result.evicted.size
    print_line(f"{placed} of {result.node.size} pods have a node, {lost} lose theirs ({result.status})")
    reasons = {reason.item: _reason(reason, c) for reason in result.unplaced}
    evicted = set(result.evicted.tolist())
    rows = []
    for i, node in enumerate(result.node.tolist()):
        note = reasons.get(i, "")
        if i in evicted:
            note = "; ".join(filter(None, (f"leaves {c.node_names[result.current[i]]}", note)))
        rows.append([c.item_names[i], str(result.priority[i]), c.node_names[node] if node >= 0 else "-", note])
    print_table(["pod", "priority", "node", "note"], rows)


def _reason(reason: packing.Unplaced, c: packing.Cluster) -> str:
    """Why a pod has no node, in words."""
    if reason.node is None:
        return "no node is allowed"
    node = c.node_names[reason.node]
    if reason.resource is None:
        return f"must not share {node} with what is there"
    largest = ", too large even for the empty node" if reason.is_too_large else ""
    return f"{node} lacks {reason.missing} of {c.resource_names[reason.resource]}{largest}"
