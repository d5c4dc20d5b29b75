"""Readers: the shared workflows and graphs, other versions, broken files, graph objects of other libraries, generators."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main

from .. import data as benchmark


def test_all_shared_workflows_agree_with_their_index() -> None:
    for row in benchmark.table("workflows", "index.csv"):
        w = sk.dag.read_wfformat(benchmark.find("workflows", row["file"]))
        assert (w.num_tasks, len(w.edges)) == (int(row["n_tasks"]), int(row["n_edges"]))
        assert w.work.sum() == pytest.approx(float(row["total_runtime_s"]), abs=1e-3 * w.num_tasks)
        assert (w.data > 0).any()
        alone = sk.dag.TaskGraph.from_work(w.work, [1.0], w.edges)
        assert sk.dag.bottom_level(alone).max() == pytest.approx(float(row["critical_path_runtime_s"]), abs=0.1)
        assert w.recorded["makespan"] == pytest.approx(float(row["recorded_makespan_s"]), abs=1.0)


def test_all_shared_task_graphs_agree_with_their_index() -> None:
    paths = {f"{size}/{name}": path for size in ("stg50", "stg100") for name, path in _stg(size).items()}
    rows = benchmark.table("stg", "index.csv")
    assert len(rows) == 180
    for row in rows:
        w = sk.dag.read_stg(paths[row["file"]])
        assert (w.num_tasks - 2, len(w.edges)) == (int(row["n_tasks"]), int(row["n_edges_with_dummies"]))
        assert w.work.sum() == float(row["total_work"])
        graph = w.on([1.0] * 4)
        assert sk.dag.bottom_level(graph).max() == float(row["critical_path"])
        s = sk.dag.heft(graph)
        assert sk.check(graph, s) == []
        assert s.makespan >= float(row["lb_4"])
        assert sk.dag.lower_bound(graph) <= float(row["ub_4"])


def _stg(size: str) -> dict[str, Path]:
    return benchmark.files(("stg", f"{size}.tar.gz"), ".stg")


OLD: dict[str, Any] = {
    "name": "old",
    "schemaVersion": "1.4",
    "workflow": {
        "makespanInSeconds": 9,
        "tasks": [
            {
                "name": "a", "id": "a1", "parents": [], "children": ["b1"], "runtimeInSeconds": 2, "cores": 4, "machine": "m",
                "files": [{"link": "output", "name": "x", "sizeInBytes": 8}, {"link": "output", "name": "y", "sizeInBytes": 1}],
            },
            {
                "name": "b", "id": "b1", "parents": ["a1"], "children": [], "runtimeInSeconds": 3,
                "files": [{"link": "input", "name": "x", "sizeInBytes": 8}],
            },
        ],
        "machines": [{"nodeName": "m", "cpu": {"count": 4, "speed": 1200}}],
    },
}  # fmt: skip


def write(folder: Path, document: Any) -> str:
    path = folder / "w.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_version_1_4_keeps_files_and_cores_in_the_tasks(tmp_path: Path) -> None:
    w = sk.dag.read_wfformat(write(tmp_path, OLD))
    assert (w.names, w.work.tolist(), w.data.tolist(), w.cores.tolist()) == (("a1", "b1"), [2, 3], [8], [4, 1])
    assert w.recorded["machines"] == {"m": {"cores": 4, "speed_mhz": 1200}}
    with pytest.raises(sk.InvalidInputError, match="several cores"):
        w.on([1.0])
    assert w.on([1.0, 2.0], ignore_cores=True).num_processors == 2


def test_version_1_6_keeps_specification_and_execution_apart(tmp_path: Path) -> None:
    """The same workflow as a newer file tells it: files by id, cores and machines of the run, names that are no ids."""
    document = {
        "name": "montage-like",
        "createdAt": "2025-03-20T15:19:28-08:00",
        "schemaVersion": "1.6",
        "runtimeSystem": {"name": "Pegasus", "version": "5.0"},
        "author": {"name": "A", "email": "a@example.org"},
        "workflow": {
            "specification": {
                "tasks": [
                    {"name": "mProject", "id": "p1", "parents": [], "children": ["d1"], "inputFiles": ["raw"],
                     "outputFiles": ["x.fits", "area.fits"]},
                    {"name": "mProject", "id": "p2", "parents": [], "children": ["d1"], "outputFiles": ["y.fits"]},
                    {"name": "mDiff", "id": "d1", "parents": ["p1", "p2"], "children": [], "inputFiles": ["x.fits", "y.fits"]},
                ],
                "files": [{"id": "raw", "sizeInBytes": 99}, {"id": "x.fits", "sizeInBytes": 4_222_080},
                          {"id": "area.fits", "sizeInBytes": 7}, {"id": "y.fits", "sizeInBytes": 4_147_200}],
            },
            "execution": {
                "makespanInSeconds": 30.5, "executedAt": "2025-03-20T15:19:28-08:00",
                "tasks": [
                    {"id": "d1", "runtimeInSeconds": 0.5, "coreCount": 1, "machines": ["w1"]},
                    {"id": "p1", "runtimeInSeconds": 12.25, "coreCount": 2.0, "machines": ["w1"], "avgCPU": 97.1},
                    {"id": "p2", "runtimeInSeconds": 11, "machines": ["w2"], "command": {"program": "mProject"}},
                ],
                "machines": [{"nodeName": "w1", "cpu": {"coreCount": 48, "speedInMHz": 1200}}, {"nodeName": "w2"}],
            },
        },
    }  # fmt: skip
    w = sk.dag.read_wfformat(write(tmp_path, document))
    assert (w.names, w.work.tolist(), w.cores.tolist()) == (("p1", "p2", "d1"), [12.25, 11, 0.5], [2, 1, 1])
    assert dict(zip(map(tuple, w.edges.tolist()), w.data.tolist(), strict=True)) == {(0, 2): 4_222_080, (1, 2): 4_147_200}
    assert w.recorded["makespan"] == 30.5
    assert w.recorded["machine"] == ("w1", "w2", "w1")
    assert w.recorded["machines"]["w1"] == {"cores": 48, "speed_mhz": 1200}
    older = json.loads(json.dumps(document).replace('"1.6"', '"1.5"'))
    assert sk.dag.read_wfformat(write(tmp_path, older)) == w


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: d.update(schemaVersion="9.9"), "schemaVersion '9.9' is unknown"),
        (lambda d: d.pop("workflow"), "has no 'workflow'"),
        (lambda d: d["workflow"].update(tasks="many"), "'tasks' must be a list"),
        (lambda d: d["workflow"]["tasks"][1].update(parents=["zz"]), "unknown task 'zz'"),
        (lambda d: d["workflow"]["tasks"][1].update(runtimeInSeconds=-3), "runtimeInSeconds"),
        (lambda d: d["workflow"]["tasks"][1].update(runtimeInSeconds=True), "runtimeInSeconds"),
        (lambda d: d["workflow"]["tasks"][1].update(id="a1"), "duplicate"),
        (lambda d: d["workflow"]["tasks"][0]["files"][0].update(link="sideways"), "sideways"),
    ],
)
def test_broken_workflows_are_refused(tmp_path: Path, change: Any, text: str) -> None:
    document = json.loads(json.dumps(OLD))
    change(document)
    path = write(tmp_path, document)
    with pytest.raises(sk.FormatError) as caught:
        sk.dag.read_wfformat(path)
    assert text in str(caught.value)
    assert caught.value.path == path


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", '{"a": 1}', "\x00\x01", '{"schemaVersion": 1.4}'])
def test_what_is_no_workflow_is_refused(tmp_path: Path, text: str) -> None:
    for reader in (sk.dag.read_wfformat, sk.dag.read_stg, sk.dag.read_platform):
        with pytest.raises(sk.FormatError):
            reader(write(tmp_path, text))
        with pytest.raises(FileNotFoundError):
            reader(tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("1\n0 0 0\n1 x 1 0\n2 0 1 1\n", 3),
        ("1\n0 0 0\n1 5 1 9\n2 0 1 1\n", 3),
        ("1\n0 0 0\n1 5 2 0\n2 0 1 1\n", 3),
        ("1\n0 0 0\n1 -5 1 0\n2 0 1 1\n", 3),
        ("1\n0 0 0\n", None),
        ("1 2\n", 1),
        ("-2\n", 1),
        ("0\n0 1_0 0\n1 0 1 0\n", 2),
        ("0\n0 \u0663 0\n1 0 1 0\n", 2),
    ],
)
def test_broken_task_graphs_are_refused_by_line(tmp_path: Path, text: str, line: int | None) -> None:
    with pytest.raises(sk.FormatError) as caught:
        sk.dag.read_stg(write(tmp_path, text))
    assert caught.value.line == line


def test_absurd_core_counts_are_refused(tmp_path: Path) -> None:
    text = Path(sk.example_path("tiny.wfformat.json")).read_text()
    assert '"coreCount": 1' in text
    with pytest.raises(sk.FormatError, match="'coreCount' must be > 0 and at most"):
        sk.dag.read_wfformat(write(tmp_path, text.replace('"coreCount": 1', '"coreCount": 1e300', 1)))


def test_broken_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.json.gz"
    for tail in (b"", b"\x08\x00" + b"\xff" * 30, gzip.compress(b"{}")[2:-9]):
        path.write_bytes(b"\x1f\x8b" + tail)
        with pytest.raises(sk.FormatError):
            sk.dag.read_wfformat(path)


@pytest.mark.parametrize("joined", [False, True])
def test_one_task_may_write_for_thousands_or_read_from_them(tmp_path: Path, joined: bool) -> None:
    n = 20_000  # looking at every file of the one task for each of the others would take minutes
    names = [f"f{k}" for k in range(n)]
    inner, outer = ("inputFiles", "outputFiles")[:: -1 if joined else 1]
    hub = {"id": "hub", "parents" if joined else "children": [f"t{k}" for k in range(n)], outer: names}
    tasks = [hub, *({"id": f"t{k}", inner: [names[k], "hub.log"]} for k in range(n))]
    files = [{"id": name, "sizeInBytes": k} for k, name in enumerate([*names, "hub.log"])]
    document = {"schemaVersion": "1.5", "workflow": {"specification": {"tasks": tasks, "files": files}}}
    w = sk.dag.read_wfformat(write(tmp_path, json.dumps(document)))
    assert w.data.tolist() == list(range(n))


def test_cycles_in_files_are_shown(tmp_path: Path) -> None:
    with pytest.raises(sk.CycleError):
        sk.dag.read_stg(write(tmp_path, "1\n0 0 1 2\n1 5 1 0\n2 0 1 1\n"))


def test_graphs_of_other_libraries() -> None:
    networkx, rustworkx = pytest.importorskip("networkx"), pytest.importorskip("rustworkx")
    expected = sk.dag.TaskGraph([[1, 2], [3, 4], [5, 6]], [(0, 1), (0, 2)], [7.0, 0.0], names=["x", "y", "z"])
    g = networkx.DiGraph()
    for name, cost in (("x", [1, 2]), ("y", np.array([3, 4])), ("z", (5, 6))):
        g.add_node(name, cost=cost)
    g.add_edge("x", "y", data=7)
    g.add_edge("x", "z")
    assert sk.dag.from_networkx(g) == expected
    r = rustworkx.PyDiGraph()
    nodes = r.add_nodes_from([{"cost": [1, 2]}, [3, 4], {"cost": [5, 6]}])
    r.add_edges_from([(nodes[0], nodes[1], 7), (nodes[0], nodes[2], None)])
    twin = sk.dag.from_networkx(r)
    assert (twin.cost == expected.cost).all()
    assert (twin.edges.tolist(), twin.data.tolist()) == (expected.edges.tolist(), [7.0, 0.0])
    undirected, mistakes = (networkx.Graph(), rustworkx.PyGraph()), (3, networkx.DiGraph, rustworkx.PyDiGraph)
    refused = [*((g, sk.InvalidInputError) for g in undirected), *((g, sk.InputTypeError) for g in mistakes)]
    for wrong, error in refused:
        with pytest.raises(error):
            sk.dag.from_networkx(wrong)


def test_generated_graphs_have_the_parameters_they_were_asked_for() -> None:
    g = sk.dag.layered_graph(4000, 6, ccr=2.0, heterogeneity=0.5, mean_cost=10.0, seed=1)
    assert g.cost.mean() == pytest.approx(10.0, rel=0.05)
    assert g.data.mean() == pytest.approx(20.0, rel=0.05)
    spread = g.cost.max(axis=1) / g.cost.mean(axis=1)
    assert spread.max() <= 1.25 / 0.75
    assert g == sk.dag.layered_graph(4000, 6, ccr=2.0, heterogeneity=0.5, mean_cost=10.0, seed=1)
    # Sizes from the HEFT paper: (m^2 + m - 2) / 2 for Gauss; 2 m - 1 + m log2 m for FFT.
    assert sk.dag.gauss_graph(9, 2).num_tasks == 44
    assert sk.dag.fft_graph(16, 2).num_tasks == 31 + 64
    assert sk.dag.cholesky_graph(4, 2).num_tasks == 20
    with pytest.raises(sk.InvalidInputError, match="power of 2"):
        sk.dag.fft_graph(6, 2)


def test_the_command_line_schedules_a_workflow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workflow, platform = sk.example_path("tiny.wfformat.json"), sk.example_path("tiny.platform.json")
    assert main(["solve", workflow, "--platform", platform, "--algorithm", "heft", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    machines = sk.dag.read_platform(platform)
    graph = sk.dag.read_wfformat(workflow).on(machines.speed)
    assert out["makespan"] == sk.dag.heft(graph, machines.network).makespan
    assert sk.check(graph, out, network=machines.network) == []
    assert main(["solve", workflow, "--platform", platform]) == 0
    assert "merge" in capsys.readouterr().out
    assert main(["solve", workflow]) == 2
    assert main(["solve", workflow, "--platform", platform, "--algorithm", "serial"]) == 2
    assert main(["solve", sk.example_path("migration.json"), "--algorithm", "heft"]) == 2
    capsys.readouterr()
    schedule = tmp_path / "s.json"
    schedule.write_text(json.dumps(out))
    assert main(["check", workflow, str(schedule), "--platform", platform]) == 0
    schedule.write_text(json.dumps({**out, "start_time": [0.0] * 4}))
    assert main(["check", workflow, str(schedule), "--platform", platform]) == 1
    assert main(["solve", workflow, "--platform", platform, "--time-limit", "0.1"]) == 0
    assert main(["info", sk.example_path("tiny.stg")]) == 0


def test_pictures_and_traces(tmp_path: Path) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    graph = sk.dag.TaskGraph([[1, 2], [9, 9], [9, 9]], [(0, 1), (0, 2)], [5.0, 5.0], names=["a", "b", "c"])
    s = sk.dag.heft(graph, entry_duplication=True)
    assert len(s.copies) == 1
    assert len(sk.dag.heft(graph).plot().texts) >= 3
    s.plot()
    trace = tmp_path / "t.json"
    s.to_chrome_trace(trace)
    events = json.loads(trace.read_text())["traceEvents"]
    assert sum(e["ph"] == "X" for e in events) == 4
    sk.dag.heft(graph, sk.dag.Network(100.0)).to_chrome_trace(trace)
    events = json.loads(trace.read_text())["traceEvents"]
    assert sum(e["ph"] == "s" for e in events) == sum(e["ph"] == "f" for e in events) == 1
    assert list(s.to_pandas()["name"]) == ["a", "b", "c"]
    ax = sk.dag.plot_latency(graph, [0.1, 0.2], policies=["frontier"], num_jobs=5)
    assert len(ax.lines) == 1
    matplotlib.pyplot.close("all")
