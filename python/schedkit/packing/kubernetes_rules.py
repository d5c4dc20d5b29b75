"""The rules of Kubernetes for where a pod may run: selectors, node affinity, taints, anti-affinity and ports of the host."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from .kubernetes_entries import Entry, at, items

_HOST = "kubernetes.io/hostname"
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_CORDONED = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
"""The taint that stands for ``unschedulable``."""
_WHOLE = re.compile(r"[-+]?[0-9]{1,18}")


@dataclasses.dataclass(frozen=True, slots=True)
class _Host:
    """What the rules read of a node: the taints that keep pods from it, and those that drive pods away."""

    name: str
    labels: dict[str, Any]
    keeping: list[Any]
    driving: list[Any]


def allowed_nodes(pods: list[Entry], nodes: list[Entry]) -> list[list[int] | None]:
    """The nodes that each pod may take; None for all.

    The node on which a pod runs is one of them whatever was changed since, unless a taint with the effect ``NoExecute`` drives
    it away: the other rules are for scheduling alone.
    """
    hosts = [_host(node) for node in nodes]
    found = [[v for v, host in enumerate(hosts) if _may_run(pod, host)] for pod in pods]
    return [None if len(allowed) == len(nodes) else allowed for allowed in found]


def _host(node: Entry) -> _Host:
    taints = list(items(node.spec("taints")))
    driving = [taint for taint in taints if at(taint, "effect") == "NoExecute"]
    keeping = driving + [taint for taint in taints if at(taint, "effect") == "NoSchedule"]
    if node.spec("unschedulable") is True:
        keeping.append(_CORDONED)
    return _Host(node.name, {_HOST: node.name, **node.labels}, keeping, driving)


def _may_run(pod: Entry, host: _Host) -> bool:
    if pod.spec("nodeName") == host.name:
        return _tolerates_all(pod, host.driving)
    return _tolerates_all(pod, host.keeping) and _selects(pod, host)


def _selects(pod: Entry, host: _Host) -> bool:
    """Whether the node selector of a pod and its required node affinity accept a node."""
    wanted = _object(pod, pod.spec("nodeSelector"), "nodeSelector")
    if any(host.labels.get(key) != value for key, value in wanted.items()):
        return False
    required = pod.spec("affinity", "nodeAffinity", _REQUIRED)
    if required is None:
        return True
    return any(_term_selects(pod, term, host) for term in items(at(required, "nodeSelectorTerms")))


def _term_selects(pod: Entry, term: Any, host: _Host) -> bool:
    """Whether a term accepts a node by its labels and its name; an empty term accepts none."""
    expressions, fields = (list(items(at(term, key))) for key in ("matchExpressions", "matchFields"))
    for field in fields:
        if at(field, "key") != "metadata.name" or at(field, "operator") not in ("In", "NotIn"):
            raise pod.fail("matchFields must say metadata.name In or NotIn", "spec", "affinity", "nodeAffinity")
    by_labels = all(_holds(pod, host.labels, expression, numbers=True) for expression in expressions)
    by_name = all(_holds(pod, {"metadata.name": host.name}, field, numbers=False) for field in fields)
    return bool(expressions or fields) and by_labels and by_name


def _holds(pod: Entry, labels: dict[str, Any], expression: Any, *, numbers: bool) -> bool:
    """Whether labels satisfy an expression; `numbers` allows to compare them."""
    key, operator, values = (at(expression, name) for name in ("key", "operator", "values"))
    has = isinstance(key, str) and key in labels
    value, listed = labels.get(key) if has else None, list(items(values))
    known: dict[str, Callable[[], bool]] = {
        "In": lambda: has and value in listed,
        "NotIn": lambda: not (has and value in listed),
        "Exists": lambda: has,
        "DoesNotExist": lambda: not has,
    }
    if numbers:
        known["Gt"] = lambda: len(listed) == 1 and _is_greater(value, listed[0])
        known["Lt"] = lambda: len(listed) == 1 and _is_greater(listed[0], value)
    if not isinstance(operator, str) or operator not in known:
        raise pod.fail(f"unknown operator {operator!r}, expected one of {', '.join(known)}", "spec", "affinity")
    return known[operator]()


def _is_greater(a: Any, b: Any) -> bool:
    """Whether one whole number, written as text, is greater than another; false for anything else."""
    if not all(isinstance(value, str) and _WHOLE.fullmatch(value) for value in (a, b)):
        return False
    return int(a) > int(b)


def _object(pod: Entry, value: Any, name: str) -> dict[str, Any]:
    """An object of labels; an empty one if it is missing."""
    if not isinstance(value or {}, dict):
        raise pod.fail(f"'{name}' must be an object of labels", "spec")
    return value or {}


def _tolerates_all(pod: Entry, taints: list[Any]) -> bool:
    tolerations = list(items(pod.spec("tolerations"))) if taints else []
    return all(any(_tolerates(toleration, taint) for toleration in tolerations) for taint in taints)


def _tolerates(toleration: Any, taint: Any) -> bool:
    """Whether a toleration covers a taint; without a key it covers all keys, without an effect all effects."""
    if any((at(toleration, name) or at(taint, name)) != at(taint, name) for name in ("effect", "key")):
        return False
    value, other, operator = at(toleration, "value") or "", at(taint, "value") or "", at(toleration, "operator") or "Equal"
    known = {
        "Exists": True,
        "Equal": value == other,
        "Gt": _is_greater(other, value),
        "Lt": _is_greater(value, other),
    }
    return isinstance(operator, str) and known.get(operator, False)


def apart_groups(pods: list[Entry]) -> list[list[int]]:
    """Groups of pods on different hosts: by required anti-affinity, and by ports of the host."""
    groups: dict[tuple[int, ...], None] = {}
    owners: dict[str, tuple[Any, frozenset[str] | None, list[int]]] = {}
    for i, pod in enumerate(pods):
        for term in items(pod.spec("affinity", "podAntiAffinity", _REQUIRED)):
            if at(term, "topologyKey") != _HOST:
                raise pod.fail(f"anti-affinity is read for the topology key {_HOST} only", "spec", "affinity")
            selector, spaces = at(term, "labelSelector"), _namespaces(pod, term)
            key = repr((selector, None if spaces is None else sorted(spaces)))
            owners.setdefault(key, (selector, spaces, []))[2].append(i)
    for selector, spaces, asking in owners.values():
        within = [j for j, pod in enumerate(pods) if spaces is None or pod.namespace in spaces]
        matched = [j for j in within if _is_selected(pods[asking[0]], selector, pods[j].labels)]
        mutual = sorted(set(asking) & set(matched))
        if len(mutual) > 1:
            groups[tuple(mutual)] = None
        for i in asking:
            for j in matched:
                if i != j and not (i in mutual and j in mutual):
                    groups[min(i, j), max(i, j)] = None
    for pair_or_more in _sharing_ports(pods):
        groups[pair_or_more] = None
    return [list(group) for group in groups]


def _namespaces(pod: Entry, term: Any) -> frozenset[str] | None:
    """The namespaces in which a term selects pods: the pod's own by default; None for all."""
    listed, selector = list(items(at(term, "namespaces"))), at(term, "namespaceSelector")
    if selector is None:
        return frozenset(listed or [pod.namespace])
    if selector != {}:
        raise pod.fail("a namespaceSelector is read only if it is empty, for all namespaces", "spec", "affinity")
    return None


def _is_selected(pod: Entry, selector: Any, labels: dict[str, Any]) -> bool:
    """Whether a selector of labels accepts a pod: without a selector none, with an empty one all."""
    if not isinstance(selector, dict):
        return False
    wanted = _object(pod, selector.get("matchLabels"), "matchLabels")
    expressions = items(selector.get("matchExpressions"))
    matches = all(labels.get(key) == value for key, value in wanted.items())
    return all(_holds(pod, labels, expression, numbers=False) for expression in expressions) and matches


def _sharing_ports(pods: list[Entry]) -> list[tuple[int, ...]]:
    """Groups of pods that ask for the same port of their host, all on every address, and pairs of those on single addresses."""
    users: dict[tuple[Any, str], dict[int, set[str]]] = {}
    for i, pod in enumerate(pods):
        restarted = [c for c in items(pod.spec("initContainers")) if at(c, "restartPolicy") == "Always"]
        for container in [*items(pod.spec("containers")), *restarted]:
            for port in items(at(container, "ports")):
                number = at(port, "hostPort")
                if number:
                    address = at(port, "hostIP") or ""
                    mine = users.setdefault((number, at(port, "protocol") or "TCP"), {}).setdefault(i, set())
                    mine.add("" if address in ("0.0.0.0", "::") else address)
    found: list[tuple[int, ...]] = []
    for addresses in users.values():
        anywhere = tuple(sorted(i for i, own in addresses.items() if "" in own))
        if len(anywhere) > 1:
            found.append(anywhere)
        for i, own in addresses.items():
            others = ((j, theirs) for j, theirs in addresses.items() if j > i)
            found += [(i, j) for j, theirs in others if own & theirs - {""} or ("" in own) != ("" in theirs)]
    return sorted(set(found))
