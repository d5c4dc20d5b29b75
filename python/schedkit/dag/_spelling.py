"""Places in documents, and detection of misspelt keys and names there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class Place:
    """A value of a document: its label and name in messages, and the way to it by keys and positions from the outside in."""

    __slots__ = ("label", "name", "way")

    def __init__(self, label: str, way: tuple[str | int, ...] = (), name: str | None = None) -> None:
        self.label = label
        self.way = way
        self.name = name

    def __str__(self) -> str:
        return self.label if self.name is None else f"{self.label} {self.name!r}"

    def items(self, key: str, count: int, label: str) -> list[Place]:
        """The items of the list under a key, each with its position in the label."""
        return [Place(f"{label}[{k}]", (*self.way, key, k)) for k in range(count)]


class MalformedError(Exception):
    """A fault of a document, in words, and the way to the value to blame."""

    def __init__(self, reason: str, *way: str | int) -> None:
        super().__init__(reason)
        self.way = way


def resembling(key: str, known: Iterable[str]) -> str | None:
    """The known word that `key` is probably meant to be: equal but for its case and separators, or one or two letters away."""

    def bare(word: str) -> str:
        return word.replace("_", "").replace("-", "").casefold()

    words = {bare(word): word for word in known}
    if bare(key) in words:
        return words[bare(key)]
    near = difflib.get_close_matches(bare(key), words, n=1, cutoff=0.85)
    return words[near[0]] if near else None


def refuse_misspelt(entry: dict[str, Any], place: Place, read: Iterable[str], others: Iterable[str] = ()) -> None:
    """Refuses a key that is not known and resembles one that is read and is missing; other unknown keys are left alone."""
    wanted = [key for key in read if key not in entry]
    allowed = {*read, *others}
    for key in entry:
        if key not in allowed and (meant := resembling(key, wanted)) is not None:
            raise MalformedError(f"{place}: unknown key {key!r}, did you mean {meant!r}?", *place.way, key)
