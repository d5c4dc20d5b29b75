"""Reader of WfCommons WfFormat."""

from __future__ import annotations

import math
import os
import sys
from collections import Counter
from typing import Any

from .. import _files, _validation
from ..errors import CycleError, FormatError, InputTypeError, InvalidInputError
from ._spelling import MalformedError, refuse_misspelt, resembling
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
        The data along an edge are the total size of the files that its first task writes and its second one reads; in version
        1.4, where both tell a size, the writer's counts. An edge is where either task names the other. Cores are rounded up to
        a whole number of at least 1, and are 1 where the file does not tell them. A file that tells no runtime at all, such as
        a specification without an execution, gives every task work 0; ``recorded["runtimes"]`` is then False.

    Raises
    ------
    FormatError
        Not JSON, not WfFormat, another version. Anything that would have to be guessed: tasks, files or runs that are listed
        twice, runs of unknown tasks, tasks without a runtime where others have one, files without a size or without a
        declaration, parents and children that are unknown or by a name that several tasks share, keys that stand twice or look
        misspelt, numbers that are negative or not finite.
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
    document = _files.read_json(where)
    try:
        workflow = _wfformat(document)
        TaskGraph.from_work(workflow.work, [1.0], workflow.edges, workflow.data, names=workflow.names)  # judged by the core
    except CycleError:
        raise
    except (MalformedError, InvalidInputError, InputTypeError) as error:
        raise FormatError(f"{where}: {error}", path=where) from None
    return workflow


def _wfformat(document: Any) -> Workflow:
    version = _get(document, "schemaVersion", str, "the document")
    if version not in _VERSIONS:
        raise MalformedError(f"schemaVersion {version!r} is unknown, expected one of {', '.join(_VERSIONS)}")
    workflow = _get(document, "workflow", dict, "the document")
    if "tasks" not in workflow:
        refuse_misspelt(workflow, "workflow", ("specification", "execution"), _OTHER_KEYS)
    if "specification" in workflow:
        return _separate(workflow)
    return _together(workflow)


def _separate(workflow: dict[str, Any]) -> Workflow:
    """Version 1.5 and later: specification and execution apart, files by id."""
    specification = _get(workflow, "specification", dict, "workflow")
    refuse_misspelt(specification, "specification", ("tasks", "files"), _OTHER_KEYS)
    execution = _get(workflow, "execution", dict, "workflow", default={})
    refuse_misspelt(execution, "execution", ("tasks", "machines", "makespanInSeconds"), (*_OTHER_KEYS, "makespan"))
    tasks = _get(specification, "tasks", list, "specification")
    ids = []
    for k, task in enumerate(tasks):
        ids.append(_get(task, "id", str, f"specification.tasks[{k}]"))
        files = ("inputFiles", "outputFiles")
        refuse_misspelt(task, f"specification.tasks[{k}] {ids[k]!r}", (*_TASK_KEYS, *files), _OTHER_KEYS)
    _refuse_duplicates(ids, "specification.tasks")
    sizes: dict[str, float] = {}
    for k, file in enumerate(_get(specification, "files", list, "specification", default=[])):
        place = f"specification.files[{k}]"
        name = _get(file, "id", str, place)
        if name in sizes:
            raise MalformedError(f"{place}: the file {name!r} is listed twice")
        sizes[name] = _required(file, ("sizeInBytes",), f"{place} {name!r}")
    reads, writes = [], []
    for k, task in enumerate(tasks):
        place = f"specification.tasks[{k}] {ids[k]!r}"
        reads.append(_sized(task, "inputFiles", place, sizes))
        writes.append(_sized(task, "outputFiles", place, sizes))
    runs: dict[str, dict[str, Any]] = {}
    known = set(ids)
    for k, run in enumerate(_get(execution, "tasks", list, "execution", default=[])):
        place = f"execution.tasks[{k}]"
        name = _get(run, "id", str, place)
        if name not in known:
            raise MalformedError(f"{place}: {_unknown('task', name, ids)}")
        if name in runs:
            raise MalformedError(f"{place}: the task {name!r} is listed twice")
        refuse_misspelt(run, f"{place} {name!r}", _RUN_KEYS, (*_OTHER_KEYS, *_OLD_RUN_KEYS, "id"))
        runs[name] = run
    places = [f"specification.tasks[{k}]" for k in range(len(tasks))]
    return _assemble(tasks, ids, places, [runs.get(name) for name in ids], reads, writes, execution)


def _sized(task: dict[str, Any], key: str, place: str, sizes: dict[str, float]) -> dict[str, float]:
    names = _strings(task, key, place)
    for name in names:
        if name not in sizes:
            raise MalformedError(f"{place}: {key!r} names {_unknown('file', name, sizes)} among specification.files")
    return {name: sizes[name] for name in names}


def _together(workflow: dict[str, Any]) -> Workflow:
    """Version 1.4: one object per task, files inside."""
    refuse_misspelt(workflow, "workflow", ("tasks", "machines", "makespanInSeconds"), (*_OTHER_KEYS, "makespan"))
    tasks = _get(workflow, "tasks", list, "workflow")
    reads: list[dict[str, float]] = []
    writes: list[dict[str, float]] = []
    ids, places = [], []
    for k, task in enumerate(tasks):
        ids.append(_get(task, "id", str, f"tasks[{k}]", default=None) or _get(task, "name", str, f"tasks[{k}]"))
        places.append(f"tasks[{k}]")
        place = f"tasks[{k}] {ids[k]!r}"
        refuse_misspelt(task, place, _OLD_TASK_KEYS, (*_OTHER_KEYS, *_RUN_KEYS, *_OLD_RUN_KEYS, "id"))
        reads.append({})
        writes.append({})
        for n, file in enumerate(_get(task, "files", list, place, default=[])):
            inner = f"{place}.files[{n}]"
            link = _get(file, "link", str, inner)
            if link not in ("input", "output"):
                raise MalformedError(f"{inner}: link {link!r} is neither 'input' nor 'output'")
            name = _get(file, "id", str, inner, default=None) or _get(file, "name", str, inner)
            side = (reads if link == "input" else writes)[k]
            if name in side:
                raise MalformedError(f"{inner}: the file {name!r} is listed twice as {link}")
            side[name] = _required(file, ("sizeInBytes", "size"), f"{inner} {name!r}")
    _refuse_duplicates(ids, "tasks")
    return _assemble(tasks, ids, places, tasks, reads, writes, workflow)


def _assemble(
    tasks: list[Any],
    ids: list[str],
    places: list[str],
    records: list[Any],
    reads: list[dict[str, float]],
    writes: list[dict[str, float]],
    execution: dict[str, Any],
) -> Workflow:
    edges = _edges(tasks, ids, places)
    data = [_shared(writes[i], reads[j]) for i, j in edges]
    has_runtime = [
        record is not None and any(record.get(key) is not None for key in ("runtimeInSeconds", "runtime")) for record in records
    ]
    if any(has_runtime) and not all(has_runtime):
        k = has_runtime.index(False)
        raise MalformedError(f"{places[k]}: the task {ids[k]!r} has no 'runtimeInSeconds', but others have")
    runtime, cores, machine = [], [], []
    for k, record in enumerate(records):
        place = f"{places[k]} {ids[k]!r}"
        runtime.append(_number(record, _one_of(record, ("runtimeInSeconds", "runtime"), place), place) or 0.0)
        count = _number(record, _one_of(record, ("coreCount", "cores"), place), place)
        if count is not None and count > _MOST_CORES:
            raise MalformedError(f"{place}: more than 2**53 cores")
        cores.append(1 if count is None else max(1, math.ceil(count)))
        used = _strings(record or {}, "machines", place) or [_get(record or {}, "machine", str, place, default=None)]
        machine.append(used[0] or None)
    recorded: dict[str, Any] = {"makespan": _makespan(execution), "machines": _machines(execution)}
    recorded["machine"] = tuple(machine) if any(machine) else None
    present = {key: value for key, value in recorded.items() if value}
    if tasks and not any(has_runtime):
        present["runtimes"] = False
    return make_workflow(ids, runtime, edges, data, cores, recorded=present)


def _edges(tasks: list[Any], ids: list[str], places: list[str]) -> list[tuple[int, int]]:
    """Pairs of tasks in the order of the file, by id, or by a name that only one task has."""
    index = {name: i for i, name in enumerate(ids)}
    names = [_get(task, "name", str, places[k], default=None) for k, task in enumerate(tasks)]
    count = Counter(names)
    by_name = {name: i for i, name in enumerate(names) if name is not None}
    pairs: dict[tuple[int, int], None] = {}
    for k, task in enumerate(tasks):
        for key in ("children", "parents"):
            for other in _strings(task, key, f"{places[k]} {ids[k]!r}"):
                i = index.get(other)
                if i is None:
                    if count[other] > 1:
                        reason = f"{other!r} among its {key}, a name that {count[other]} tasks share; use an id"
                        raise MalformedError(f"{places[k]}: task {ids[k]!r} names {reason}")
                    i = by_name.get(other)
                if i is None:
                    reason = f"the {_unknown('task', other, [*ids, *by_name])} among its {key}"
                    raise MalformedError(f"{places[k]}: task {ids[k]!r} names {reason}")
                pairs[(k, i) if key == "children" else (i, k)] = None
    return list(pairs)


def _refuse_duplicates(ids: list[str], places: str) -> None:
    first: dict[str, int] = {}
    for k, name in enumerate(ids):
        if first.setdefault(name, k) != k:
            raise MalformedError(f"{places}[{k}]: task id {name!r} is a duplicate of {places}[{first[name]}]")


def _unknown(what: str, name: str, known: Any) -> str:
    meant = resembling(name, known)
    return f"unknown {what} {name!r}" + ("" if meant is None else f" (did you mean {meant!r}?)")


def _shared(written: dict[str, float], read: dict[str, float]) -> float:
    """The total size of the files in both; looks at the shorter list, because one task may write for all others."""
    names = written if len(written) <= len(read) else read
    return sum(written[name] for name in names if name in written and name in read)


def _makespan(execution: dict[str, Any]) -> float | None:
    return _number(execution, _one_of(execution, ("makespanInSeconds", "makespan"), "execution"), "execution")


def _machines(execution: dict[str, Any]) -> dict[str, dict[str, Any]]:
    machines: dict[str, dict[str, Any]] = {}
    for k, entry in enumerate(_get(execution, "machines", list, "execution", default=[])):
        place = f"machines[{k}]"
        name = _get(entry, "nodeName", str, place)
        if name in machines:
            raise MalformedError(f"{place}: the machine {name!r} is listed twice")
        cpu = _get(entry, "cpu", dict, place, default={})
        keys = (_one_of(cpu, ("coreCount", "count"), place), _one_of(cpu, ("speedInMHz", "speed"), place))
        for key in keys:
            _number(cpu, key, f"{place} {name!r}")
        machines[name] = {"cores": cpu.get(keys[0]), "speed_mhz": cpu.get(keys[1])}
    return machines


def _get(entry: Any, key: str, kind: type, place: str, **default: Any) -> Any:
    if not isinstance(entry, dict):
        raise MalformedError(f"{place} must be an object, not {_noun(entry)}")
    value = entry.get(key)
    if value is None and "default" in default:
        return default["default"]
    if not isinstance(value, kind):
        if value is None:
            refuse_misspelt(entry, place, (key,))
            raise MalformedError(f"{place} has no {key!r}")
        raise MalformedError(f"{place}: {key!r} must be a {_NOUNS[kind]}, not {value!r:.60}")
    return value


_NOUNS: dict[type, str] = {str: "text", list: "list", dict: "object"}


def _strings(entry: Any, key: str, place: str) -> list[str]:
    """The words of a list, each once."""
    values = _get(entry, key, list, place, default=[])
    seen = set()
    for value in values:
        if not isinstance(value, str):
            raise MalformedError(f"{place}: {key!r} must hold strings, not {_noun(value)}")
        if value in seen:
            raise MalformedError(f"{place}: {key!r} lists {value!r} twice")
        seen.add(value)
    return list(values)


def _one_of(entry: Any, keys: tuple[str, str], place: str) -> str:
    """The key that is present, of two keys of one meaning; the newer one comes first."""
    present = [key for key in keys if isinstance(entry, dict) and entry.get(key) is not None]
    if len(present) > 1 and entry[keys[0]] != entry[keys[1]]:
        raise MalformedError(f"{place}: {keys[0]!r} and {keys[1]!r} contradict each other")
    return present[0] if present else keys[0]


def _required(entry: Any, keys: tuple[str, ...], place: str) -> float:
    refuse_misspelt(entry, place, keys[:1], (*_OTHER_KEYS, *keys, "id"))
    number = _number(entry, _one_of(entry, (keys[0], keys[-1]), place), place)
    if number is None:
        raise MalformedError(f"{place} has no {keys[0]!r}")
    return number


def _number(entry: Any, key: str, place: str) -> float | None:
    value = entry.get(key) if isinstance(entry, dict) else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= sys.float_info.max:
        raise MalformedError(f"{place}: {key!r} must be a finite number >= 0, not {value!r:.60}")
    if int(float(value)) != value and isinstance(value, int):
        raise MalformedError(f"{place}: {key!r} = {value} is an integer beyond 2**53 that a float would round")
    return float(value)


def _noun(value: Any) -> str:
    """What JSON calls a value."""
    words = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return "nothing" if value is None else words[type(value)]
