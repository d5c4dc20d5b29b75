"""Objects of Kubernetes in a JSON document, with where they stand and what they are called."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from .._json import Document
from ..errors import FormatError


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A node or a pod.

    Attributes
    ----------
    document : Document
    way : tuple
        Keys and positions from the outside of the document to this object.
    content : dict
    kind : str
        ``Node`` or ``Pod``.
    """

    document: Document
    way: tuple[str | int, ...]
    content: dict[str, Any]
    kind: str

    @property
    def name(self) -> str:
        """The name in the metadata, without which an object is refused."""
        name = at(self.content, "metadata", "name")
        if not isinstance(name, str):
            raise self.document.fail(f"a {self.kind.lower()} has no name in its metadata", *self.way)
        return name

    @property
    def namespace(self) -> str:
        """The namespace of a pod; as in Kubernetes, ``default`` if it has none."""
        return at(self.content, "metadata", "namespace") or "default"

    @property
    def labels(self) -> dict[str, Any]:
        """The labels, an empty object if there are none."""
        labels = at(self.content, "metadata", "labels")
        return labels if isinstance(labels, dict) else {}

    def spec(self, *keys: str) -> Any:
        """A member of the specification; None where one is missing."""
        return at(self.content, "spec", *keys)

    def fail(self, reason: str, *keys: str | int) -> FormatError:
        """The error that blames a member, with its line and the name of the object."""
        return self.document.fail(f"{self.kind.lower()} {self.name!r}: {reason}", *self.way, *keys)


def at(value: Any, *keys: str) -> Any:
    """A member inside objects; None where one is missing."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def items(value: Any) -> Iterator[Any]:
    """The items of a list; none of anything else."""
    yield from value if isinstance(value, list) else ()


def entries(document: Document, field: str, kind: str) -> list[Entry]:
    """The objects of a kind, from the list `field` and from the list of ``items``."""
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
        inner: tuple[str | int, ...] = (key, "items") if isinstance(content.get(key), dict) else (key,)
        for k, entry in enumerate(listed):
            if not isinstance(entry, dict):
                raise document.fail(f"expected an object with a {kind}", *inner, k)
            if key == field or entry.get("kind") == kind:
                found.append(Entry(document, (*inner, k), entry, kind))
    if not any(key in content for key in (field, "items")):
        raise document.fail(f"has neither the list '{field}' nor 'items'")
    return found
