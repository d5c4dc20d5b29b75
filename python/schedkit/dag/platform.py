"""Platform files: processors and links, for workflows that know neither."""

from __future__ import annotations

import dataclasses
import os
from typing import Any

from numpy.typing import ArrayLike

from .. import _files, _validation
from .._text import short_fields
from ..errors import FormatError, InputTypeError, InvalidInputError
from .network import Network

_SCHEMA_VERSION = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Platform:
    """Processors and links of a file.

    Attributes
    ----------
    names : tuple of str
        The processors.
    speed : tuple of float
        Work per time of each.
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
        Not such a file.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.dag.read_platform(sk.example_path("tiny.platform.json")).speed
    (1.0, 2.0)
    """
    where = _validation.path(path)

    def fail(reason: str) -> FormatError:
        return FormatError(f"{where}: {reason}", path=where)

    document = _files.read_json(where)
    if not isinstance(document, dict) or document.get("schedkit") != "platform":
        raise fail('not a platform, which starts with "schedkit": "platform"')
    unknown = set(document) - {"schedkit", "schema_version", "comment", "processors", "bandwidth", "latency"}
    if unknown:
        raise fail(f"unknown key {sorted(unknown)[0]!r}")
    version = document.get("schema_version")
    if isinstance(version, bool) or version != _SCHEMA_VERSION:
        raise fail(f"schema_version {version!r} is unknown, expected {_SCHEMA_VERSION}")
    entries = document.get("processors")
    if not isinstance(entries, list) or not entries:
        raise fail("'processors' must be a list of at least one")
    try:
        names, speed = zip(*(_processor(entry, k) for k, entry in enumerate(entries)), strict=True)
        _refuse_duplicates(names)
        network = Network(_links(document, "bandwidth", 1.0), _links(document, "latency", 0.0))
    except (InvalidInputError, InputTypeError) as error:
        raise fail(str(error)) from None
    return Platform(names, speed, network)


def _processor(entry: Any, k: int) -> tuple[str, float]:
    if not isinstance(entry, dict):
        raise _validation.refuse_type(f"processors[{k}]", "must be an object", entry)
    for key in entry:
        if key not in ("name", "speed", "comment"):
            raise _validation.refuse(f"processors[{k}]", f"unknown key {key!r}, expected 'name', 'speed' or 'comment'")
    speed = _validation.float_scalar(entry.get("speed"), f"processors[{k}].speed")
    if speed <= 0:
        raise _validation.refuse(f"processors[{k}].speed", "must be > 0", value=speed)
    name = entry.get("name", str(k))
    _validation.expect(name, str, f"processors[{k}].name", "text")
    return name, speed


def _refuse_duplicates(names: tuple[str, ...]) -> None:
    first: dict[str, int] = {}
    for k, name in enumerate(names):
        if first.setdefault(name, k) != k:
            raise _validation.refuse(f"processors[{k}].name", f"duplicate of processors[{first[name]}].name", value=name)


def _links(document: dict[str, Any], key: str, default: float) -> float | ArrayLike:
    value: float | ArrayLike = document.get(key, default)
    return value
