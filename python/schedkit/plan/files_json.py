"""JSON files of plans."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

from .. import _json
from ..errors import InvalidInputError
from ..schedule import SCHEMA_VERSION
from ._refusal import Refusal

_PART = re.compile(r"(\w+)|\[(\d+)\]|\['([^']*)'\]")


@dataclasses.dataclass(frozen=True, slots=True)
class PlanDocument:
    """A plan in JSON.

    Attributes
    ----------
    keys : dict
        The keys of the plan.
    """

    keys: dict[str, Any]
    _document: _json.Document

    def error(self, refusal: Refusal) -> InvalidInputError:
        """The error for a refused value, with the line on which it stands."""
        way: list[str | int] = [] if refusal.table is None or refusal.index is None else [refusal.table, refusal.index]
        for name, index, key in _PART.findall(refusal.column or ""):
            way.append(int(index) if index else name or key)
        way += [] if refusal.key is None else [refusal.key]
        return refusal.in_file(self._document.fail(refusal.detail, *way))


def read(path: str, text: str) -> PlanDocument:
    """The keys of a plan in a file.

    Raises
    ------
    FormatError
        Not JSON, a key that stands twice, another kind of object, another version.
    """
    document = _json.parsed(path, text)
    content = document.content
    if not isinstance(content, dict) or content.get("schedkit") != "plan":
        raise document.fail('expected an object with "schedkit": "plan"', "schedkit")
    version = content.get("schema_version")
    if type(version) is not int or version != SCHEMA_VERSION:
        raise document.fail(f"expected schema_version {SCHEMA_VERSION}", "schema_version")
    return PlanDocument({key: value for key, value in content.items() if key not in ("schedkit", "schema_version")}, document)


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
