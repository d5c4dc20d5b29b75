"""Nodes and pods in the JSON of Kubernetes: what a placement needs to know of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any

import numpy as np

from .. import _validation
from .._json import Document
from .inputs import Cluster

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]{1,2})?")
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_HOST = "kubernetes.io/hostname"
_DONE = ("Succeeded", "Failed")

Way = tuple[str | int, ...]
Entry = tuple[Way, dict[str, Any]]


def cluster_of(document: Document) -> Cluster:
    """The cluster of a document; pods that have ended are left out."""
    nodes, pods = _entries(document, "nodes", "Node"), _entries(document, "pods", "Pod")
    pods = [(way, pod) for way, pod in pods if _at(pod, "status", "phase") not in _DONE]
    units = [_amounts(document, way, node, "status", "allocatable") for way, node in nodes]
    needs = [_requests(document, way, pod) for way, pod in pods]
    resources = ["cpu", "memory"]
    resources += sorted({name for amounts in needs for name in amounts} - set(resources))
    if any("pods" in amounts for amounts in units):
        resources.append("pods")
        needs = [{**amounts, "pods": 1} for amounts in needs]
    node_names = [_name(document, way, node) for way, node in nodes]
    index = {name: v for v, name in enumerate(node_names)}
    if len(index) < len(node_names):
        raise document.fail("two nodes have the same name", *nodes[0][0][:1])
    current = []
    for way, pod in pods:
        on = _at(pod, "spec", "nodeName")
        if on is not None and (not isinstance(on, str) or on not in index):
            raise document.fail(f"there is no node {on!r}", *way, "spec", "nodeName")
        current.append(-1 if on is None else index[on])
    return Cluster(
        demand=_matrix(document, needs, resources),
        capacity=_matrix(document, units, resources),
        priority=_validation.readonly(np.array([_priority(document, way, pod) for way, pod in pods], dtype=np.int64)),
        current=_validation.readonly(np.array(current, dtype=np.int64)),
        allowed=[_allowed(document, way, pod, nodes) for way, pod in pods],
        apart=_apart(document, pods),
        resource_names=tuple(resources),
        item_names=tuple(_name(document, way, pod) for way, pod in pods),
        node_names=tuple(node_names),
    )


def _at(value: Any, *keys: str) -> Any:
    """A member inside objects; None where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _entries(document: Document, field: str, kind: str) -> list[Entry]:
    """The objects of a kind, with where they stand."""
    content = document.content
    if not isinstance(content, dict):
        raise document.fail("expected an object with the lists 'nodes' and 'pods', or the list 'items'")
    found: list[Entry] = []
    for key in (field, "items"):
        listed = content.get(key, [])
        if isinstance(listed, dict):  # a list of Kubernetes' own
            listed = listed.get("items")
        if not isinstance(listed, list):
            raise document.fail(f"'{key}' must be a list", key)
        inner: Way = (key, "items") if isinstance(content.get(key), dict) else (key,)
        for k, entry in enumerate(listed):
            if not isinstance(entry, dict):
                raise document.fail(f"expected an object with a {kind}", *inner, k)
            if key == field or entry.get("kind") == kind:
                found.append(((*inner, k), entry))
    if not any(key in content for key in (field, "items")):
        raise document.fail(f"has neither the list '{field}' nor 'items'")
    return found


def _name(document: Document, way: Way, entry: dict[str, Any]) -> str:
    name = _at(entry, "metadata", "name")
    if not isinstance(name, str):
        raise document.fail("has no name in its metadata", *way)
    return name


def _amount(document: Document, name: str, text: Any, *way: str | int) -> int:
    """A quantity in whole units, rounded up; processors in thousandths."""
    match = _QUANTITY.fullmatch(str(text)) if isinstance(text, (str, int, float)) and not isinstance(text, bool) else None
    if match is None:
        raise document.fail(f"the quantity of {name} must be like 2, 500m or 16Gi", *way)
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix == "m":
        number /= 1000
    elif suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix[1:] != "i":
        number *= Decimal(10) ** int(suffix[1:])
    else:
        number *= _UNITS[suffix]
    number *= 1000 if name == "cpu" else 1
    if number > 2**53:
        raise document.fail(f"the quantity of {name} exceeds 2**53", *way)
    return int(number.to_integral_value(ROUND_CEILING))


def _amounts(document: Document, way: Way, entry: dict[str, Any], *keys: str) -> dict[str, int]:
    """The quantities of an object of resources."""
    amounts = _at(entry, *keys) or {}
    if not isinstance(amounts, dict):
        raise document.fail(f"'{keys[-1]}' must be an object of resources", *way, *keys)
    return {name: _amount(document, name, text, *way, *keys, name) for name, text in amounts.items()}


def _requests(document: Document, way: Way, pod: dict[str, Any]) -> dict[str, int]:
    """What all containers of a pod ask for, or one that runs before the others if that is more."""
    total: dict[str, int] = {}
    largest: dict[str, int] = {}
    for key, together in (("containers", True), ("initContainers", False)):
        containers = _at(pod, "spec", key) or []
        if not isinstance(containers, list):
            raise document.fail(f"'{key}' must be a list", *way, "spec", key)
        for k, container in enumerate(containers):
            for name, amount in _amounts(document, (*way, "spec", key, k), container, "resources", "requests").items():
                if together:
                    total[name] = total.get(name, 0) + amount
                else:
                    largest[name] = max(largest.get(name, 0), amount)
    return {name: max(total.get(name, 0), largest.get(name, 0)) for name in {**total, **largest}}


def _priority(document: Document, way: Way, pod: dict[str, Any]) -> int:
    value = _at(pod, "spec", "priority")
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**53:
        raise document.fail("the priority must be a whole number", *way, "spec", "priority")
    return value


def _matrix(document: Document, rows: list[dict[str, int]], resources: list[str]) -> Any:
    matrix = np.array([[row.get(name, 0) for name in resources] for row in rows], dtype=np.int64)
    for name, total in zip(resources, (sum(row.get(name, 0) for row in rows) for name in resources), strict=True):
        if total > 2**53:
            raise document.fail(f"the quantities of {name} add up to more than 2**53")
    return _validation.readonly(matrix.reshape(len(rows), len(resources)))


def _labels(entry: dict[str, Any]) -> dict[str, Any]:
    labels = _at(entry, "metadata", "labels")
    return labels if isinstance(labels, dict) else {}


def _matches(document: Document, way: Way, labels: dict[str, Any], selector: Any) -> bool:
    """Whether labels satisfy a selector of labels and expressions."""
    if not isinstance(selector, dict):
        return False
    wanted = selector.get("matchLabels") or {}
    if not isinstance(wanted, dict) or not isinstance(selector.get("matchExpressions") or [], list):
        raise document.fail("a selector holds an object 'matchLabels' and a list 'matchExpressions'", *way)
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    for term in selector.get("matchExpressions") or []:
        key, operator, values = (_at(term, name) for name in ("key", "operator", "values"))
        has = isinstance(key, str) and key in labels
        holds = has and isinstance(values, list) and labels[key] in values
        known = {"In": holds, "NotIn": not holds, "Exists": has, "DoesNotExist": not has}
        if not isinstance(operator, str) or operator not in known:
            raise document.fail(f"unknown operator {operator!r}, expected one of {', '.join(known)}", *way)
        if not known[operator]:
            return False
    return True


def _items(value: Any) -> Iterator[Any]:
    yield from value if isinstance(value, list) else ()


def _allowed(document: Document, way: Way, pod: dict[str, Any], nodes: list[Entry]) -> list[int] | None:
    """The nodes that a pod may take by selector, required affinity, taints and cordons; None for all."""
    selector = _at(pod, "spec", "nodeSelector") or {}
    required = _at(
        pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"
    )
    tolerations = list(_items(_at(pod, "spec", "tolerations")))
    found = []
    for v, (_, node) in enumerate(nodes):
        labels = {_HOST: _at(node, "metadata", "name"), **_labels(node)}
        taints = [t for t in _items(_at(node, "spec", "taints")) if _at(t, "effect") in ("NoSchedule", "NoExecute")]
        stays = _at(pod, "spec", "nodeName") == _at(node, "metadata", "name")
        fits = _matches(document, way, labels, {"matchLabels": selector})
        fits = fits and (required is None or any(_matches(document, way, labels, term) for term in _items(required)))
        fits = fits and all(any(_tolerates(t, taint) for t in tolerations) for taint in taints)
        if fits and (stays or _at(node, "spec", "unschedulable") is not True):
            found.append(v)
    return None if len(found) == len(nodes) else found


def _tolerates(toleration: Any, taint: Any) -> bool:
    """Whether a toleration covers a taint."""
    if _at(toleration, "effect") not in (None, "", _at(taint, "effect")):
        return False
    if _at(toleration, "operator") == "Exists":
        return _at(toleration, "key") in (None, "", _at(taint, "key"))
    return all(_at(toleration, name) == _at(taint, name) for name in ("key", "value"))


def _apart(document: Document, pods: list[Entry]) -> list[list[int]]:
    """Groups of pods that required anti-affinity keeps on different hosts."""
    groups: dict[tuple[int, ...], None] = {}
    owners: dict[str, tuple[Any, Way, list[int]]] = {}
    for i, (way, pod) in enumerate(pods):
        terms = _at(pod, "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution")
        for term in _items(terms):
            if _at(term, "topologyKey") != _HOST:
                raise document.fail(f"anti-affinity is read for the topology key {_HOST} only", *way)
            selector = _at(term, "labelSelector")
            owners.setdefault(repr(selector), (selector, way, []))[2].append(i)
    for selector, way, asking in owners.values():
        matched = [i for i, (_, pod) in enumerate(pods) if _matches(document, way, _labels(pod), selector)]
        mutual = sorted(set(asking) & set(matched))
        if len(mutual) > 1:
            groups[tuple(mutual)] = None
        for i in asking:
            for j in matched:
                if i != j and not (i in mutual and j in mutual):
                    groups[min(i, j), max(i, j)] = None
    return [list(group) for group in groups]
