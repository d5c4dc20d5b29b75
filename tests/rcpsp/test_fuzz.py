"""Hostile numbers everywhere: a clear error or a project that can be scheduled, never anything else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import schedkit as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rcpsp.texts import TEXTS

NUMBERS = st.one_of(
    st.integers(-3, 9),
    st.sampled_from([2**31, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 2**64, 10**30, -(2**63)]),
)
WORDS = st.one_of(
    NUMBERS.map(str),
    st.sampled_from(
        ["", " ", "\n", "x", "1.5", "1e9", "+1", "--1", "\u0661", "null", '"1"', "[]", "{}", "0x10", "1_000", "NaN"]
    ),
    st.text(max_size=3),
)


def schedule_and_check(project: sk.rcpsp.Project) -> None:
    for scheme in (sk.rcpsp.serial_sgs, sk.rcpsp.parallel_sgs):
        schedule = scheme(project)
        assert sk.check(project, schedule) == []
        better = sk.rcpsp.justify(project, schedule)
        assert sk.check(project, better) == []
        assert sk.rcpsp.lower_bound(project) <= better.makespan <= schedule.makespan <= 2**53


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.mark.parametrize("suffix", TEXTS)
@given(data=st.data())
@settings(max_examples=300)
def test_files_with_hostile_words(suffix: str, data: st.DataObject, folder: Path) -> None:
    """Up to three numbers or names of a sound file become something else."""
    pieces = re.split(r"(\w+)", TEXTS[suffix])
    for place in data.draw(st.lists(st.sampled_from(range(1, len(pieces), 2)), min_size=1, max_size=3)):
        pieces[place] = data.draw(WORDS)
    path = folder / f"fuzz.{suffix}"
    path.write_text("".join(pieces), encoding="utf-8", errors="surrogatepass")
    try:
        project = sk.rcpsp.read(path, format=suffix)
    except sk.InvalidInputError as error:
        assert str(path) in str(error)  # noqa: PT017
        return
    schedule_and_check(project)


@given(content=st.binary(max_size=200), suffix=st.sampled_from([*TEXTS, None]))
def test_files_of_random_bytes(content: bytes, suffix: str | None, folder: Path) -> None:
    path = folder / "bytes"
    path.write_bytes(content)
    try:
        project = sk.rcpsp.read(path, format=suffix)
    except sk.InvalidInputError:
        return
    schedule_and_check(project)


@st.composite
def columns(draw: Any) -> dict[str, Any]:
    n, width = draw(st.integers(0, 5)), draw(st.integers(0, 2))
    numbers = st.integers(0, 9) | NUMBERS
    return {
        "duration": draw(st.lists(numbers, min_size=n, max_size=n)),
        "demand": draw(st.lists(st.lists(numbers, min_size=width, max_size=width), min_size=n, max_size=n)),
        "capacity": draw(st.lists(st.integers(9, 2**53) | NUMBERS, min_size=width, max_size=width)),
        "precedence": draw(st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), max_size=5)),
    }


@given(columns())
@settings(max_examples=500)
def test_projects_of_hostile_numbers(arguments: dict[str, Any]) -> None:
    try:
        project = sk.rcpsp.Project(**arguments)
    except sk.InvalidInputError:
        return
    schedule_and_check(project)


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=4, max_size=4), st.integers(-(2**63), 2**63 - 1))
def test_priorities_of_any_size(priority: list[int], other: int) -> None:
    project = sk.rcpsp.Project([2, 3, 0, 1], [[1], [1], [1], [1]], [1], precedence=[(0, 3)])
    rows = np.array([priority, [other] * 4], dtype=np.int64)
    batch = sk.rcpsp.serial_sgs_many(project, rows, starts=True)
    for row, makespan in zip(rows, batch.makespan.tolist(), strict=True):
        order = np.empty(4, dtype=np.int64)
        order[np.argsort(row, kind="stable")] = np.arange(4)
        schedule = sk.rcpsp.serial_sgs(project, row)
        assert schedule == sk.rcpsp.serial_sgs(project, order)
        assert sk.check(project, schedule) == []
        assert schedule.makespan == makespan


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=4, max_size=4))
def test_priorities_of_any_float(priority: list[float]) -> None:
    """The least subnormal, the largest float and both zeros are in order; the zeros are equal."""
    project = sk.rcpsp.Project([2, 3, 0, 1], [[1], [1], [1], [1]], [1], precedence=[(0, 3)])
    values = np.array(priority)
    order = np.empty(4, dtype=np.int64)
    order[np.argsort(values, kind="stable")] = np.arange(4)
    assert sk.rcpsp.serial_sgs(project, values) == sk.rcpsp.serial_sgs(project, order)
    assert sk.rcpsp.parallel_sgs(project, values) == sk.rcpsp.parallel_sgs(project, order)
