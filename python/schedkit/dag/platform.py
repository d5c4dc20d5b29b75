"""Platform files: processors and links, for workflows whose files name no processors or links."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from .. import _json, _validation
from .._text import short_fields
from ..errors import InputTypeError, InvalidInputError
from .network import Network

_SCHEMA_VERSION = 1
_KEYS = ("schedkit", "schema_version", "processors", "bandwidth", "latency", "comment")
_PROCESSOR_KEYS = ("name", "speed", "comment")


@dataclasses.dataclass(frozen=True, slots=True)
class Platform:
    """Processors and links of a file.

    Attributes
    ----------
    names : tuple of str
        The processors.
    speed : tuple of float
        The work that each processor does per unit of time.
    network : Network
    """

    names: tuple[str, ...]
    speed: tuple[float, ...]
    network: Network

    __repr__ = short_fields


def read_platform(path: str | os.PathLike[str]) -> Platform:
    """Reads a platform in our JSON.

    ``{"schedkit": "platform", "schema_version": 1, "processors": [{"name": "cpu", "speed": 1.0}, ...], "bandwidth": 1e8,
    "latency": 0.001}``; bandwidth and latency are numbers or square matrices, 1 and 0 by default; names are optional.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Platform

    Raises
    ------
    FormatError
        Not such a file; ``.path`` and ``.line`` tell where.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.read_platform(sk.example_path("tiny.platform.json")).speed
    (1.0, 2.0)
    """
    document = _json.read(_validation.path(path))
    content = document.content
    if not isinstance(content, dict) or content.get("schedkit") != "platform":
        raise document.fail('not a platform, which is an object with "schedkit": "platform"', "schedkit")
    for key in content:
        if key not in _KEYS:
            raise document.fail(f"unknown key {key!r}, expected one of {', '.join(_KEYS)}", key)
    version = content.get("schema_version")
    if isinstance(version, bool) or version != _SCHEMA_VERSION:
        reason = "has no 'schema_version'" if version is None else f"schema_version {_json.written(version)} is unknown"
        raise document.fail(f"{reason}, expected {_SCHEMA_VERSION}", "schema_version")
    entries = content.get("processors")
    if not isinstance(entries, list) or not entries:
        raise document.fail("'processors' must be a list of at least one", "processors")
    names, speed = zip(*(_processor(document, entry, k) for k, entry in enumerate(entries)), strict=True)
    _refuse_duplicates(document, names)
    links = {key: content[key] for key in ("bandwidth", "latency") if key in content}
    try:
        network = Network(links.get("bandwidth", 1.0), links.get("latency", 0.0))
    except (InvalidInputError, InputTypeError) as error:
        index = error.index if isinstance(error.index, tuple) else () if error.index is None else (error.index,)
        raise document.blame(error, error.field, *index) from None
    return Platform(names, speed, network)


def _processor(document: _json.Document, entry: Any, k: int) -> tuple[str, float]:
    way = ("processors", k)
    if not isinstance(entry, dict):
        raise document.fail(f"processors[{k}]: must be an object, not {_json.noun(entry)}", *way)
    name = entry.get("name", str(k))
    owner = f"processors[{k}] {name!r}" if "name" in entry and isinstance(name, str) else f"processors[{k}]"
    for key in entry:
        if key not in _PROCESSOR_KEYS:
            raise document.fail(f"{owner}: unknown key {key!r}, expected one of {', '.join(_PROCESSOR_KEYS)}", *way, key)
    if not isinstance(name, str):
        raise document.fail(f"{owner}: 'name' must be text, not {_json.noun(name)}", *way, "name")
    if "speed" not in entry:
        raise document.fail(f"{owner}: has no 'speed'", *way)
    try:
        speed = _validation.float_scalar(entry["speed"], f"{owner}.speed")
        if speed <= 0:
            raise _validation.refuse(f"{owner}.speed", "must be > 0", value=speed)
    except (InvalidInputError, InputTypeError) as error:
        raise document.blame(error, *way, "speed") from None
    return name, speed


def _refuse_duplicates(document: _json.Document, names: tuple[str, ...]) -> None:
    first: dict[str, int] = {}
    for k, name in enumerate(names):
        if first.setdefault(name, k) != k:
            reason = f"processors[{k}].name = {name!r}: duplicate of processors[{first[name]}].name"
            raise document.fail(reason, "processors", k, "name")
