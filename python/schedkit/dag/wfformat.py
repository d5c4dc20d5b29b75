"""Reader of WfCommons WfFormat."""

from __future__ import annotations

import gzip
import json
import math
import os
import sys
import zlib
from pathlib import Path
from typing import Any

from .. import _validation
from ..errors import CycleError, FormatError, InputTypeError, InvalidInputError
from .graph import TaskGraph
from .workflow import Workflow, make_workflow

_VERSIONS = ("1.4", "1.5", "1.6")
_MOST_CORES = 2**53


def read_wfformat(path: str | os.PathLike[str]) -> Workflow:
    """Reads a workflow of the WfCommons collection, WfFormat 1.4 to 1.6; ``.gz`` files are unpacked.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Workflow
        The data along an edge are the total size of the files that its first task writes and its second one reads. Runtimes
        that the file does not tell are 0.

    Raises
    ------
    FormatError
        Not JSON, not WfFormat, another version, tasks that refer to unknown tasks, numbers that are negative or not finite.
    CycleError
        Cyclic dependencies.
    FileNotFoundError
        No such file.

    References
    ----------
    Coleman, T. et al. (2022). WfCommons: a framework for enabling scientific workflow research and development. Future
    Generation Computer Systems 128.

    Examples
    --------
    >>> import schedkit as sk
    >>> w = sk.dag.read_wfformat(sk.example_path("tiny.wfformat.json"))
    >>> w.names, w.data.tolist()
    (('split', 'left', 'right', 'merge'), [40.0, 60.0, 10.0, 30.0])
    """
    where = _validation.path(path)
    document = _json(where)
    try:
        workflow = _wfformat(document)
        TaskGraph.from_work(workflow.work, [1.0], workflow.edges, workflow.data, names=workflow.names)  # judged by the core
    except CycleError:
        raise
    except _MalformedError as error:
        raise FormatError(f"{where}: {error}", path=where) from None
    except (InvalidInputError, InputTypeError) as error:
        raise FormatError(f"{where}: {error}", path=where) from None
    return workflow


class _MalformedError(Exception):
    """What is wrong with a document."""


def _json(where: str) -> Any:
    raw = Path(where).read_bytes()
    try:
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.decompress(raw)
        return json.loads(raw.decode("utf-8"))
    except json.JSONDecodeError as error:
        raise FormatError(f"{where}: line {error.lineno}: not JSON: {error.msg}", path=where, line=error.lineno) from None
    except (UnicodeDecodeError, RecursionError, EOFError, OSError, ValueError, zlib.error) as error:
        raise FormatError(f"{where}: not JSON: {error}", path=where) from None


def _wfformat(document: Any) -> Workflow:
    version = _get(document, "schemaVersion", str, "the document")
    if version not in _VERSIONS:
        raise _MalformedError(f"schemaVersion {version!r} is unknown, expected one of {', '.join(_VERSIONS)}")
    workflow = _get(document, "workflow", dict, "the document")
    if "specification" in workflow:
        return _separate(workflow)
    return _together(workflow)


def _separate(workflow: dict[str, Any]) -> Workflow:
    """Version 1.5 and later: specification and execution apart, files by id."""
    specification = _get(workflow, "specification", dict, "workflow")
    execution = _get(workflow, "execution", dict, "workflow", default={})
    tasks = _get(specification, "tasks", list, "specification")
    sizes = {}
    for k, file in enumerate(_get(specification, "files", list, "specification", default=[])):
        place = f"specification.files[{k}]"
        sizes[_get(file, "id", str, place)] = _number(file, "sizeInBytes", place)
    runs = {}
    for k, run in enumerate(_get(execution, "tasks", list, "execution", default=[])):
        runs[_get(run, "id", str, f"execution.tasks[{k}]")] = run
    reads: list[dict[str, float]] = []
    writes: list[dict[str, float]] = []
    for k, task in enumerate(tasks):
        place = f"specification.tasks[{k}]"
        reads.append({name: sizes.get(name, 0.0) for name in _strings(task, "inputFiles", place)})
        writes.append({name: sizes.get(name, 0.0) for name in _strings(task, "outputFiles", place)})
    ids = [_get(task, "id", str, f"specification.tasks[{k}]") for k, task in enumerate(tasks)]
    records = [runs.get(name, {}) for name in ids]
    return _assemble(tasks, ids, records, reads, writes, execution)


def _together(workflow: dict[str, Any]) -> Workflow:
    """Version 1.4: one object per task, files inside."""
    tasks = _get(workflow, "tasks", list, "workflow")
    reads: list[dict[str, float]] = []
    writes: list[dict[str, float]] = []
    ids = []
    for k, task in enumerate(tasks):
        place = f"tasks[{k}]"
        ids.append(_get(task, "id", str, place, default=None) or _get(task, "name", str, place))
        reads.append({})
        writes.append({})
        for file in _get(task, "files", list, place, default=[]):
            link = _get(file, "link", str, f"{place}.files")
            if link not in ("input", "output"):
                raise _MalformedError(f"{place}.files: link {link!r} is neither 'input' nor 'output'")
            name = _get(file, "id", str, place, default=None) or _get(file, "name", str, f"{place}.files")
            size = "sizeInBytes" if "sizeInBytes" in file else "size"
            (reads if link == "input" else writes)[k][name] = _number(file, size, f"{place}.files")
    return _assemble(tasks, ids, tasks, reads, writes, workflow)


def _assemble(
    tasks: list[Any],
    ids: list[str],
    records: list[Any],
    reads: list[dict[str, float]],
    writes: list[dict[str, float]],
    execution: dict[str, Any],
) -> Workflow:
    index = {name: i for i, name in enumerate(ids)}
    if len(index) < len(ids):
        twice = next(name for i, name in enumerate(ids) if index[name] != i)
        raise _MalformedError(f"task id {twice!r} has a duplicate")
    by_name = {task["name"]: i for i, task in enumerate(tasks) if isinstance(task.get("name"), str)}
    pairs: dict[tuple[int, int], None] = {}  # in the order of the file
    for k, task in enumerate(tasks):
        for key in ("children", "parents"):
            for other in _strings(task, key, f"tasks[{k}]"):
                i = index.get(other, by_name.get(other))
                if i is None:
                    raise _MalformedError(f"task {ids[k]!r} names the unknown task {other!r} among its {key}")
                pairs[(k, i) if key == "children" else (i, k)] = None
    edges = list(pairs)
    data = [_shared(writes[i], reads[j]) for i, j in edges]
    runtime, cores, machine = [], [], []
    for k, record in enumerate(records):
        place = f"task {ids[k]!r}"
        key = "runtimeInSeconds" if "runtimeInSeconds" in record else "runtime"
        runtime.append(_number(record, key, place))
        count = _number(record, "coreCount" if "coreCount" in record else "cores", place, default=1.0)
        if count > _MOST_CORES:
            raise _MalformedError(f"{place}: more than 2**53 cores")
        cores.append(max(1, math.ceil(count)))
        used = _strings(record, "machines", place) or ([record["machine"]] if record.get("machine") else [])
        machine.append(used[0] if used else None)
    recorded = {"makespan": _makespan(execution), "machines": _machines(execution)}
    recorded["machine"] = tuple(machine) if any(machine) else None
    present = {key: value for key, value in recorded.items() if value}
    return make_workflow(ids, runtime, edges, data, cores, recorded=present)


def _shared(written: dict[str, float], read: dict[str, float]) -> float:
    """The total size of the files in both; looks at the shorter list, because one task may write for all others."""
    names = written if len(written) <= len(read) else read
    return sum(written[name] for name in names if name in written and name in read)


def _makespan(execution: dict[str, Any]) -> float:
    key = "makespanInSeconds" if "makespanInSeconds" in execution else "makespan"
    return _number(execution, key, "execution")


def _machines(execution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    machines = {}
    for k, entry in enumerate(_get(execution, "machines", list, "execution", default=[])):
        cpu = _get(entry, "cpu", dict, f"machines[{k}]", default={})
        cores, speed = cpu.get("coreCount", cpu.get("count")), cpu.get("speedInMHz", cpu.get("speed"))
        machines[_get(entry, "nodeName", str, f"machines[{k}]")] = {"cores": cores, "speed_mhz": speed}
    return machines


def _get(entry: Any, key: str, kind: type, place: str, **default: Any) -> Any:
    if not isinstance(entry, dict):
        raise _MalformedError(f"{place} must be an object, not {type(entry).__name__}")
    value = entry.get(key)
    if value is None and "default" in default:
        return default["default"]
    if not isinstance(value, kind):
        raise _MalformedError(f"{place} has no {key!r}" if value is None else f"{place}: {key!r} must be a {kind.__name__}")
    return value


def _strings(entry: Any, key: str, place: str) -> list[str]:
    values = _get(entry, key, list, place, default=[])
    for value in values:
        if not isinstance(value, str):
            raise _MalformedError(f"{place}: {key!r} must hold strings, not {type(value).__name__}")
    return list(values)


def _number(entry: Any, key: str, place: str, default: float = 0.0) -> float:
    value = entry.get(key) if isinstance(entry, dict) else None
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= sys.float_info.max:
        raise _MalformedError(f"{place}: {key!r} must be a finite number >= 0, not {value!r}")
    return float(value)
