"""Reader of WfCommons WfFormat."""

from __future__ import annotations

import math
import os
from collections import Counter
from typing import Any

from .. import _files, _json, _validation
from ..errors import CycleError, InputTypeError, InvalidInputError
from ._members import get, number, one_of, strings
from ._spelling import MalformedError, Place, refuse_misspelt, resembling
from .problem import TaskGraph
from .workflow import Workflow, make_workflow

_VERSIONS = ("1.4", "1.5", "1.6")
_MOST_CORES = 2**53

# Keys of the format that are not read here, so that none of them is taken for a misspelt one.
_OTHER_KEYS = (
    *("name", "description", "createdAt", "schemaVersion", "author", "runtimeSystem", "wms", "executedAt", "command", "type"),
    *("category", "avgCPU", "bytesRead", "bytesWritten", "readBytes", "writtenBytes", "memory", "memoryInBytes", "energy"),
    *("energyInKWh", "avgPower", "avgPowerInW", "priority", "program", "arguments", "path", "link", "system", "architecture"),
    *("release", "vendor", "nodeName", "cpu"),
)
_TASK_KEYS = ("id", "parents", "children")
_RUN_KEYS = ("runtimeInSeconds", "coreCount", "machines")
_OLD_RUN_KEYS = ("runtime", "cores", "machine")
_OLD_TASK_KEYS = ("files", "parents", "children", "runtimeInSeconds", "cores", "machine")


def read_wfformat(path: str | os.PathLike[str]) -> Workflow:
    """Reads a workflow of the WfCommons collection, WfFormat 1.4 to 1.6; ``.gz`` files are unpacked.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Workflow
        The data along an edge are the total size of the files written by its first task and read by its second one; in version
        1.4, if both state a size, the writer's is used. Two tasks are joined by an edge if either names the other. Cores are
        rounded up to a whole number, and are 1 if the file states none. A file without any runtime, such as a specification
        without an execution, gives every task work 0; ``recorded["runtimes"]`` is then False.

    Raises
    ------
    FormatError
        Not JSON, not WfFormat, another version. Anything that would have to be guessed: tasks, files or runs that are listed
        twice, runs of unknown tasks, tasks without a runtime where others have one, files without a size or without a
        declaration, parents and children that are unknown or by a name that several tasks share, keys that stand twice or look
        misspelt, numbers that are negative or not finite, tasks of 0 cores. ``.path`` and ``.line`` tell where.
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
    document = _json.read(_validation.path(path))
    try:
        workflow = _wfformat(document.content)
        TaskGraph.from_work(workflow.work, [1.0], workflow.edges, workflow.data, names=workflow.names)  # validated
    except CycleError as error:
        way = _way_to_edge(document.content["workflow"], workflow.names, *(2 * error.cycle)[:2])
        raise _files.cyclic(document.path, error, document.line(*way)) from None
    except MalformedError as error:
        raise document.fail(str(error), *error.way) from None
    except (InvalidInputError, InputTypeError) as error:
        raise document.fail(str(error)) from None
    return workflow


_DOCUMENT = Place("the document")
_WORKFLOW = Place("workflow", ("workflow",))
_SPECIFICATION = Place("specification", ("workflow", "specification"))
_EXECUTION = Place("execution", ("workflow", "execution"))


def _wfformat(document: Any) -> Workflow:
    version = get(document, "schemaVersion", str, _DOCUMENT)
    if version not in _VERSIONS:
        reason = f"schemaVersion {version!r} is unknown, expected one of {', '.join(_VERSIONS)}"
        raise MalformedError(reason, "schemaVersion")
    workflow = get(document, "workflow", dict, _DOCUMENT)
    if "tasks" not in workflow:
        refuse_misspelt(workflow, _WORKFLOW, ("specification", "execution"), _OTHER_KEYS)
    if "specification" in workflow:
        return _read_version_1_5(workflow)
    return _read_version_1_4(workflow)


def _way_to_edge(workflow: dict[str, Any], ids: tuple[str, ...], before: int, after: int) -> tuple[str | int, ...]:
    """The way to the list of children or parents that holds an edge."""
    above = ("workflow", "specification") if "specification" in workflow else ("workflow",)
    tasks = workflow["specification"]["tasks"] if len(above) > 1 else workflow["tasks"]
    for k, key, other in ((before, "children", after), (after, "parents", before)):
        listed = tasks[k].get(key) or []
        for name in (ids[other], tasks[other].get("name")):
            if name in listed:
                return (*above, "tasks", k, key, listed.index(name))
    return above


def _read_version_1_5(workflow: dict[str, Any]) -> Workflow:
    """Version 1.5 and later: specification and execution apart, files by id."""
    specification = get(workflow, "specification", dict, _WORKFLOW)
    refuse_misspelt(specification, _SPECIFICATION, ("tasks", "files"), _OTHER_KEYS)
    execution = get(workflow, "execution", dict, _WORKFLOW, default={})
    refuse_misspelt(execution, _EXECUTION, ("tasks", "machines", "makespanInSeconds"), (*_OTHER_KEYS, "makespan"))
    tasks = get(specification, "tasks", list, _SPECIFICATION)
    places = _SPECIFICATION.items("tasks", len(tasks), "specification.tasks")
    ids = []
    for task, place in zip(tasks, places, strict=True):
        place.name = get(task, "id", str, place)
        ids.append(place.name)
        refuse_misspelt(task, place, (*_TASK_KEYS, "inputFiles", "outputFiles"), _OTHER_KEYS)
    _refuse_duplicates(ids, places)
    sizes: dict[str, float] = {}
    files = get(specification, "files", list, _SPECIFICATION, default=[])
    for file, place in zip(files, _SPECIFICATION.items("files", len(files), "specification.files"), strict=True):
        name = get(file, "id", str, place)
        if name in sizes:
            raise MalformedError(f"{place}: the file {name!r} is listed twice", *place.way)
        place.name = name
        sizes[name] = _required(file, ("sizeInBytes",), place)
    reads, writes = [], []
    for task, place in zip(tasks, places, strict=True):
        reads.append(_file_sizes(task, "inputFiles", place, sizes))
        writes.append(_file_sizes(task, "outputFiles", place, sizes))
    runs: dict[str, tuple[dict[str, Any], Place]] = {}
    known = set(ids)
    listed = get(execution, "tasks", list, _EXECUTION, default=[])
    for run, place in zip(listed, _EXECUTION.items("tasks", len(listed), "execution.tasks"), strict=True):
        name = get(run, "id", str, place)
        if name not in known:
            raise MalformedError(f"{place}: {_unknown('task', name, ids)}", *place.way, "id")
        if name in runs:
            raise MalformedError(f"{place}: the task {name!r} is listed twice", *place.way)
        place.name = name
        refuse_misspelt(run, place, _RUN_KEYS, (*_OTHER_KEYS, *_OLD_RUN_KEYS, "id"))
        runs[name] = run, place
    records = [runs.get(name, (None, places[k])) for k, name in enumerate(ids)]
    return _assemble(tasks, ids, places, records, reads, writes, (execution, _EXECUTION))


def _file_sizes(task: dict[str, Any], key: str, place: Place, sizes: dict[str, float]) -> dict[str, float]:
    """The sizes of the files that the list under `key` names."""
    names = strings(task, key, place)
    for n, name in enumerate(names):
        if name not in sizes:
            reason = f"{place}: {key!r} names {_unknown('file', name, sizes)} among specification.files"
            raise MalformedError(reason, *place.way, key, n)
    return {name: sizes[name] for name in names}


def _read_version_1_4(workflow: dict[str, Any]) -> Workflow:
    """Version 1.4: one object per task, files inside."""
    refuse_misspelt(workflow, _WORKFLOW, ("tasks", "machines", "makespanInSeconds"), (*_OTHER_KEYS, "makespan"))
    tasks = get(workflow, "tasks", list, _WORKFLOW)
    places = _WORKFLOW.items("tasks", len(tasks), "tasks")
    reads: list[dict[str, float]] = []
    writes: list[dict[str, float]] = []
    ids = []
    for k, task in enumerate(tasks):
        ids.append(get(task, "id", str, places[k], default=None) or get(task, "name", str, places[k]))
        place = places[k]
        place.name = ids[k]
        refuse_misspelt(task, place, _OLD_TASK_KEYS, (*_OTHER_KEYS, *_RUN_KEYS, *_OLD_RUN_KEYS, "id"))
        reads.append({})
        writes.append({})
        files = get(task, "files", list, place, default=[])
        for file, inner in zip(files, place.items("files", len(files), f"{place}.files"), strict=True):
            link = get(file, "link", str, inner)
            if link not in ("input", "output"):
                raise MalformedError(f"{inner}: link {link!r} is neither 'input' nor 'output'", *inner.way, "link")
            name = get(file, "id", str, inner, default=None) or get(file, "name", str, inner)
            side = (reads if link == "input" else writes)[k]
            if name in side:
                raise MalformedError(f"{inner}: the file {name!r} is listed twice as {link}", *inner.way)
            inner.name = name
            side[name] = _required(file, ("sizeInBytes", "size"), inner)
    _refuse_duplicates(ids, places)
    records = list(zip(tasks, places, strict=True))
    return _assemble(tasks, ids, places, records, reads, writes, (workflow, Place("execution", _WORKFLOW.way)))


def _assemble(
    tasks: list[Any],
    ids: list[str],
    places: list[Place],
    records: list[tuple[Any, Place]],
    reads: list[dict[str, float]],
    writes: list[dict[str, float]],
    execution: tuple[dict[str, Any], Place],
) -> Workflow:
    edges = _edges(tasks, ids, places)
    data = [_shared(writes[i], reads[j]) for i, j in edges]
    has_runtime = [
        record is not None and any(record.get(key) is not None for key in ("runtimeInSeconds", "runtime"))
        for record, _ in records
    ]
    if any(has_runtime) and not all(has_runtime):
        k = has_runtime.index(False)
        reason = f"{places[k].label}: the task {ids[k]!r} has no 'runtimeInSeconds', but others have"
        raise MalformedError(reason, *records[k][1].way)
    runtime, cores, machine = [], [], []
    for k, (record, source) in enumerate(records):
        place = Place(places[k].label, source.way, ids[k])
        runtime.append(number(record, one_of(record, ("runtimeInSeconds", "runtime"), place), place) or 0.0)
        key = one_of(record, ("coreCount", "cores"), place)
        count = number(record, key, place)
        if count is not None and not 0 < count <= _MOST_CORES:
            raise MalformedError(f"{place}: {key!r} must be > 0 and at most 2**53, not {record[key]!r}", *place.way, key)
        cores.append(1 if count is None else math.ceil(count))
        used = strings(record or {}, "machines", place) or [get(record or {}, "machine", str, place, default=None)]
        machine.append(used[0] or None)
    recorded: dict[str, Any] = {"makespan": _makespan(*execution), "machines": _machines(*execution)}
    recorded["machine"] = tuple(machine) if any(machine) else None
    present = {key: value for key, value in recorded.items() if value}
    if tasks and not any(has_runtime):
        present["runtimes"] = False
    return make_workflow(ids, runtime, edges, data, cores, recorded=present)


def _edges(tasks: list[Any], ids: list[str], places: list[Place]) -> list[tuple[int, int]]:
    """Pairs of tasks in the order of the file, by id, or by a name that only one task has."""
    index = {name: i for i, name in enumerate(ids)}
    names = [get(task, "name", str, place, default=None) for task, place in zip(tasks, places, strict=True)]
    count = Counter(names)
    by_name = {name: i for i, name in enumerate(names) if name is not None}
    pairs: dict[tuple[int, int], None] = {}
    for k, task in enumerate(tasks):
        for key in ("children", "parents"):
            for n, other in enumerate(strings(task, key, places[k])):
                i = index.get(other)
                if i is None:
                    if count[other] > 1:
                        reason = f"{other!r} among its {key}, a name that {count[other]} tasks share; use an id"
                        raise MalformedError(f"{places[k].label}: task {ids[k]!r} names {reason}", *places[k].way, key, n)
                    i = by_name.get(other)
                if i is None:
                    reason = f"the {_unknown('task', other, [*ids, *by_name])} among its {key}"
                    raise MalformedError(f"{places[k].label}: task {ids[k]!r} names {reason}", *places[k].way, key, n)
                pairs[(k, i) if key == "children" else (i, k)] = None
    return list(pairs)


def _refuse_duplicates(ids: list[str], places: list[Place]) -> None:
    first: dict[str, int] = {}
    for k, name in enumerate(ids):
        if first.setdefault(name, k) != k:
            raise MalformedError(
                f"{places[k].label}: task id {name!r} is a duplicate of {places[first[name]].label}", *places[k].way
            )


def _unknown(what: str, name: str, known: Any) -> str:
    meant = resembling(name, known)
    return f"unknown {what} {name!r}" + ("" if meant is None else f" (did you mean {meant!r}?)")


def _shared(written: dict[str, float], read: dict[str, float]) -> float:
    """The total size of the files in both; looks at the shorter list, because one task may write for all others."""
    names = written if len(written) <= len(read) else read
    return sum(written[name] for name in names if name in written and name in read)


def _makespan(execution: dict[str, Any], place: Place) -> float | None:
    return number(execution, one_of(execution, ("makespanInSeconds", "makespan"), place), place)


def _machines(execution: dict[str, Any], above: Place) -> dict[str, dict[str, Any]]:
    machines: dict[str, dict[str, Any]] = {}
    entries = get(execution, "machines", list, above, default=[])
    for entry, place in zip(entries, above.items("machines", len(entries), "machines"), strict=True):
        name = get(entry, "nodeName", str, place)
        if name in machines:
            raise MalformedError(f"{place}: the machine {name!r} is listed twice", *place.way)
        cpu = get(entry, "cpu", dict, place, default={})
        inner = Place(place.label, (*place.way, "cpu"), name)
        keys = (one_of(cpu, ("coreCount", "count"), inner), one_of(cpu, ("speedInMHz", "speed"), inner))
        for key in keys:
            number(cpu, key, inner)
        machines[name] = {"cores": cpu.get(keys[0]), "speed_mhz": cpu.get(keys[1])}
    return machines


def _required(entry: Any, keys: tuple[str, ...], place: Place) -> float:
    refuse_misspelt(entry, place, keys[:1], (*_OTHER_KEYS, *keys, "id"))
    value = number(entry, one_of(entry, (keys[0], keys[-1]), place), place)
    if value is None:
        raise MalformedError(f"{place} has no {keys[0]!r}", *place.way)
    return value
