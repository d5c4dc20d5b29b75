"""Readers of buffers and clusters, and generators."""

import copy
import gzip
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk

NODE = {
    "kind": "Node",
    "metadata": {"name": "a", "labels": {"zone": "x"}},
    "status": {"allocatable": {"cpu": "4", "memory": "32Gi", "pods": "10"}},
}


def pod(name: str, cpu: str, memory: str, **spec: Any) -> dict[str, Any]:
    requests = {"cpu": cpu, "memory": memory}
    return {
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name[:3]}},
        "spec": {"containers": [{"resources": {"requests": requests}}], **spec},
    }


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
    return path


def read(path: Path, content: Any) -> Any:
    return sk.packing.read(write(path / "file", content))


def test_buffers_are_read_with_both_kinds_of_headings_and_compressed(tmp_path: Path) -> None:
    text = "id,lower,upper,size\nb1,0,3,4\nb2,2,5,2\n"
    b = read(tmp_path, text)
    assert (b.start.tolist(), b.end.tolist(), b.size.tolist(), b.names) == ([0, 2], [3, 5], [4, 2], ("b1", "b2"))
    assert read(tmp_path, "start,end,size\r\n0,3,4\r\n").names == ("0",)
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(text.encode()))
    packed = sk.packing.read(tmp_path / "x.csv.gz")
    assert isinstance(packed, sk.packing.Buffers)
    assert packed.size.tolist() == [4, 2]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,lower,upper\n", "line 1: has no column for the size"),
        ("id,lower,upper,size\n1,0,3,4\n2,5,5,4\n", "line 3: the buffer ends at 5, not after 5"),
        ("id,lower,upper,size\n1,0,3,0\n", "line 2: the size 0 is not positive"),
        ("id,lower,upper,size\n1,0,3,1.5\n", "line 2: the size must be a whole number, not '1.5'"),
        ("id,lower,upper,size\n1,0,3,99999999999999999\n", "line 2: the size 99999999999999999 is beyond"),
        ("id,lower,upper,size\n1,0,3\n", "line 2: has 3 cells, expected 4"),
        ("id,lower,upper,size,colour\n", "unknown column 'colour'"),
        ("", "has no column"),
    ],
)
def test_bad_buffers_are_refused_with_their_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(sk.FormatError, match=message):
        read(tmp_path, text)


def test_a_cluster_is_read_with_its_rules(tmp_path: Path) -> None:
    other = {**NODE, "metadata": {"name": "b"}, "spec": {"taints": [{"key": "k", "value": "v", "effect": "NoSchedule"}]}}
    anti = {
        "podAntiAffinity": {
            "requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "web"}}}
            ]
        }
    }
    pods = [
        pod("web-1", "100m", "16Gi", affinity=anti, priority=7),
        pod("web-2", "1.5", "1e3", affinity=anti, nodeName="a"),
        pod("sql-1", "2", "1Mi", tolerations=[{"key": "k", "operator": "Exists"}]),
        pod("sql-2", "2", "1Mi", nodeSelector={"zone": "x"}),
    ]
    for content in ({"nodes": [NODE, other], "pods": pods}, {"kind": "List", "items": [NODE, *pods, other]}):
        c = read(tmp_path, content)
        assert (c.resource_names, c.node_names) == (("cpu", "memory", "pods"), ("a", "b"))
        assert c.capacity.tolist() == [[4000, 2**35, 10], [4000, 2**35, 10]]
        assert c.demand.tolist() == [[100, 2**34, 1], [1500, 1000, 1], [2000, 2**20, 1], [2000, 2**20, 1]]
        assert (c.priority.tolist(), c.current.tolist()) == ([7, 0, 0, 0], [-1, 0, -1, -1])
        assert (c.allowed, c.apart) == ([[0], [0], None, [0]], [[0, 1]])
        p = sk.packing.place(**c.arguments())
        assert sk.check(p) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected an object"),
        ({}, "has neither the list 'nodes' nor 'items'"),
        ({"nodes": 3}, "'nodes' must be a list"),
        ({"nodes": [NODE, NODE], "pods": []}, "two nodes have the same name"),
        ({"nodes": [{}], "pods": []}, "has no name"),
        ({"nodes": [NODE], "pods": [pod("p", "x", "1")]}, "line .*the quantity of cpu must be like"),
        ({"nodes": [NODE], "pods": [pod("p", "1", "9Ei")]}, "exceeds 2"),
        ({"nodes": [NODE], "pods": [pod("p", "1", "1", nodeName="z")]}, "there is no node 'z'"),
        ({"nodes": [NODE], "pods": [pod("p", "1", "1", priority=1.5)]}, "the priority must be a whole number"),
    ],
)
def test_bad_clusters_are_refused(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(sk.FormatError, match=message):
        read(tmp_path, content)


def test_formats_are_known_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "x", "id,lower,upper,size\n")
    empty = sk.packing.read(path, format="minimalloc")
    assert isinstance(empty, sk.packing.Buffers)
    assert empty.size.size == 0
    with pytest.raises(sk.InvalidInputError, match="unknown format"):
        sk.packing.read(path, format="tflite")


def test_generators_repeat_and_refuse() -> None:
    a, b = (sk.packing.cluster(9, running=0.5, apart=2, seed=4) for _ in range(2))
    assert np.array_equal(a.demand, b.demand)
    assert np.array_equal(a.current, b.current)
    assert (a.demand.sum(axis=0) <= 0.95 * a.capacity.sum(axis=0)).all()
    assert np.array_equal(sk.packing.model(40, seed=1).size, sk.packing.model(40, seed=1).size)
    assert sk.packing.cluster(0).demand.shape == (0, 2)
    refused: list[dict[str, Any]] = [{"num_nodes": -1}, {"load": -0.5}, {"priorities": 0}, {"seed": -1}, {"load": float("nan")}]
    for bad in (*refused, {"running": 1.5}, {"running": 5}):
        with pytest.raises(sk.InvalidInputError):
            sk.packing.cluster(**bad)


def test_inputs_are_compared_by_content() -> None:
    for a, b in (
        (sk.packing.cluster(4, apart=2, seed=1), sk.packing.cluster(4, apart=2, seed=2)),
        (sk.packing.model(9, seed=1), sk.packing.model(9, seed=2)),
    ):
        for same in (copy.deepcopy(a), pickle.loads(pickle.dumps(a))):
            assert (same == a, hash(same) == hash(a)) == (True, True)
        assert a != b
        assert a != 3
