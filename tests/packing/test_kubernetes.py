"""The rules of Kubernetes for nodes and pods, with one example file for each, in `tests/packing/kubernetes`.

Expectations follow the documentation: "Assigning Pods to Nodes", "Taints and Tolerations", "Sidecar Containers" (sharing of
resources within a pod), "Pod Overhead", "Resource Management for Pods and Containers" (requests of pods), and the comments of
the API on `NodeSelectorTerm`, `PodAffinityTerm` and `Toleration`.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk

FILES = Path(__file__).parent / "kubernetes"

ALLOWED: dict[str, list[list[int] | None]] = {
    # What runs stays on a cordoned node; others go elsewhere, unless they tolerate the taint.
    "cordon": [None, [1], None],
    "unschedulable_without_taint": [None, [1], None],
    "taint_no_schedule": [None, [1], None],
    # Only this effect drives pods away.
    "taint_no_execute": [[1], None],
    "taint_prefer_no_schedule": [None],
    "tolerations": [[0], [1], [0, 1], None, [], [2], []],
    "node_selector": [None, [0], [1]],
    # Required during scheduling, ignored during execution: nodes a for what runs there, b for what the labels say.
    "label_that_changed": [None, None, [1]],
    "match_fields": [[1], [0], []],
    # Terms are alternatives, expressions of a term hold together, an empty term selects nothing, NotIn holds without a label.
    "terms": [[], [0, 1], [0], [1, 2]],
    "greater_and_less": [[1], [0]],
}
APART: dict[str, list[list[int]]] = {
    # The first two select each other and the third pod; the fourth selects these three; no selector selects no pod.
    "anti_affinity": [[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]],
    # A pod's own namespace by default: y1 and y2; the pod z1 names x; z2 means all.
    "anti_affinity_namespaces": [[1, 2], [0, 3], [0, 4], [1, 4], [2, 4]],
    # The same port and protocol, on every address (0, 1) or on addresses of their own (3 and 4, which do not meet).
    "host_ports": [[0, 1], [0, 3], [0, 4], [1, 3], [1, 4]],
}
CPU_AND_MEMORY = {
    # The containers need 1.5 processors together, the largest one before them 2; 1 and 3 KiB of memory.
    "init_containers": [[2000, 3 * 1024]],
    # 1 + 1 beside the sidecar, 1 + 1.5 while the second one starts; 1 + 1 if it starts after; 1 + 3.
    "sidecar": [[2500, 0], [2000, 0], [4000, 0]],
    "overhead": [[1250, 120]],
    # The pod's own requests replace those of its containers, for processors and memory; the overhead comes on top.
    "requests_of_pods": [[4000, 7], [1000, 9]],
}


def read(name: str) -> Any:
    return sk.packing.read(FILES / f"{name}.json")


def test_each_file_has_an_expectation() -> None:
    assert {path.stem for path in FILES.glob("*.json")} == {*ALLOWED, *APART, *CPU_AND_MEMORY}


@pytest.mark.parametrize("name", ALLOWED)
def test_pods_may_take_the_nodes_of_the_rules(name: str) -> None:
    cluster = read(name)
    expected = [None if nodes == list(range(len(cluster.node_names))) else nodes for nodes in ALLOWED[name]]
    assert cluster.allowed == expected


@pytest.mark.parametrize("name", APART)
def test_pods_stay_apart_by_the_rules(name: str) -> None:
    pairs = {(min(i, j), max(i, j)) for group in read(name).apart for i in group for j in group if i != j}
    assert pairs == {tuple(pair) for pair in APART[name]}


@pytest.mark.parametrize("name", CPU_AND_MEMORY)
def test_pods_request_what_the_rules_say(name: str) -> None:
    cluster = read(name)
    assert cluster.resource_names[:2] == ("cpu", "memory")
    assert cluster.demand[:, :2].tolist() == CPU_AND_MEMORY[name]


def test_a_pod_cannot_request_other_resources_as_a_whole() -> None:
    cluster = read("requests_of_pods")
    assert cluster.resource_names[2] == "example.com/x"
    assert cluster.demand[:, 2].tolist() == [0, 2]


def test_what_runs_on_a_cordoned_node_is_not_evicted() -> None:
    placed = sk.packing.place(**read("cordon").arguments())
    assert (placed.node[0], placed.evicted.tolist(), sk.check(placed)) == (0, [], [])


POD = {"kind": "Pod", "metadata": {"name": "p"}}
NODE = {"kind": "Node", "metadata": {"name": "a"}}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{**POD, "spec": {"nodeName": "zzz"}}], "pod 'p': there is no node 'zzz'"),
        ([{**POD, "spec": {"containers": 3}}], "pod 'p': 'containers' must be a list"),
        ([{**POD, "spec": {"priority": "high"}}], "pod 'p': the priority must be a whole number"),
        ([{**POD, "spec": {"overhead": {"cpu": "x"}}}], "pod 'p': the quantity of cpu must be like"),
        ([{**NODE, "status": {"allocatable": {"cpu": "1Qi"}}}], "node 'a': the quantity of cpu must be like"),
        ([NODE, {**POD, "spec": {"nodeSelector": 3}}], "pod 'p': 'nodeSelector' must be an object of labels"),
    ],
)
def test_messages_name_the_pod_or_the_node(tmp_path: Path, entries: list[Any], message: str) -> None:
    path = tmp_path / "cluster.json"
    path.write_text(json.dumps({"items": entries}), encoding="utf-8")
    with pytest.raises(sk.FormatError, match=f"line 1: {message}"):
        sk.packing.read(path)


@pytest.mark.parametrize(
    ("affinity", "message"),
    [
        (
            {"matchExpressions": [{"key": "k", "operator": "Like"}]},
            "unknown operator 'Like', expected one of In, NotIn, Exists, DoesNotExist, Gt",
        ),
        ({"matchFields": [{"key": "spec.x", "operator": "In", "values": ["1"]}]}, "matchFields must say metadata.name"),
    ],
)
def test_terms_that_kubernetes_does_not_know_are_refused(tmp_path: Path, affinity: Any, message: str) -> None:
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [affinity]}}
    path = tmp_path / "cluster.json"
    pod = {**POD, "spec": {"affinity": {"nodeAffinity": required}}}
    path.write_text(json.dumps({"items": [NODE, pod]}), encoding="utf-8")
    with pytest.raises(sk.FormatError, match=f"pod 'p': {message}"):
        sk.packing.read(path)


@pytest.mark.parametrize(("text", "units"), [("1500000000n", 1500), ("250u", 1), ("+2", 2000), ("1e-3", 1), (".5", 500)])
def test_quantities_of_processors_are_thousandths_rounded_up(tmp_path: Path, text: str, units: int) -> None:
    path = tmp_path / "cluster.json"
    pod = {**POD, "spec": {"overhead": {"cpu": text}}}
    path.write_text(json.dumps({"items": [NODE, pod]}), encoding="utf-8")
    cluster = sk.packing.read(path)
    assert isinstance(cluster, sk.packing.Cluster)
    assert cluster.demand[0, 0] == units
