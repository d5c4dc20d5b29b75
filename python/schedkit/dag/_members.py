"""Reading of the members of objects in WfFormat, with errors that name the place."""

from __future__ import annotations

import sys
from typing import Any

from .. import _json
from ._spelling import MalformedError, Place, refuse_misspelt

_NOUNS: dict[type, str] = {str: "text", list: "a list", dict: "an object"}


def get(entry: Any, key: str, kind: type, place: Place, **default: Any) -> Any:
    """The value of a key; `default` where it is missing, if there is one."""
    if not isinstance(entry, dict):
        raise MalformedError(f"{place} must be an object, not {_json.noun(entry)}", *place.way)
    value = entry.get(key)
    if value is None and "default" in default:
        return default["default"]
    if not isinstance(value, kind):
        if value is None:
            refuse_misspelt(entry, place, (key,))
            raise MalformedError(f"{place} has no {key!r}", *place.way)
        raise MalformedError(f"{place}: {key!r} must be {_NOUNS[kind]}, not {_json.noun(value)}", *place.way, key)
    return value


def strings(entry: Any, key: str, place: Place) -> list[str]:
    """The words of a list, each once."""
    values = get(entry, key, list, place, default=[])
    seen = set()
    for n, value in enumerate(values):
        if not isinstance(value, str):
            raise MalformedError(f"{place}: {key!r} must hold strings, not {_json.noun(value)}", *place.way, key, n)
        if value in seen:
            raise MalformedError(f"{place}: {key!r} lists {value!r} twice", *place.way, key, n)
        seen.add(value)
    return list(values)


def one_of(entry: Any, keys: tuple[str, str], place: Place) -> str:
    """The key that is present, of two keys of one meaning; the newer one comes first."""
    present = [key for key in keys if isinstance(entry, dict) and entry.get(key) is not None]
    if len(present) > 1 and entry[keys[0]] != entry[keys[1]]:
        raise MalformedError(f"{place}: {keys[0]!r} and {keys[1]!r} contradict each other", *place.way, keys[0])
    return present[0] if present else keys[0]


def number(entry: Any, key: str, place: Place) -> float | None:
    """The number of a key, >= 0; None where it is missing."""
    value = entry.get(key) if isinstance(entry, dict) else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= sys.float_info.max:
        reason = f"{place}: {key!r} must be a finite number >= 0, not {_json.written(value)}"
        raise MalformedError(reason, *place.way, key)
    if int(float(value)) != value and isinstance(value, int):
        reason = f"{place}: {key!r} = {value} is an integer beyond 2**53 that a float would round"
        raise MalformedError(reason, *place.way, key)
    return float(value)
