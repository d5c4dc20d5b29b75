"""Detection of misspelt keys and names in documents."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class MalformedError(Exception):
    """A fault of a document, in words."""


def resembling(key: str, known: Iterable[str]) -> str | None:
    """The known word that `key` is probably meant to be: equal but for its case and separators, or one or two letters away."""

    def bare(word: str) -> str:
        return word.replace("_", "").replace("-", "").casefold()

    words = {bare(word): word for word in known}
    if bare(key) in words:
        return words[bare(key)]
    near = difflib.get_close_matches(bare(key), words, n=1, cutoff=0.85)
    return words[near[0]] if near else None


def refuse_misspelt(entry: dict[str, Any], place: str, read: Iterable[str], others: Iterable[str] = ()) -> None:
    """Refuses a key that is not known and resembles one that is read and is missing; other unknown keys are left alone."""
    wanted = [key for key in read if key not in entry]
    allowed = {*read, *others}
    for key in entry:
        if key not in allowed and (meant := resembling(key, wanted)) is not None:
            raise MalformedError(f"{place}: unknown key {key!r}, did you mean {meant!r}?")
