"""JSON documents, read so that no value is lost or invented on the way."""

from __future__ import annotations

import difflib
import gzip
import io
import json
import os
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import FormatError

_MOST_BYTES = 2**31


class MalformedError(Exception):
    """What is wrong with a document."""


def read_json(where: str | os.PathLike[str]) -> Any:
    """The document of a file, packed with gzip or not; a byte order mark is skipped, a key that stands twice is refused."""
    raw = Path(where).read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(_MOST_BYTES + 1)
            if len(raw) > _MOST_BYTES:
                raise FormatError(f"{where}: unpacks to more than 2 GiB", path=where)
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise FormatError(f"{where}: line {error.lineno}: not JSON: {error.msg}", path=where, line=error.lineno) from None
    except MalformedError as error:
        raise FormatError(f"{where}: {error}", path=where) from None
    except (UnicodeDecodeError, RecursionError, EOFError, OSError, ValueError, zlib.error) as error:
        # no UTF-8, numbers of thousands of digits, thousands of brackets, a broken archive
        raise FormatError(f"{where}: not JSON: {error}", path=where) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedError(f"the key {twice!r} stands more than once in one object")
    return entries


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
