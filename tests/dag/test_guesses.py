"""What a reader would have to guess is an error that names the place and the word, never a number of its own."""

from __future__ import annotations

import codecs
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

NEW: dict[str, Any] = {
    "schemaVersion": "1.5",
    "workflow": {
        "specification": {
            "tasks": [
                {"name": "cut", "id": "a", "parents": [], "children": ["c"], "outputFiles": ["x"]},
                {"name": "cut", "id": "b", "parents": [], "children": ["c"], "outputFiles": ["y"]},
                {"name": "join", "id": "c", "parents": ["a", "b"], "children": [], "inputFiles": ["x", "y"]},
            ],
            "files": [{"id": "x", "sizeInBytes": 10}, {"id": "y", "sizeInBytes": 20}],
        },
        "execution": {
            "makespanInSeconds": 9,
            "tasks": [
                {"id": "a", "runtimeInSeconds": 1, "coreCount": 2, "machines": ["m"]},
                {"id": "b", "runtimeInSeconds": 2},
                {"id": "c", "runtimeInSeconds": 3},
            ],
            "machines": [{"nodeName": "m", "cpu": {"coreCount": 4, "speedInMHz": 1200}}],
        },
    },
}
OLD: dict[str, Any] = {
    "schemaVersion": "1.4",
    "workflow": {
        "tasks": [
            {
                "name": "a",
                "runtimeInSeconds": 1,
                "children": ["b"],
                "files": [{"link": "output", "name": "x", "sizeInBytes": 8}],
            },
            {"name": "b", "runtimeInSeconds": 2, "parents": ["a"], "files": [{"link": "input", "name": "x", "sizeInBytes": 8}]},
        ]
    },
}


def rename(entry: dict[str, Any], old: str, new: str) -> None:
    entry[new] = entry.pop(old)


def file(folder: Path, document: Any, name: str = "w.json") -> str:
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return str(path)


def refusal(folder: Path, document: Any, change: Callable[[Any], Any], reader: Any = sk.dag.read_wfformat) -> str:
    changed = json.loads(json.dumps(document))
    change(changed)
    path = file(folder, changed)
    with pytest.raises(sk.FormatError) as caught:
        reader(path)
    assert caught.value.path == path
    return str(caught.value).removeprefix(f"{path}: ")


Change = Callable[[Any, Any, Any], Any]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda s, e, d: e["tasks"][0].update(id="A"), "execution.tasks[0]: unknown task 'A' (did you mean 'a'?)"),
        (lambda s, e, d: e["tasks"].append({"id": "zz"}), "execution.tasks[3]: unknown task 'zz'"),
        (lambda s, e, d: e["tasks"].append(e["tasks"][0]), "execution.tasks[3]: the task 'a' is listed twice"),
        (lambda s, e, d: e["tasks"].pop(1), "specification.tasks[1]: the task 'b' has no 'runtimeInSeconds', but others have"),
        (
            lambda s, e, d: rename(e["tasks"][1], "runtimeInSeconds", "runtimeInSecond"),
            "execution.tasks[1] 'b': unknown key 'runtimeInSecond', did you mean 'runtimeInSeconds'?",
        ),
        (
            lambda s, e, d: rename(e["tasks"][1], "runtimeInSeconds", "runtime_in_seconds"),
            "execution.tasks[1] 'b': unknown key 'runtime_in_seconds', did you mean 'runtimeInSeconds'?",
        ),
        (
            lambda s, e, d: rename(e["tasks"][0], "coreCount", "corecount"),
            "execution.tasks[0] 'a': unknown key 'corecount', did you mean 'coreCount'?",
        ),
        (lambda s, e, d: e["tasks"][0].update(cores=3), "'coreCount' and 'cores' contradict each other"),
        (
            lambda s, e, d: e["tasks"][0].update(runtimeInSeconds="1"),
            "'runtimeInSeconds' must be a finite number >= 0, not \"1\"",
        ),
        (lambda s, e, d: e["tasks"][0].update(runtimeInSeconds=2**53 + 1), "9007199254740993 is an integer beyond 2**53"),
        (lambda s, e, d: e["tasks"][0].update(machines="m"), "'machines' must be a list, not text"),
        (lambda s, e, d: rename(d["workflow"], "execution", "Execution"), "unknown key 'Execution', did you mean 'execution'?"),
        (lambda s, e, d: rename(e, "tasks", "task"), "execution: unknown key 'task', did you mean 'tasks'?"),
        (lambda s, e, d: rename(s, "files", "file"), "specification: unknown key 'file', did you mean 'files'?"),
        (lambda s, e, d: e["machines"].append({"nodeName": "m"}), "machines[1]: the machine 'm' is listed twice"),
        (lambda s, e, d: e["machines"][0]["cpu"].update(coreCount="4"), "machines[0] 'm': 'coreCount' must be a finite number"),
        (lambda s, e, d: e.update(makespanInSeconds=[]), "execution: 'makespanInSeconds' must be a finite number >= 0, not []"),
        (
            lambda s, e, d: s["tasks"][1].update(id="a"),
            "specification.tasks[1]: task id 'a' is a duplicate of specification.tasks[0]",
        ),
        (
            lambda s, e, d: s["files"].append({"id": "x", "sizeInBytes": 1}),
            "specification.files[2]: the file 'x' is listed twice",
        ),
        (lambda s, e, d: s["files"][0].pop("sizeInBytes"), "specification.files[0] 'x' has no 'sizeInBytes'"),
        (
            lambda s, e, d: rename(s["files"][0], "sizeInBytes", "sizeInbytes"),
            "specification.files[0] 'x': unknown key 'sizeInbytes', did you mean 'sizeInBytes'?",
        ),
        (
            lambda s, e, d: s["tasks"][2]["inputFiles"].append("z"),
            "specification.tasks[2] 'c': 'inputFiles' names unknown file 'z' among specification.files",
        ),
        (lambda s, e, d: s["tasks"][2]["inputFiles"].append("X"), "unknown file 'X' (did you mean 'x'?)"),
        (lambda s, e, d: s["tasks"][2]["inputFiles"].append("x"), "specification.tasks[2] 'c': 'inputFiles' lists 'x' twice"),
        (lambda s, e, d: s["tasks"][2]["parents"].append("a"), "specification.tasks[2] 'c': 'parents' lists 'a' twice"),
        (
            lambda s, e, d: s["tasks"][2].update(parents=["cut"]),
            "task 'c' names 'cut' among its parents, a name that 2 tasks share; use an id",
        ),
        (
            lambda s, e, d: s["tasks"][2].update(parents=["B"]),
            "names the unknown task 'B' (did you mean 'b'?) among its parents",
        ),
        (
            lambda s, e, d: rename(s["tasks"][2], "parents", "parent"),
            "specification.tasks[2] 'c': unknown key 'parent', did you mean 'parents'?",
        ),
        (
            lambda s, e, d: rename(s["tasks"][2], "inputFiles", "InputFiles"),
            "specification.tasks[2] 'c': unknown key 'InputFiles', did you mean 'inputFiles'?",
        ),
        (lambda s, e, d: rename(s["tasks"][2], "id", "ID"), "specification.tasks[2]: unknown key 'ID', did you mean 'id'?"),
        (lambda s, e, d: s["tasks"].__setitem__(2, 7), "specification.tasks[2] must be an object, not a number"),
    ],
)
def test_newer_workflows(tmp_path: Path, change: Change, text: str) -> None:
    def apply(d: Any) -> None:
        change(d["workflow"]["specification"], d["workflow"]["execution"], d)

    assert text in refusal(tmp_path, NEW, apply)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda t: rename(t[0], "runtimeInSeconds", "runTimeInSecond"), "did you mean 'runtimeInSeconds'?"),
        (lambda t: t[0].pop("runtimeInSeconds"), "tasks[0]: the task 'a' has no 'runtimeInSeconds', but others have"),
        (lambda t: t[0].update(runtime=5), "tasks[0] 'a': 'runtimeInSeconds' and 'runtime' contradict each other"),
        (lambda t: t[0].update(machine=["m"]), "tasks[0] 'a': 'machine' must be text, not a list"),
        (lambda t: t[0]["files"].append(t[0]["files"][0]), "tasks[0] 'a'.files[1]: the file 'x' is listed twice as output"),
        (lambda t: t[0]["files"][0].pop("sizeInBytes"), "tasks[0] 'a'.files[0] 'x' has no 'sizeInBytes'"),
        (lambda t: t[0]["files"][0].update(size=9), "'sizeInBytes' and 'size' contradict each other"),
        (lambda t: rename(t[1], "parents", "Parents"), "tasks[1] 'b': unknown key 'Parents', did you mean 'parents'?"),
        (lambda t: t[1].update(name="a"), "tasks[1]: task id 'a' is a duplicate of tasks[0]"),
    ],
)
def test_older_workflows(tmp_path: Path, change: Any, text: str) -> None:
    assert text in refusal(tmp_path, OLD, lambda d: change(d["workflow"]["tasks"]))


def test_the_unchanged_documents_are_read(tmp_path: Path) -> None:
    new, old = sk.dag.read_wfformat(file(tmp_path, NEW)), sk.dag.read_wfformat(file(tmp_path, OLD))
    assert (new.work.tolist(), new.edges.tolist(), new.data.tolist()) == ([1, 2, 3], [[0, 2], [1, 2]], [10, 20])
    assert (new.cores.tolist(), old.work.tolist(), old.data.tolist()) == ([2, 1, 1], [1, 2], [8])


def test_a_name_that_one_task_has_stands_for_it(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    document["workflow"]["specification"]["tasks"][0]["children"] = ["join"]
    assert sk.dag.read_wfformat(file(tmp_path, document)) == sk.dag.read_wfformat(file(tmp_path, NEW))


def test_keys_that_resemble_nothing_are_left_alone(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    document["workflow"]["runName"] = "r1"
    document["workflow"]["specification"]["tasks"][0]["taskType"] = "compute"
    assert sk.dag.read_wfformat(file(tmp_path, document)) == sk.dag.read_wfformat(file(tmp_path, NEW))


def test_a_specification_alone_has_no_work_and_says_so(tmp_path: Path) -> None:
    document = json.loads(json.dumps(NEW))
    del document["workflow"]["execution"]
    w = sk.dag.read_wfformat(file(tmp_path, document))
    assert (w.work.tolist(), dict(w.recorded)) == ([0, 0, 0], {"runtimes": False})
    assert "runtimes" not in sk.dag.read_wfformat(file(tmp_path, NEW)).recorded


def test_duplicate_keys_and_byte_order_marks(tmp_path: Path) -> None:
    text = json.dumps(NEW)
    with pytest.raises(sk.FormatError, match="runtimeInSeconds"):
        sk.dag.read_wfformat(
            file(tmp_path, text.replace('"runtimeInSeconds": 1', '"runtimeInSeconds": 1, "runtimeInSeconds": 7'))
        )
    expected = sk.dag.read_wfformat(file(tmp_path, text))
    (tmp_path / "m.json").write_bytes(codecs.BOM_UTF8 + text.encode())
    (tmp_path / "m.json.gz").write_bytes(gzip.compress(codecs.BOM_UTF8 + text.encode()))
    assert sk.dag.read_wfformat(tmp_path / "m.json") == expected == sk.dag.read_wfformat(tmp_path / "m.json.gz")
    stg = b"1\n0 0 0\n1 5 1 0\n2 0 1 1\n"
    (tmp_path / "a.STG").write_bytes(codecs.BOM_UTF8 + stg)
    assert sk.dag.read_stg(tmp_path / "a.STG").work.tolist() == [0, 5, 0]


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("2 0 2 1 1", "predecessor 1 is listed twice"),
        ("2 0 1 2", "task 2 is its own predecessor"),
        ("2 0 1 9", "unknown predecessor, expected 0 to 2"),
        ("2 1_0 1 1", "expected integers"),
        ("2 9007199254740993 1 1", "below 2**53"),
        ("2 1.5 1 1", "expected integers"),
    ],
)
def test_task_graphs(tmp_path: Path, row: str, text: str) -> None:
    path = file(tmp_path, f"1\n0 0 0\n1 5 1 0\n{row}\n", "a.stg")
    with pytest.raises(sk.FormatError) as caught:
        sk.dag.read_stg(path)
    assert text in str(caught.value)
    assert caught.value.line == 4


PLATFORM: dict[str, Any] = {
    "schedkit": "platform",
    "schema_version": 1,
    "processors": [{"name": "a", "speed": 1.0}, {"speed": 2.0}],
    "latency": 0.5,
}


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: d["processors"][1].update(name="a"), "processors[1].name = 'a': duplicate of processors[0].name"),
        (lambda d: d["processors"][0].update(name="1"), "processors[1].name = '1': duplicate of processors[0].name"),
        (
            lambda d: rename(d["processors"][0], "name", "Name"),
            "processors[0]: unknown key 'Name', expected one of name, speed, comment",
        ),
        (lambda d: rename(d["processors"][0], "speed", "sped"), "processors[0] 'a': unknown key 'sped'"),
        (lambda d: d["processors"][0].update(name=5), "processors[0]: 'name' must be text, not a number"),
        (lambda d: d["processors"][0].update(name=None), "processors[0]: 'name' must be text, not null"),
        (lambda d: d["processors"][0].update(speed=True), "processors[0] 'a'.speed = true: must be a number, not true"),
        (lambda d: d["processors"][0].update(speed="2"), "processors[0] 'a'.speed = \"2\": must be a number, not text"),
        (lambda d: d["processors"][0].update(speed=2**53 + 1), "processors[0] 'a'.speed = 9007199254740993"),
        (lambda d: d.update(schema_version=True), "schema_version true is unknown"),
        (lambda d: d.update(bandwith=1.0), "unknown key 'bandwith'"),
        (lambda d: d.update(bandwidth=None), "bandwidth"),
    ],
)
def test_platforms(tmp_path: Path, change: Any, text: str) -> None:
    assert text in refusal(tmp_path, PLATFORM, change, sk.dag.read_platform)


def test_duplicate_platform_keys_and_byte_order_marks(tmp_path: Path) -> None:
    text = json.dumps(PLATFORM)
    with pytest.raises(sk.FormatError, match="speed"):
        sk.dag.read_platform(file(tmp_path, text.replace('"speed": 2.0', '"speed": 2.0, "speed": 20.0')))
    (tmp_path / "p.json").write_bytes(codecs.BOM_UTF8 + text.encode())
    assert sk.dag.read_platform(tmp_path / "p.json").speed == (1.0, 2.0)


class Graph:
    """What a networkx.DiGraph looks like from outside."""

    def __init__(self, nodes: list[Any], edges: list[Any]) -> None:
        self._nodes, self._edges = nodes, edges

    def is_directed(self) -> bool:
        return True

    def nodes(self, data: bool) -> list[Any]:
        return self._nodes

    def edges(self, data: bool) -> list[Any]:
        return self._edges


@pytest.mark.parametrize(
    ("nodes", "edges", "text"),
    [
        ([("a", {"Cost": [1.0]})], [], "no cost of node 'a', but 'Cost': pass its name"),
        ([("a", {"cost": None})], [], "cost of node 'a' is None"),
        ([("a", {"cost": [True]})], [], "cost[0, 0] = True: must be a number, not bool"),
        ([("a", {"cost": [float("nan")]})], [], "cost[0, 0] = NaN (task 'a')"),
        ([("a", {"cost": [2**53 + 1]})], [], "cost[0, 0] = 9007199254740993"),
        (
            [(k, {"cost": [1.0]}) for k in "ab"],
            [("a", "b", {"Data": 5})],
            "no data of edge ('a', 'b'), but 'Data': pass its name",
        ),
        ([(k, {"cost": [1.0]}) for k in "ab"], [("a", "b", {"data": None})], "data of edge ('a', 'b') is None"),
        ([(k, {"cost": [1.0]}) for k in "ab"], [("a", "b", {"data": "5"})], "data[0] = '5': must be a number, not str"),
        ([(k, {"cost": [1.0]}) for k in "ab"], [("a", "b", {}), ("a", "b", {})], "edges[1]"),
    ],
)
def test_graphs_of_other_libraries(nodes: list[Any], edges: list[Any], text: str) -> None:
    with pytest.raises((sk.InvalidInputError, sk.InputTypeError)) as caught:
        sk.dag.from_networkx(Graph(nodes, edges))
    assert text in str(caught.value)


BIG = 2**53 + 1


@pytest.mark.parametrize(
    "call",
    [
        lambda: sk.dag.TaskGraph([[BIG]], []),
        lambda: sk.dag.TaskGraph([[1], [1]], [(0, 1)], [BIG]),
        lambda: sk.dag.TaskGraph.from_work([BIG], [1], []),
        lambda: sk.dag.TaskGraph.from_work([1], [BIG], []),
        lambda: sk.dag.Network(BIG),
        lambda: sk.dag.Network([[1, BIG], [1, 1]]),
        lambda: sk.dag.Network(1, BIG),
        lambda: sk.dag.heft(sk.dag.TaskGraph([[1]], []), now=BIG),
        lambda: sk.dag.heft(sk.dag.TaskGraph([[1]], []), fixed={0: (0, BIG, BIG + 2)}),
        lambda: sk.dag.heft(sk.dag.TaskGraph([[1]], []), fixed={0: (0, 0, BIG)}),
        lambda: sk.dag.heft(sk.dag.TaskGraph([[1]], []), fixed=sk.Fixed([0], start=[BIG], end=[BIG], processor=[0])),
        lambda: sk.dag.StreamScheduler(1).submit(sk.dag.TaskGraph([[1]], []), now=BIG),
        lambda: sk.dag.simulate_stream(sk.dag.TaskGraph([[1]], []), release_time=[BIG]),
        lambda: sk.dag.schedule_many(sk.dag.TaskGraph([[1]], []), factor=[[BIG]]),
        lambda: sk.dag.DagSchedule.from_placement(sk.dag.TaskGraph([[1]], []), [0], [BIG]),
    ],
)
def test_integers_that_a_float_would_round_are_refused(call: Any) -> None:
    with pytest.raises(sk.InvalidInputError, match=r"9007199254740993.*beyond 2\*\*53"):
        call()


def test_integers_that_a_float_holds_are_welcome() -> None:
    assert sk.dag.heft(sk.dag.TaskGraph([[2**60]], [])).makespan == 2.0**60
