"""Bad input gives its documented error, which names the field and the place; odd input that is legal works."""

from __future__ import annotations

import functools
import gzip
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.cli import main
from schedkit.tardiness import read_csv

INVALID, TYPE, FORMAT = sk.InvalidInputError, sk.InputTypeError, sk.FormatError
NAN, INF = float("nan"), float("inf")
FAR = 2**53

BAD: dict[str, tuple[Any, Any, Any, type[sk.SchedkitError], str, Any, str]] = {
    "negative time": ([4, -3, -1], [1, 1, 1], None, INVALID, "processing_time", 1, "must be >= 0; 1 more"),
    "lengths": ([1, 2], [1], None, INVALID, "due_date", None, "has length 1, expected 2"),
    "weights' length": ([1, 2], [1, 2], [1], INVALID, "weight", None, "has length 1, expected 2"),
    "sum": ([FAR, 1], [1, 1], None, INVALID, "processing_time", 1, "exceeds 2**53"),
    "sum beyond 64 bits": ([2**62, 2**62, 2**62], [1, 1, 1], None, INVALID, "processing_time", 0, "exceeds 2**53"),
    "due date": ([1], [FAR + 1], None, INVALID, "due_date", 0, "within 2**53 of 0"),
    "negative due date": ([1], [-(2**63)], None, INVALID, "due_date", 0, "within 2**53 of 0"),
    "objective": ([0] * 1025, [-FAR] * 1025, None, INVALID, "due_date", None, "exceed 2**63 - 1"),
    "fraction": ([1.5, 2.0], [1, 2], None, INVALID, "processing_time", 0, "whole number"),
    "NaN": ([1, 2], [NAN, 2], None, INVALID, "due_date", 0, "must be finite"),
    "inf": ([INF, 2], [1, 2], None, INVALID, "processing_time", 0, "must be finite"),
    "bool": ([True, 2], [1, 2], None, TYPE, "processing_time", 0, "not bool"),
    "str": (["1", 2], [1, 2], None, TYPE, "processing_time", 0, "not str"),
    "None": ([1, None], [1, 2], None, TYPE, "processing_time", 1, "not None"),
    "complex": ([1, 2j], [1, 2], None, TYPE, "processing_time", 1, "not complex"),
    "scalar": (3, [1], None, TYPE, "processing_time", None, "not int"),
    "weight NaN": ([1, 2], [1, 2], [1.0, NAN], INVALID, "weight", 1, "must be finite"),
    "weight inf": ([1, 2], [1, 2], [INF, 1.0], INVALID, "weight", 0, "must be finite"),
    "weight negative": ([1, 2], [1, 2], [1, -1], INVALID, "weight", 1, "must be >= 0"),
    "weight too large": ([2, 2], [1, 2], [2**62, 2**62], INVALID, "weight", None, "largest number"),
    "three dimensions": (np.zeros((1, 1, 1), int), [1], None, INVALID, "processing_time", None, "3 dimensions"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_columns(name: str) -> None:
    p, d, w, error, field, index, words = BAD[name]
    calls: list[Callable[[], object]] = [
        lambda: sk.tardiness.wmdd(p, d, w),
        lambda: sk.tardiness.Instance(p, d, w),
        lambda: sk.tardiness.improve(p, d, w, max_moves=1),
        lambda: sk.tardiness.evaluate(p, d, [0], w),
        lambda: sk.tardiness.solve_exact_weighted(p, d, w),
    ]
    if w is None:
        calls += [functools.partial(getattr(sk.tardiness, name), p, d) for name in (*sk.tardiness.RULES, "solve_exact")]
    for call in calls:
        with pytest.raises(error) as caught:
            call()
        assert (caught.value.field, caught.value.index) == (field, index)  # type: ignore[attr-defined]
        assert words in str(caught.value)


def test_bad_batches_name_the_row() -> None:
    p = np.ones((3, 2), int)
    p[2, 1] = -5
    with pytest.raises(INVALID, match=r"processing_time\[2, 1\] = -5") as caught:
        sk.tardiness.mdd(p, p, threads=2)
    assert caught.value.index == (2, 1)
    with pytest.raises(INVALID, match="shape"):
        sk.tardiness.mdd(np.ones((3, 2), int), np.ones((2, 3), int))
    with pytest.raises(INVALID, match="shape"):
        sk.tardiness.atc(np.ones((3, 2), int), np.ones((3, 2), int), np.ones((2, 2), int))
    with pytest.raises(INVALID, match="has 1 dimension, expected 2"):
        sk.tardiness.mdd(np.ones((3, 2), int), [1, 2])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sk.tardiness.atc([1], [1], k=0), INVALID, "k = 0.0: must be positive"),
        (lambda: sk.tardiness.atc([1], [1], k=NAN), INVALID, "k"),
        (lambda: sk.tardiness.atc([1], [1], k="2"), TYPE, "k"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.mdd([1], [1], threads=0), INVALID, "threads"),
        (lambda: sk.tardiness.mdd([1], [1], threads=True), TYPE, "threads"),
        (lambda: sk.tardiness.mdd([1], [1], threads=np.array([1, 2])), TYPE, "threads"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.atc([1], [1], k=np.timedelta64(3, "s")), TYPE, "k"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.improve([1], [1], time_limit=np.timedelta64(3, "s")), TYPE, "time_limit"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.solve_exact([1], [1], on_interrupt=np.array(["raise"] * 2)), INVALID, "on_interrupt"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.improve([1], [1], start="best"), INVALID, "unknown rule"),
        (lambda: sk.tardiness.improve([1, 2], [1, 2], start=[0, 0]), INVALID, "occurs more than once"),
        (lambda: sk.tardiness.improve([1, 2], [1, 2], start=[0, 2]), INVALID, "is not a job"),
        (lambda: sk.tardiness.improve([1, 2], [1, 2], start=[0]), INVALID, "has length 1, expected 2"),
        (lambda: sk.tardiness.improve([1, 2], [1, 2], warm_start=[1, 1]), INVALID, "warm_start"),
        (lambda: sk.tardiness.improve([1], [1], seed=-1), INVALID, "seed"),
        (lambda: sk.tardiness.improve([1], [1], max_moves=-1), INVALID, "max_moves"),
        (lambda: sk.tardiness.improve([1], [1], time_limit=-1), INVALID, "time_limit"),
        (lambda: sk.tardiness.solve_exact([1], [1], memory_limit=-1), INVALID, "memory_limit"),
        (lambda: sk.tardiness.solve_exact([1], [1], max_nodes=1.5), INVALID, "max_nodes"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.solve_exact([1], [1], stop=3), TYPE, "stop"),  # type: ignore[arg-type]
        (lambda: sk.tardiness.solve_exact_weighted([1] * 25, [1] * 25), INVALID, "at most 24"),
        (lambda: sk.tardiness.potts_van_wassenhove(-1, 0.2, 0.2), INVALID, "n = -1"),
        (lambda: sk.tardiness.potts_van_wassenhove(5, 1.2, 0.2), INVALID, "rdd = 1.2"),
        (lambda: sk.tardiness.potts_van_wassenhove(5, 0.2, NAN), INVALID, "tf"),
        (lambda: sk.tardiness.Instance([1], [1], names=["a", "b"]), INVALID, "names"),
        (lambda: sk.tardiness.Instance([1], [1], names=np.array("a")), TYPE, "names"),  # type: ignore[arg-type]
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), 3), TYPE, "schedule"),
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), {}), INVALID, "no 'sequence'"),
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), {"sequence": [0], "start_time": [0]}), INVALID, "only one of"),
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), {"sequence": [0], "lateness": [0, 1]}), INVALID, "lateness"),
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), sk.tardiness.mdd([[1]], [[1]])), INVALID, "batch"),
        (lambda: sk.check(sk.tardiness.Instance([1], [1]), sk.tardiness.mdd([1], [1]), now=1), INVALID, "now"),
    ],
)
def test_bad_options(call: Any, error: type[sk.SchedkitError], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_the_limits_are_legal() -> None:
    s = sk.tardiness.mdd([FAR], [-FAR])
    assert (s.total_tardiness, s.max_lateness) == (2**54, 2**54)
    s = sk.tardiness.edd([0, 0, 5], [-3, -3, -4])
    assert (s.sequence.tolist(), s.num_tardy, s.total_tardiness) == ([2, 0, 1], 3, 9 + 8 + 8)
    assert sk.tardiness.edd([1, 1], [FAR, FAR]).max_lateness == 1 + 1 - FAR
    for name in sk.tardiness.RULES:
        rule = getattr(sk.tardiness, name)
        assert rule([0, 0, 0], [0, 0, 0]).total_tardiness == 0
        assert sorted(rule([2**51, 2**51, 0], [FAR, -FAR, 5]).sequence.tolist()) == [0, 1, 2]
    assert sk.tardiness.solve_exact([2**51] * 3, [FAR, 0, -FAR]).status == "optimal"


def test_many_kinds_of_arrays() -> None:
    expected = sk.tardiness.mdd([4, 7, 2], [6, 9, 14])
    for kind in ("int8", "uint16", "int32", "float64", "uint64", ">i8"):
        assert sk.tardiness.mdd(np.array([4, 7, 2], kind), np.array([6, 9, 14], kind)) == expected
    wide = np.array([[4, 0], [7, 0], [2, 0]])
    assert sk.tardiness.mdd(wide[:, 0], (6, 9, 14)) == expected
    column = np.array([4, 7, 2])
    s = sk.tardiness.mdd(column, [6, 9, 14])
    column[0] = 99
    assert s == expected
    assert sk.tardiness.mdd([[4, 7, 2], [1, 1, 1]], [[6, 9, 14], [1, 2, 3]])[0] == expected


def test_any_sequence_is_checked() -> None:
    instance = sk.tardiness.Instance([2, 3, 1], [2, 4, 9], [1, 2, 3], names=["a", "b", "c"])
    assert sk.check(instance, {"sequence": [0, 1, 2]}) == []
    claim = {"sequence": [0, 1, 2], "start_time": [0, 1, 5], "completion_time": [2, 4, 6], "total_tardiness": 5}
    kinds = [(violation.kind, violation.subject) for violation in sk.check(instance, claim)]
    assert kinds == [("machine_overlap", (0, 1)), ("objective", ())]
    for sequence, kind in (([0, 1], "missing"), ([0, 1, 2, 2], "duplicate"), ([0, 1, 2, 3], "unknown_id")):
        s = sk.tardiness.evaluate([2, 3, 1], [2, 4, 9], sequence)
        assert kind in [violation.kind for violation in sk.check(instance, s)]
    with pytest.raises(INVALID, match="repeated"):
        sk.tardiness.evaluate([FAR], [0], [0, 0])


def test_more_empty_rows_than_memory_holds() -> None:
    for rows in (10**7 + 1, 2**40, 2**59):
        empty = np.empty((rows, 0), np.int64)
        with pytest.raises(MemoryError, match="without jobs"):
            sk.tardiness.mdd(empty, empty, threads=2)


def test_instances_are_values() -> None:
    instance = sk.tardiness.Instance([2, 3], [4, 5], [1.5, 2.0], names=["a", "b"])
    assert pickle.loads(pickle.dumps(instance)) == instance
    assert hash(instance) == hash(sk.tardiness.Instance([2, 3], [4, 5]))
    assert instance != sk.tardiness.Instance([2, 3], [4, 5])
    assert instance != 3
    with pytest.raises(AttributeError):
        instance.weight = None
    with pytest.raises(ValueError, match="read-only"):
        instance.due_date[0] = 1


def test_generated_instances_are_the_seeds_for_ever() -> None:
    a = sk.tardiness.potts_van_wassenhove(200, 0.4, 0.6, weighted=True, seed=2)
    b = sk.tardiness.potts_van_wassenhove(200, 0.4, 0.6, negative=False, seed=2)
    assert np.array_equal(a.processing_time, b.processing_time)
    assert np.array_equal(a.due_date.clip(min=0), b.due_date)
    total = int(a.processing_time.sum())
    assert a.processing_time.min() >= 1
    assert a.processing_time.max() <= 100
    assert a.due_date.min() >= total * 0.2 - 1
    assert a.due_date.max() <= total * 0.6
    assert a.weight is not None
    assert set(a.weight.tolist()) == set(range(1, 11))
    assert a == sk.tardiness.potts_van_wassenhove(200, 0.4, 0.6, weighted=True, seed=2)
    assert a != sk.tardiness.potts_van_wassenhove(200, 0.4, 0.6, weighted=True, seed=3)


def test_files(tmp_path: Any) -> None:
    path = tmp_path / "wt2.txt"
    path.write_text(" ".join(str(k % 7 + 1) for k in range(3 * 125 * 2)))
    instances = sk.tardiness.read_orlib(path)
    assert len(instances) == 125
    assert instances[1].processing_time.tolist() == [7, 1]
    assert instances[1].weight is not None
    assert instances[1].weight.tolist() == [2, 3]
    assert instances[1].due_date.tolist() == [4, 5]
    for content, words in (
        ("1 2\n3 x", "line 2: expected a whole number, found 'x'"),
        ("1 2 3 4", "multiple"),
        (f"{2**70} 1 1", "line 1: .* beyond 64 bits"),
        ("1_0 1 1", "line 1: expected a whole number, found '1_0'"),
        ("\uff15 1 1", "line 1: expected a whole number"),
        ("1 1 1\n\n3\n4\n5\n-2\n1\n1", "line 6: instance 3 of the file: processing_time\\[0\\] = -2"),
    ):
        path.write_text(content)
        with pytest.raises(FORMAT, match=words):
            sk.tardiness.read_orlib(path, 1)
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf+3\r\n1  \r\n5"))
    assert sk.tardiness.read_orlib(path, 1) == [sk.tardiness.Instance([3], [5], [1])]
    with pytest.raises(FileNotFoundError):
        sk.tardiness.read_orlib(tmp_path / "absent")
    path = tmp_path / "jobs.csv"
    for content, words in (
        ("a,b\n1,2\n", "line 1: unknown column 'a', expected some of processing_time, due_date, weight, name"),
        ("d,w\n1,2\n", "line 1: expected a column 'processing_time'; found due_date, weight"),
        ("p,d,P\n1,2,3\n", "line 1: has more than one column 'processing_time'"),
        ("p,d\n1,2\n3\n", "line 3: has 1 cells"),
        ("p,d\n1,two\n", "line 2: due_date = 'two'"),
        ("p,d\n-1,2\n", "processing_time"),
        ("", "line 1"),
    ):
        path.write_text(content)
        with pytest.raises(FORMAT, match=words.replace("[", r"\[")):
            read_csv(path)
    path.write_text("name, p ,d,w\nx,1,2,3\n\ny,2.0,3,4\n")
    assert read_csv(path) == sk.tardiness.Instance([1, 2], [2, 3], [3, 4], names=["x", "y"])


def test_command(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("name,processing_time,due_date\nsaw,4,6\nmill,7,9\ndrill,2,14\nturn,9,16\nbend,5,11\npaint,3,8\n")
    picture = tmp_path / "out.png"
    assert main(["tardiness", str(path), "--algorithm", "exact", "-o", str(picture)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("total tardiness 27, ")
    assert "optimal" in out
    assert picture.stat().st_size > 1000
    assert main(["tardiness", str(path), "--algorithm", "mdd", "--json"]) == 0
    assert '"total_tardiness": 27' in capsys.readouterr().out
    assert main(["tardiness", str(path), "--time-limit", "0.05"]) == 0
    path.write_text("p\n1\n")
    assert main(["tardiness", str(path)]) == 2
    assert "due_date" in capsys.readouterr().err


def test_an_instance_stands_for_its_columns() -> None:
    instance = sk.tardiness.Instance([4, 7, 2], [6, 9, 14], [1, 3, 2])
    p, d, w = instance.processing_time, instance.due_date, instance.weight
    for name in sk.tardiness.RULES:
        rule = getattr(sk.tardiness, name)
        weighted = name in {"wspt", "wmdd", "atc"}
        assert rule(instance).sequence.tolist() == (rule(p, d, w) if weighted else rule(p, d)).sequence.tolist()
        assert sk.check(instance, rule(instance)) == []
    assert sk.tardiness.solve_exact_weighted(instance).total_weighted_tardiness == 5  # 1, 0, 2: job 0 ends at 11, 5 late
    assert sk.check(instance, sk.tardiness.improve(instance, max_moves=10)) == []
    assert sk.tardiness.evaluate(instance, sequence=[2, 0, 1]).total_weighted_tardiness == 12  # the last job is 4 late
    plain = sk.tardiness.Instance([4, 7, 2], [6, 9, 14])
    assert sk.tardiness.solve_exact(plain).total_tardiness == 2


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda i: sk.tardiness.mdd([1, 2]), TYPE, "due_date: is missing: pass processing_time and due_date, or one Instance"),
        (lambda i: sk.tardiness.solve_exact([1, 2]), TYPE, "due_date: is missing"),
        (lambda i: sk.tardiness.improve([1, 2]), TYPE, "due_date: is missing"),
        (lambda i: sk.tardiness.mdd(i, [1, 2]), INVALID, "due_date: is given twice"),
        (lambda i: sk.tardiness.wmdd(i, weight=[1, 2]), INVALID, "weight: is given twice"),
        (sk.tardiness.solve_exact, INVALID, "weight: is not taken into account here"),
        (sk.tardiness.evaluate, TYPE, "sequence: is missing"),
        (
            lambda i: sk.tardiness.improve(i, start=[597, 1]),
            INVALID,
            "start[0] = 597: is not a job: expected the indices of all",
        ),
        (lambda i: sk.tardiness.edd(range(2**36), [1]), INVALID, "processing_time: holds 68719476736 items, more than 2**31"),
        (lambda i: sk.tardiness.edd([1], range(2**70)), INVALID, "due_date: holds more items than a computer can count"),
    ],
)
def test_missing_and_double_columns_are_reported(call: Any, error: type[sk.SchedkitError], words: str) -> None:
    with pytest.raises(error) as caught:
        call(sk.tardiness.Instance([1, 2], [3, 4], [1, 1]))
    assert words in str(caught.value)


def test_priorities_in_the_place_of_a_sequence_are_reported() -> None:
    instance = sk.tardiness.Instance([1, 2], [3, 4])
    found = sk.check(instance, {"sequence": [597, 12]})
    assert [v.kind for v in found] == ["unknown_id", "unknown_id", "missing", "missing"]
    assert found[1].detail == (
        "there is no job 597: a sequence holds the indices of the 2 jobs, from 0 on, in the order in which they run"
    )


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("name,p,d\ncut,1,2\nb\u00fcgeln,2,3\n".encode("latin-1"), 3, "byte 0xfc is not UTF-8"),
        (b"p,d\n" + b"1,2\n" * 50_000 + b"\xff,3\n", 50_002, "byte 0xff is not UTF-8"),
        (b"p,d\n1,2\n-3,4\n", 3, "processing_time[1] = -3: must be >= 0"),
        (b"p,d\n\n1,2\n1_0,4\n", 4, "processing_time = '1_0' is not a number"),
        ("p,d\n\u0663,4\n".encode(), 2, "is not a number"),
        (b"p,d,w\n1,4,nan\n", 2, "weight = 'nan' is not a number"),
        (b"p,d\n4503599627370497.5,1\n", 2, "processing_time = '4503599627370497.5' has more digits than can be kept"),
        (b"p,d\n1,9007199254740991.4\n", 2, "due_date = '9007199254740991.4' has more digits than can be kept"),
        (b"\n  \ntime,due\n1,2\n", 3, "unknown column 'time', expected"),
        (b"\np,d\n1\n", 3, "has 1 cells, expected 2"),
        (b"time,due\n1,2\n", 1, "unknown column 'time', expected some of processing_time"),
    ],
)
def test_csv_errors_name_the_line(tmp_path: Any, content: bytes, line: int, words: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_bytes(content)
    with pytest.raises(FORMAT) as caught:
        read_csv(path)
    assert caught.value.line == line
    assert f"line {line}: " in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        "P;D;Weight\n1;2;3\n",
        "\n\np,d,w\n1.0,2e0,3\n",
        "p\td\tw\n1\t2\t3\n",
        "\ufeffprocessing_time,due_date,W\n1,2,3\n",
    ],
)
def test_csv_headers_as_spreadsheets_write_them(tmp_path: Any, content: str) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text(content, encoding="utf-8")
    assert read_csv(path) == sk.tardiness.Instance([1], [2], [3])


def test_unknown_columns_are_refused_unless_they_shall_be_ignored(tmp_path: Any) -> None:
    path = tmp_path / "jobs.csv"
    path.write_text("order,p,d,wieght,order\n7,1,2,9,x\n8,3,4,9,y\n")
    expected = "expected some of processing_time, due_date, weight, name; ignore_unknown=True skips it"
    with pytest.raises(FORMAT, match=f"unknown column 'order', {expected}") as caught:
        read_csv(path)
    assert caught.value.line == 1
    assert read_csv(path, ignore_unknown=True) == sk.tardiness.Instance([1, 3], [2, 4])
    path.write_text("order,release_time,processing_time\n7,0,2\n")
    with pytest.raises(FORMAT, match="unknown column 'order', expected some of release_time"):
        sk.online.read_csv(path)
    assert sk.online.read_csv(path, ignore_unknown=True) == sk.online.Jobs([0], [2])


def test_orlib_errors_name_the_line(tmp_path: Any) -> None:
    path = tmp_path / "wt2.txt"
    path.write_text("3 2\n1 5\n2 3\n4 4\n-1 1\n2 2\n")
    with pytest.raises(FORMAT, match="instance 2 of the file: weight") as caught:
        sk.tardiness.read_orlib(path, 2)
    assert caught.value.line == 5
    path.write_text("1_0 2 3")
    with pytest.raises(FORMAT, match="expected a whole number, found '1_0'"):
        sk.tardiness.read_orlib(path, 1)
