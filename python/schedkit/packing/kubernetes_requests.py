"""Quantities of resources in Kubernetes: what nodes have, and what pods ask for."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal
from typing import Any

from .kubernetes_entries import Entry, at

Amounts = dict[str, int]

_QUANTITY = re.compile(r"\+?([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]{1,2})?")
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15, "E": 10**18}
_UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_PARTS = {"m": 10**3, "u": 10**6, "n": 10**9}
_OF_PODS = re.compile("cpu|memory|hugepages-.*")
"""Resources that a pod may request as a whole."""


def allocatable(node: Entry) -> Amounts:
    """What a node has for pods."""
    return _amounts(node, at(node.content, "status", "allocatable"), "status", "allocatable")


def requests(pod: Entry) -> Amounts:
    """What a pod asks for.

    All containers and all sidecars together, or, if that is more, one of the containers that run before them with the sidecars
    that were started earlier. What the pod requests as a whole replaces that. Its overhead is added.
    """
    total: Amounts = {}
    for way, container in _containers(pod, "containers"):
        total = _sum(total, _of_container(pod, way, container))
    sidecars: Amounts = {}
    largest: Amounts = {}
    for way, container in _containers(pod, "initContainers"):
        amounts = _sum(sidecars, _of_container(pod, way, container))
        largest = _most(largest, amounts)
        if at(container, "restartPolicy") == "Always":
            sidecars = amounts
    total = _most(_sum(total, sidecars), largest)
    whole = _amounts(pod, pod.spec("resources", "requests"), "spec", "resources", "requests")
    total |= {name: amount for name, amount in whole.items() if _OF_PODS.fullmatch(name)}
    return _sum(total, _amounts(pod, pod.spec("overhead"), "spec", "overhead"))


def _containers(pod: Entry, field: str) -> list[tuple[tuple[str | int, ...], Any]]:
    """The containers of a pod, with where they stand in it."""
    containers = pod.spec(field) or []
    if not isinstance(containers, list):
        raise pod.fail(f"'{field}' must be a list", "spec", field)
    return [(("spec", field, k), container) for k, container in enumerate(containers)]


def _of_container(pod: Entry, way: tuple[str | int, ...], container: Any) -> Amounts:
    return _amounts(pod, at(container, "resources", "requests"), *way, "resources", "requests")


def _sum(a: Amounts, b: Amounts) -> Amounts:
    return {name: a.get(name, 0) + b.get(name, 0) for name in {**a, **b}}


def _most(a: Amounts, b: Amounts) -> Amounts:
    return {name: max(a.get(name, 0), b.get(name, 0)) for name in {**a, **b}}


def _amounts(entry: Entry, amounts: Any, *way: str | int) -> Amounts:
    """The quantities of an object of resources."""
    if not isinstance(amounts or {}, dict):
        raise entry.fail(f"'{way[-1]}' must be an object of resources", *way)
    return {name: _amount(entry, name, text, *way, name) for name, text in (amounts or {}).items()}


def _amount(entry: Entry, name: str, text: Any, *way: str | int) -> int:
    """A quantity in whole units, rounded up; processors in thousandths."""
    match = _QUANTITY.fullmatch(str(text)) if isinstance(text, (str, int, float)) and not isinstance(text, bool) else None
    if match is None:
        raise entry.fail(f"the quantity of {name} must be like 2, 500m or 16Gi", *way)
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix in _PARTS:
        number /= _PARTS[suffix]
    elif suffix[:1] in ("e", "E") and len(suffix) > 1 and suffix[1:] != "i":
        number *= Decimal(10) ** int(suffix[1:])
    else:
        number *= _UNITS[suffix]
    number *= 1000 if name == "cpu" else 1
    if number > 2**53:
        raise entry.fail(f"the quantity of {name} exceeds 2**53", *way)
    return int(number.to_integral_value(ROUND_CEILING))
