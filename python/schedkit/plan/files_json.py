"""JSON files of plans."""

from __future__ import annotations

import json
import re
from typing import Any

from .. import _files
from ..errors import InvalidInputError
from ..schedule import SCHEMA_VERSION
from ._refusal import Refusal

_PART = re.compile(r"(\w+)|\[(\d+)\]|\['([^']*)'\]")


def read(path: str, text: str) -> dict[str, Any]:
    """The keys of a plan in a file.

    Raises
    ------
    FormatError
        Not JSON, a key that stands twice, another kind of object, another version.
    """
    content = _files.parsed_json(path, text)
    if not isinstance(content, dict) or content.get("schedkit") != "plan":
        raise _files.fail(path, 'expected an object with "schedkit": "plan"')
    version = content.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise _files.fail(path, f"expected schema_version {SCHEMA_VERSION}", _files.json_line(text, "schema_version"))
    return {key: value for key, value in content.items() if key not in ("schedkit", "schema_version")}


def error(path: str, text: str, refusal: Refusal) -> InvalidInputError:
    """The error for a refused value, with the line on which it stands."""
    owner: list[str | int] = [] if refusal.table is None or refusal.index is None else [refusal.table, refusal.index]
    inner: list[str | int] = []
    for name, index, key in _PART.findall(refusal.column or ""):
        inner.append(int(index) if index else name or key)
    line = None
    for k in range(len(inner), -1, -1):
        way = [*owner, *inner[:k]]
        line = _files.json_line(text, *way) if way else None
        if line is not None:
            break
    return refusal.in_file(_files.fail(path, refusal.detail, line))


def write(content: dict[str, Any]) -> str:
    """The text of a file; each activity, resource and calendar stands on one line."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list) and value:
            items = ",\n".join(f"  {json.dumps(item, ensure_ascii=False)}" for item in value)
            lines.append(f" {json.dumps(key)}: [\n{items}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
