"""Project formats that the psplib package reads, as far as `Project` has their features."""

from __future__ import annotations

import locale
import re
import tempfile
from pathlib import Path
from typing import Any

from .. import _files
from .._extras import load
from ..errors import CycleError, FormatError, InvalidInputError
from .files_psplib_layout import Layout, layout
from .problem import Project

FORMATS = {
    "mplib": "mplib",
    "rcpsp_ps": "rcpsp_ps",
    "aslib": "aslib",
    "mslib": "mslib",
}
"""The names of the formats here and in the package."""


def read_with_psplib(path: str, kind: str) -> Project:
    """Reads a file in one of `FORMATS`; features that `Project` does not have are refused by name."""
    psplib = load("psplib", f"the format {kind} needs psplib: pip install 'schedkit[formats]'")
    text = _files.read_text(path)
    found = layout(path, text, kind)
    try:
        instance = _parsed(psplib, text, FORMATS[kind])
    except Exception as error:  # the package raises errors of many types
        reason = (
            f"not a file in the format {kind}: its lines and counts are right, but the psplib package cannot make sense of it"
        )
        raise _files.fail(path, reason) from error
    try:
        return _project(path, instance, found)
    except CycleError as error:
        chain = " -> ".join(found.names[i] for i in [*error.cycle[:12], *error.cycle[:1]])
        reason = f"{error.field}: the edges form a cycle: {chain}"
        cycle = CycleError(reason, cycle=error.cycle, field=error.field)
        raise _files.cyclic(path, cycle, found.successors[error.cycle[0]]) from None
    except FormatError:
        raise
    except InvalidInputError as error:
        raise _refused(path, error, found) from None


def _parsed(psplib: Any, text: str, kind: str) -> Any:
    """Parses a text with the package, which opens files itself, in the encoding of the system."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "project")
        copy.write_text(text, encoding=locale.getencoding(), errors="replace")
        return psplib.parse(copy, instance_format=kind)


def _refused(path: str, error: InvalidInputError, found: Layout) -> FormatError:
    """The error for an invalid value, in the terms of the file."""
    index = error.index if isinstance(error.index, tuple) else (error.index,)
    reason = str(error).partition(": ")[2].replace("exceeds capacity[", "exceeds the capacity [")
    value = "" if error.value is None else f" = {error.value}"
    if index[0] is None or error.field not in ("duration", "demand", "capacity", "release_time"):
        return _files.fail(path, str(error))
    if error.field == "capacity":
        return _files.fail(path, f"capacity of R{index[0] + 1}{value}: {reason}", found.capacity)
    what = f"demand of R{index[1] + 1}" if len(index) > 1 and index[1] is not None else error.field
    reason = re.sub(r"the capacity \[\d+\] = ", "the capacity ", reason)
    return _files.fail(path, f"{found.names[index[0]]}: {what}{value}: {reason}", found.rows[index[0]])


def _project(path: str, instance: Any, found: Layout) -> Project:
    def refuse(feature: str, line: int | None = None) -> FormatError:
        return _files.fail(path, f"{feature}, which schedkit does not support", line)

    if instance.skills or any(resource.skills for resource in instance.resources):
        raise refuse("resources have skills")
    if not all(resource.renewable for resource in instance.resources):
        raise refuse("a resource is not renewable", found.capacity)
    for i, activity in enumerate(instance.activities):
        if len(activity.modes) != 1:
            raise refuse(f"{found.names[i]} has {len(activity.modes)} modes", found.rows[i])
        if activity.optional or activity.selection_groups:
            raise refuse(f"{found.names[i]} is optional or selects others", found.successors[i])
    duration = [activity.modes[0].duration for activity in instance.activities]
    pairs = [(i, j) for i, activity in enumerate(instance.activities) for j in activity.successors]
    release = [0] * len(duration)
    for project in instance.projects:
        for i in project.activities:
            release[i] = project.release_date
    return Project(
        duration,
        [activity.modes[0].demands for activity in instance.activities],
        [resource.capacity for resource in instance.resources],
        precedence=pairs,
        release_time=release if any(release) else None,
    )
