"""Charts show the numbers they are given."""

from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")

import schedkit as sk
from schedkit.online import plots, workloads


def test_the_tail_is_the_tail() -> None:
    f = sk.online.simulate(sk.online.Jobs([0, 0, 0, 0], [1, 1, 1, 1]))
    x, y = plots.flow_distribution(f).lines[0].get_data()
    assert np.asarray(x).tolist() == [4, 3, 2, 1]
    assert np.asarray(y).tolist() == [0.25, 0.5, 0.75, 1.0]
    plots.flow_distribution(sk.online.simulate(sk.online.Jobs([], [])))


def test_a_bar_for_each_segment() -> None:
    f = sk.online.simulate(sk.online.Jobs([0, 1], [3, 1], names=["a", "b"]), "las", segments=True)
    assert f.segments is not None
    assert len(f.plot().patches) == len(f.segments)
    with pytest.raises(sk.InvalidInputError, match="segments"):
        plots.timeline(sk.online.simulate(f.jobs))


def test_ratios_are_those_of_the_results() -> None:
    axes = plots.ratio_to_operations(lambda m: workloads.stress_b(m, stream=200), [4, 8], ["op_srpt"])
    expected = [sk.online.simulate(workloads.stress_b(m, stream=200), "op_srpt").ratio for m in (4, 8)]
    assert np.asarray(axes.lines[0].get_ydata()).tolist() == expected


def test_frames_and_traces(tmp_path: Path) -> None:
    f = sk.online.simulate(sk.online.Jobs([0, 1], [3, 1], names=["a", "b"]), segments=True)
    frame = f.to_pandas()
    assert frame["name"].tolist() == ["a", "b"]
    assert frame["flow_time"].tolist() == [4, 1]
    f.to_chrome_trace(tmp_path / "trace.json")
    events = json.loads((tmp_path / "trace.json").read_text())["traceEvents"]
    assert [(e["name"], e["ts"], e["dur"]) for e in events] == [("a", 0, 1), ("b", 1, 1), ("a", 2, 2)]
    assert json.dumps(f.to_dict())
