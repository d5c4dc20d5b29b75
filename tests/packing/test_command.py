"""The command ``schedkit pack`` and the reader of its files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import schedkit as sk
from schedkit.cli import main

ITEMS = "name,size\nbench,4\nsofa,8\nlamp,1\nchair,4\nbox,2\nmat,1\n"


@pytest.fixture(name="items")
def _items(tmp_path: Path) -> str:
    path = tmp_path / "items.csv"
    path.write_text(ITEMS, "utf-8")
    return str(path)


def test_bins_of_a_capacity(items: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", items, "--capacity", "10"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 bins (optimal, lower bound 2)",
        "bin  load  items",
        "0    10    sofa, box",
        "1    10    bench, lamp, chair, mat",
    ]


def test_a_number_of_bins(items: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", items, "--bins", "2", "--equal-count", "--method", "exact"]) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "largest load 10 (optimal, lower bound 10)"
    assert len(rows) == 3


def test_json_and_a_picture(items: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "bins.png"
    assert main(["pack", items, "--capacity", "10", "--json", "-o", str(picture)]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["kind"], plain["num_bins"], plain["bin"]) == ("bins", 2, [1, 0, 1, 1, 0, 1])
    assert picture.stat().st_size > 1000


BUFFERS = "id,lower,upper,size\na,0,2,4\nb,1,4,3\nc,2,5,2\nd,3,6,4\n"


def _written(tmp_path: Path, name: str, content: str) -> str:
    (tmp_path / name).write_text(content, "utf-8")
    return str(tmp_path / name)


def test_buffers_get_offsets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "model.csv", BUFFERS)
    assert main(["pack", path]) == 0
    first, header, *rows = capsys.readouterr().out.splitlines()
    assert (first, header.split()) == ("peak 9 (optimal, lower bound 9)", ["buffer", "start", "end", "size", "offset"])
    taken = [tuple(map(int, row.split()[1:])) for row in rows]
    for i, (start, end, size, offset) in enumerate(taken):
        assert offset + size <= 9
        assert all(end <= s or e <= start or offset + size <= o or o + z <= offset for s, e, z, o in taken[:i])
    assert main(["pack", path, "--capacity", "8"]) == 1
    assert [row.split()[0] for row in capsys.readouterr().out.splitlines()[2:]] == ["b", "c", "d"]
    assert main(["pack", path, "--alignment", "4", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["kind"] == "offsets"
    assert all(offset % 4 == 0 for offset in plain["offset"])


def _object(kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name}, **rest}


def test_pods_get_nodes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def pod(name: str, cpu: str, **spec: Any) -> dict[str, Any]:
        return _object("Pod", name, spec={"containers": [{"resources": {"requests": {"cpu": cpu}}}], **spec})

    nodes = [_object("Node", "small", status={"allocatable": {"cpu": "2", "memory": "1Gi"}})]
    pods = [pod("api", "1500m", priority=5), pod("batch", "1", nodeName="small"), pod("huge", "3")]
    path = _written(tmp_path, "cluster.json", json.dumps({"items": [*nodes, *pods]}))
    assert main(["pack", path]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 of 3 pods have a node, 1 lose theirs (optimal)",
        "pod    priority  node   note",
        "api    5         small",
        "batch  0         -      leaves small; small lacks 500 of cpu",
        "huge   0         -      small lacks 2500 of cpu, too large even for the empty node",
    ]
    assert main(["pack", path, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert (plain["kind"], plain["node"], len(plain["unplaced"])) == ("placement", [0, -1, -1], 2)


@pytest.mark.parametrize("content", [BUFFERS, '{"nodes": [], "pods": []}'])
def test_charts_of_other_kinds(tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    picture = tmp_path / "packed.svg"
    assert main(["pack", _written(tmp_path, "content", content), "-o", str(picture)]) == 0
    assert picture.stat().st_size > 1000
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("content", "options", "text"),
    [
        (BUFFERS, ["--bins", "2"], "--bins does not go with a file of kind memory"),
        ('{"nodes": [], "pods": []}', ["--capacity", "2"], "--capacity does not go with a file of kind cluster"),
        (ITEMS, ["--alignment", "2"], "--alignment does not go with a file of kind sizes"),
        (BUFFERS, ["--kind", "sizes", "--capacity", "9"], "unknown column 'id'"),
        (BUFFERS.replace("a,0,2,4", "a,2,2,4"), [], "line 2: the buffer ends at 2, not after 2"),
        (BUFFERS, ["--capacity", "8.5"], "capacity = 8.5"),
        ("[]", [], "expected an object with the lists 'nodes' and 'pods'"),
        ("{", [], "content: line 1"),
    ],
)
def test_bad_files_and_options_of_other_kinds(
    tmp_path: Path, content: str, options: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pack", _written(tmp_path, "content", content), *options]) == 2
    message = capsys.readouterr().err
    assert text in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ([], "give either --capacity or --bins"),
        (["--capacity", "10", "--bins", "2"], "give either --capacity or --bins"),
        (["--capacity", "7"], "items.csv: line 3: size = 8 ('sofa'): exceeds the capacity 7"),
        (["--capacity", "10", "--equal-count"], "--max-count and --equal-count go with --bins"),
        (["--bins", "2", "--method", "mffd"], "method = 'mffd': unknown method"),
        (["--bins", "2", "--max-count", "2"], "--max-count = 2: 2 bins of at most 2 items hold 4 items, not 6"),
        (["--bins", "0"], "schedkit: --bins = 0: must be >= 1"),
        (["--bins", "2", "--time-limit", "1"], "schedkit: --time-limit: only method 'exact' takes it"),
        (["--capacity", "10", "--method", "lpt"], "--method = 'lpt': unknown method, expected one of first_fit,"),
        (["--capacity", "10", "--method", "lpt"], "mffd, exact"),
        (["--capacity", "-1"], "schedkit: --capacity = -1: must be positive"),
    ],
)
def test_bad_options_are_one_line(items: str, options: list[str], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pack", items, *options]) == 2
    message = capsys.readouterr().err
    assert text in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", "expected a column 'size'; found no header"),
        ("name\na\n", "line 1: expected a column 'size'; found name"),
        ("size\n3\nx\n", "line 3: size = 'x' is not a finite number"),
        ("size\nnan\n", "line 2: size = 'nan' is not a finite number"),
        ("size\n99999999999999999999\n", "line 2: size = 99999999999999999999 is beyond 64 bits"),
        ("size,colour\n1,red\n", "unknown column 'colour'"),
    ],
)
def test_bad_files_are_named_with_their_line(tmp_path: Path, content: str, text: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(sk.FormatError) as caught:
        sk.packing.read_sizes(path)
    assert text in str(caught.value)


def test_sizes_keep_their_type(tmp_path: Path) -> None:
    def read(content: str, **options: Any) -> Any:
        path = tmp_path / "sizes.csv"
        path.write_text(content, "utf-8")
        return sk.packing.read_sizes(path, **options)

    sizes, names = read("Length\n3\n2\n")
    assert (sizes.dtype.kind, sizes.tolist(), names) == ("i", [3, 2], None)
    sizes, names = read("size;name;colour\n3;a;red\n2.5;b;blue\n", ignore_unknown=True)
    assert (sizes.dtype.kind, sizes.tolist(), names) == ("f", [3.0, 2.5], ("a", "b"))


def test_what_is_no_number_is_named_in_words_of_users(items: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["pack", items, "--capacity", "abc"])
    assert "invalid number value: 'abc'" in capsys.readouterr().err


def test_unknown_columns_of_buffers_are_skipped_if_that_is_wanted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "model.csv", "id,lower,upper,size,alignment\na,0,2,4,8\n")
    assert main(["pack", path]) == 2
    assert "unknown column 'alignment'" in (message := capsys.readouterr().err)
    assert "--ignore-unknown skips it" in message
    assert main(["pack", path, "--ignore-unknown"]) == 0
    assert capsys.readouterr().out.startswith("peak 4 (optimal")
    with pytest.raises(sk.FormatError, match="ignore_unknown=True skips it"):
        sk.packing.read(path)
    assert sk.packing.read(path, ignore_unknown=True).names == ("a",)  # type: ignore[union-attr]


def test_a_negative_size_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _written(tmp_path, "sizes.csv", "size\n3\n\n-2\n")
    assert main(["pack", path, "--bins", "2"]) == 2
    assert "sizes.csv: line 4: size = -2: must be >= 0" in capsys.readouterr().err
