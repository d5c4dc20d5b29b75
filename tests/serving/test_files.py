"""Traces: the two formats, the data that is shared, and files that are none."""

from __future__ import annotations

import dataclasses
import gzip
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from schedkit.serving import plots

from .. import data

HEADER = "arrived_at,num_prefill_tokens,num_decode_tokens\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "trace"
    path.write_text(text, "utf-8")
    return path


def test_columns_in_any_order_and_others_beside_them(tmp_path: Path) -> None:
    text = "id,num_decode_tokens,arrived_at,num_prefill_tokens\nx,3,0.5,10\ny,1,2,20\n"
    trace = sk.serving.read_trace(write(tmp_path, text))
    assert trace == sk.serving.Trace([0.5, 2.0], [10, 20], [3, 1])
    assert trace.prefix is None


def test_lines_of_json(tmp_path: Path) -> None:
    text = '{"timestamp": 250, "input_length": 600, "output_length": 2, "hash_ids": [4, 9]}\n\n'
    path = tmp_path / "trace.jsonl.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert sk.serving.read_trace(path) == sk.serving.Trace([0.25], [600], [2], prefix=[[4, 9]])


def test_the_shared_traces() -> None:
    """Numbers of requests as the data's own page states them."""
    splitwise = sk.serving.read_trace(data.find("serving", "splitwise_conv.csv.gz"))
    mooncake = sk.serving.read_trace(data.find("serving", "mooncake_conversation.jsonl.gz"))
    assert (splitwise.num_requests, mooncake.num_requests) == (19366, 6000)
    assert (np.diff(splitwise.arrival) >= 0).all()
    assert mooncake.prefix is not None
    blocks = [len(row) for row in mooncake.prefix]
    assert blocks == [-(-int(tokens) // 512) for tokens in mooncake.prompt_tokens]  # a block for each 512 tokens begun


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no trace"),
        ("a,b\n1,2\n", "line 1: is no trace: the header lacks arrived_at"),
        (HEADER + "0,1\n", "line 2: expected numbers"),
        (HEADER + "0,1,2\n0,x,2\n", "line 3: expected numbers"),
        (HEADER + "0,1,2\n1,0,2\n", r"line 3: .*num_prefill_tokens = 0: must be >= 1"),
        (HEADER + "0,1_000,2\n", "line 2: expected numbers"),
        ('{"timestamp": ' + "9" * 400 + ', "input_length": 5, "output_length": 5}', "line 1: timestamp is beyond"),
        (HEADER + "nan,1,2\n", "line 2: arrived_at = nan"),
        (HEADER + "0,1.5,2\n", "line 2: num_prefill_tokens = "),
        (HEADER + "0,1e300,2\n", "line 2: num_prefill_tokens = "),
        ('{"timestamp": 1', "line 1: is not JSON: Expecting ',' delimiter at column 16"),
        ('{"hash_ids": ' + "[" * 100_000, "line 1: is not JSON that can be read: brackets are nested too deeply"),
        ('{"timestamp": ' + "1" * 5000 + "}", "line 1: is not JSON that can be read: a number has thousands of digits"),
        ('{"timestamp": 1, "input_length": 5}', "line 1: .*output_length is missing"),
        ('{"timestamp": "x", "input_length": 5, "output_length": 5}', "line 1: timestamp"),
        ('{"timestamp": 1, "input_length": "5", "output_length": 5}', "line 1: input_length"),
        ('{"timestamp": 1, "input_length": 5, "output_length": 5, "hash_ids": 7}', "line 1: hash_ids must be"),
        ('{"timestamp": 1, "input_length": 5, "output_length": 5, "hash_ids": [1.5]}', "line 1: hash_ids must be"),
    ],
)
def test_files_that_are_none(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(sk.FormatError, match=message) as caught:
        sk.serving.read_trace(path)
    assert str(path) in str(caught.value)


def test_traces_compare_and_pickle() -> None:
    trace = sk.serving.Trace([0, 1], [5, 6], [1, 2], prefix=[[1], []], block_tokens=16)
    assert pickle.loads(pickle.dumps(trace)) == trace
    assert hash(trace) == hash(pickle.loads(pickle.dumps(trace)))
    assert trace != sk.serving.Trace([0, 1], [5, 6], [1, 2])
    assert trace.prefix == [[1], []]
    with pytest.raises(AttributeError):
        trace.arrival = np.ones(2)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (([0, 1], [1], [1, 1]), "prompt_tokens: has length 1, expected 2"),
        (([0, 1], [1, 0], [1, 1]), r"prompt_tokens\[1\] = 0"),
        (([0, 1], [1, 1], [1, 2**41]), r"output_tokens\[1\]"),
        (([0, float("inf")], [1, 1], [1, 1]), r"arrival\[1\] = inf"),
    ],
)
def test_bad_columns(columns: tuple[list[float], ...], message: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=message):
        sk.serving.Trace(*columns)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step": (1, 2, 3)}, "step: has length 3"),
        ({"step": (1, 2, 3, -1)}, r"step\[3\] = -1"),
        ({"step": (1, 0, 0, 0), "replicas": 0}, "replicas = 0"),
        ({"step": (1, 0, 0, 0), "capacity": 10}, r"prompt_tokens\[0\] = 10: with its answer it needs 12 tokens"),
        ({"step": (1, 0, 0, 0), "order": "x"}, "order = 'x'.*slack_edf"),
        ({"step": (1, 0, 0, 0), "router": "x"}, "router = 'x'.*round_robin"),
        ({"step": (1, 0, 0, 0), "admission": "x"}, "admission = 'x'.*past_future"),
        ({"step": (1, 0, 0, 0), "chunk": 0}, "chunk = 0"),
        ({"step": (1, 0, 0, 0), "ttft": 0}, "ttft = 0: must be > 0"),
        ({"step": (1, 0, 0, 0), "ttft": -1}, "ttft = -1: must be > 0"),
        ({"step": (1, 0, 0, 0), "tpot": 0}, "tpot = 0: must be > 0"),
        ({"step": (1, 0, 0, 0), "ttft": float("nan")}, "ttft"),
    ],
)
def test_bad_options(options: dict[str, object], message: str) -> None:
    with pytest.raises(sk.InvalidInputError, match=message):
        sk.serving.simulate(sk.serving.Trace([0.0], [10], [2]), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("prefix", [{0: [1], 1: [2]}, {1, 2}, b"ab", [{1, 2}, [1]], [b"a", [1]]])
def test_prefixes_without_order_are_refused(prefix: Any) -> None:
    with pytest.raises(sk.InputTypeError, match="prefix"):
        sk.serving.Trace([0, 1], [5, 5], [1, 1], prefix=prefix)


def test_a_factor_that_leaves_the_floats_is_blamed_itself() -> None:
    with pytest.raises(sk.InvalidInputError, match="factor"):
        sk.serving.Trace([0.0, 3.0], [5, 5], [1, 1]).faster(1e-320)


@pytest.mark.parametrize("results", [None, [1], {"a": 1}, {"a": [1]}, {5: 1}])
def test_charts_refuse_what_are_no_results(results: Any) -> None:
    with pytest.raises(sk.InputTypeError, match="results"):
        plots.distribution(results)
    with pytest.raises(sk.InputTypeError, match="results"):
        plots.goodput(results, [1.0])


def test_charts_refuse_a_column_or_key_that_is_no_name() -> None:
    result = sk.serving.simulate(sk.serving.Trace([0], [1], [1]), step=(1, 0, 0, 0))
    wrong: list[Any] = [{5: result}, []]
    with pytest.raises(sk.InputTypeError, match="results"):
        plots.distribution(wrong[0])
    with pytest.raises(sk.InputTypeError, match="column"):
        plots.distribution({"a": result}, wrong[1])
    with pytest.raises(sk.InputTypeError, match="results: must be a list of ServingResults"):
        plots.goodput({"a": result}, [1.0])  # type: ignore[dict-item]


def test_blocks_larger_than_any_prompt_are_refused() -> None:
    with pytest.raises(sk.InvalidInputError, match="block_tokens"):
        sk.serving.Trace([0], [1], [1], prefix=[[1]], block_tokens=2**63)


@pytest.mark.parametrize("field", ["router", "admission", "order", "victim"])
def test_a_name_that_is_none_is_blamed_by_its_own_argument(field: str) -> None:
    options: dict[str, Any] = {"step": (1, 0, 0, 0), field: None}
    with pytest.raises(sk.InputTypeError, match=f"^{field}"):
        sk.serving.simulate(sk.serving.Trace([0.0], [10], [2]), **options)


@pytest.mark.parametrize(
    ("field", "value"),
    [("hit_rate", 1.3), ("goodput", -5.0), ("goodput", 9.0), ("evictions", -1), ("recomputed_tokens", 3), ("steps", 0)],
)
def test_the_checker_sees_wrong_sums(field: str, value: Any) -> None:
    trace = sk.serving.Trace([0.0, 0.5], [10, 5], [2, 1])
    result = sk.serving.simulate(trace, step=(1, 0, 0, 0))
    assert sk.check(trace, result) == []
    assert sk.check(trace, dataclasses.replace(result, **{field: value}))
