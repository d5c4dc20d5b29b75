"""Reading and writing of project files."""

from __future__ import annotations

import os
from pathlib import Path

from .. import _core, _files, _text, _validation
from ..errors import CycleError, FormatError
from . import files_psplib
from .problem import Project, core_of

FORMATS = ("sm", "mm", "rcp", "storage", "sch", "rcpsp_max", "json", *files_psplib.FORMATS)
"""The formats that can be read, by the core or by the psplib package."""


def read(path: str | os.PathLike[str], *, format: str | None = None) -> Project:  # noqa: A002
    """Reads a project; the format is recognised by content.

    Parameters
    ----------
    path : str or path
        Text in UTF-8; may be compressed with gzip.
    format : {"sm", "mm", "rcp", "storage", "sch", "rcpsp_max", "json", "mplib", "rcpsp_ps", "aslib", "mslib"}, optional
        PSPLIB (``mm``: with several modes, also as MMLIB writes them), Patterson, Patterson with stores (``storage``: it must
        be named), ProGen/max (``sch`` or ``rcpsp_max``: with maximal lags), or the JSON of schedkit (see the page on formats);
        by default recognised by content. The others are read by the psplib package (extra ``formats``) and must be named;
        features that `Project` does not have are refused by name.

    Returns
    -------
    Project
        Job k of a PSPLIB or Patterson file is activity k - 1, activity k of a ProGen/max file is activity k; dummies are kept.

    Raises
    ------
    FormatError
        The file is not a well-formed, valid project. ``.path`` and ``.line`` name the place; the message names jobs, activities
        and resources as the file does.
    InvalidInputError
        An unknown format.
    CycleError
        Cyclic precedence, or lags that form a positive cycle; with ``.path`` and ``.line`` as well.
    FileNotFoundError
        No such file.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.rcpsp.read(sk.example_path("migration.json")).num_resources
    4
    """
    name = None if format is None else _validation.word(format, "format")
    if name is not None and name not in FORMATS:
        raise _validation.refuse("format", f"unknown format, expected one of {', '.join(FORMATS)}", value=name)
    where = _validation.path(path)
    if name in files_psplib.FORMATS:
        return files_psplib.read_with_psplib(where, name)
    content = _files.read_bytes(where)
    _files.decoded(where, content)  # reports another encoding first
    try:
        native = _core.Project.read(content, _text.printable(where), name or _kind(where, content))
    except (FormatError, CycleError) as error:
        error.path = where  # as it was given
        raise
    return Project._from_native(native)


def _kind(path: str, content: bytes) -> str | None:
    """The format by suffix, ``.json`` or ``.rcp``, for content that begins like no format; else None, for the core."""
    suffix = Path(path.lower().removesuffix(".gz")).suffix
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if suffix == ".json" and text:
        numbers = text[:1].isdigit() and len(text[:4096].split(maxsplit=1)) > 1  # the JSON of one number is no project either
        return None if numbers else "json"
    if suffix == ".rcp" and text[:1].isalpha() and b"PRECEDENCE" not in text.upper():
        return "rcp"
    return None


def write(project: Project, path: str | os.PathLike[str], *, format: str | None = None) -> None:  # noqa: A002
    """Writes a project.

    Parameters
    ----------
    project : Project
    path : str or path
    format : {"sm", "mm", "sch", "storage", "json"}, optional
        By default the path's suffix decides. ``sm`` and ``mm`` have no names, and no place for constraints beyond precedence
        and capacities; ``mm`` is for projects with modes, ``sm`` for all others; ``sch`` is for projects with lags, whose first
        and last activities take no time, and writes all relations as lags between starts; ``storage`` is for projects with
        stores, whose first and last activities take no time.

    Raises
    ------
    InvalidInputError
        The format cannot be written, or cannot hold the project.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> project = sk.rcpsp.Project([1, 2], [[1], [1]], [1])
    >>> path = os.path.join(tempfile.mkdtemp(), "two.sm")
    >>> sk.rcpsp.write(project, path)
    >>> sk.rcpsp.read(path) == project
    True
    """
    core, target = core_of(project), Path(_validation.path(path))
    kind = target.suffix.removeprefix(".").lower() if format is None else _validation.word(format, "format")
    if kind in {"sm", "mm"}:
        if (kind == "mm") != (project.activity is not None):
            reason = "is for projects with modes" if kind == "mm" else "has no place for modes"
            raise _validation.refuse("format", reason, value=kind)
        text = core.write_psplib()
    elif kind == "sch":
        text = core.write_rcpsp_max()
    elif kind == "storage":
        text = core.write_storage()
    elif kind == "json":
        text = core.write_json()
    else:
        raise _validation.refuse("format", "expected 'sm', 'mm', 'sch', 'storage' or 'json'", value=kind)
    target.write_text(text, encoding="utf-8")
