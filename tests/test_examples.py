"""The examples run, and show what they say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_model_server(capsys: pytest.CaptureFixture[str]) -> None:
    table = load("model_server").main()
    fcfs, srpt, ageing, fairer = (table[name] for name in ("fcfs", "srpt", "ageing, rate 1", "ageing, rate 4"))
    assert ageing[0] < 0.7 * fcfs[0]  # most requests are quicker by far,
    assert ageing[2] < 0.7 * srpt[2]  # and the longest wait less than under plain SRPT
    assert fairer[2] < 1.5 * fcfs[2]
    assert fairer[0] < fcfs[0]
    page = EXAMPLES.parent / "docs" / "reference" / "online" / "queue.md"
    assert capsys.readouterr().out in page.read_text(encoding="utf-8")


def test_revealing_pool() -> None:
    fcfs, op_srpt = load("revealing_pool").main()
    assert fcfs > 0
    assert op_srpt > 0
