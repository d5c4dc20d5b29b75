"""Nodes and pods in the JSON of Kubernetes: what a placement needs to know of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _validation
from .._json import Document
from .inputs import Cluster
from .kubernetes_entries import Entry, at, entries
from .kubernetes_requests import allocatable, requests
from .kubernetes_rules import allowed_nodes, apart_groups

_DONE = ("Succeeded", "Failed")


def cluster_of(document: Document) -> Cluster:
    """The cluster of a document; pods that have ended are left out."""
    nodes, pods = entries(document, "nodes", "Node"), entries(document, "pods", "Pod")
    pods = [pod for pod in pods if at(pod.content, "status", "phase") not in _DONE]
    node_names, item_names = [node.name for node in nodes], [pod.name for pod in pods]
    units, needs = [allocatable(node) for node in nodes], [requests(pod) for pod in pods]
    resources = ["cpu", "memory"]
    resources += sorted({name for amounts in needs for name in amounts} - set(resources))
    if any("pods" in amounts for amounts in units):
        resources.append("pods")
        needs = [{**amounts, "pods": 1} for amounts in needs]
    index = {name: v for v, name in enumerate(node_names)}
    if len(index) < len(node_names):
        raise document.fail("two nodes have the same name", *nodes[0].way[:1])
    return Cluster(
        demand=_matrix(document, needs, resources),
        capacity=_matrix(document, units, resources),
        priority=_validation.readonly(np.array([_priority(pod) for pod in pods], dtype=np.int64)),
        current=_validation.readonly(np.array([_current(pod, index) for pod in pods], dtype=np.int64)),
        allowed=allowed_nodes(pods, nodes),
        apart=apart_groups(pods),
        resource_names=tuple(resources),
        item_names=tuple(item_names),
        node_names=tuple(node_names),
    )


def _current(pod: Entry, index: dict[str, int]) -> int:
    """The node on which a pod runs, -1 for none."""
    on = pod.spec("nodeName")
    if on is None:
        return -1
    if not isinstance(on, str) or on not in index:
        raise pod.fail(f"there is no node {on!r}", "spec", "nodeName")
    return index[on]


def _priority(pod: Entry) -> int:
    value = pod.spec("priority")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise pod.fail("the priority must be a whole number", "spec", "priority")
    return value


def _matrix(document: Document, rows: list[dict[str, int]], resources: list[str]) -> Any:
    matrix = np.array([[row.get(name, 0) for name in resources] for row in rows], dtype=np.int64)
    for name, total in zip(resources, (sum(row.get(name, 0) for row in rows) for name in resources), strict=True):
        if total > 2**53:
            raise document.fail(f"the quantities of {name} add up to more than 2**53")
    return _validation.readonly(matrix.reshape(len(rows), len(resources)))
