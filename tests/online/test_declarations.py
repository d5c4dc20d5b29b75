"""Each policy is declared once, in the core; classes, docstrings and documentation say what the declaration says."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
import schedkit as sk
from schedkit.online.policies import BuiltIn
from schedkit.online.policies.base import DECLARATIONS

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "online"
TABLES = {
    "sizes": ("size",),
    "blind": ("nothing", "distribution", "late"),
    "estimates": ("estimate", "prediction"),
    "operations": ("operation",),
}


def rows(page: str, header: str) -> list[tuple[list[str], list[str]]]:
    """The names in the first cell and the other cells of each row of the table below this header."""
    lines = iter((PAGES / f"{page}.md").read_text(encoding="utf-8").splitlines())
    assert header in lines
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        first, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        names = re.findall(r"\w+", " ".join(re.findall(r"`([^`]*)`", first)))
        found.append((names, cells))
    return found[1:]


@pytest.mark.parametrize("page", TABLES)
def test_tables_of_policies_are_complete_and_state_the_declared_costs(page: str) -> None:
    table = rows(page, "| policy | rule | ties | guarantee | cost an event |")
    assert {names[0] for names, _ in table} == {n for n, d in DECLARATIONS.items() if d["information"] in TABLES[page]}
    for (name, *aliases), cells in table:
        assert aliases == DECLARATIONS[name]["aliases"]
        assert cells[-1] == DECLARATIONS[name]["event"], name


def test_the_table_of_queue_costs_is_complete_and_states_the_declared_costs() -> None:
    table = rows("queue", "| policies | operation | `pop_many(k)` |")
    assert sorted(name for names, _ in table for name in names) == sorted(DECLARATIONS)
    for names, cells in table:
        for name in names:
            assert cells == [DECLARATIONS[name]["operation"], DECLARATIONS[name]["pop_many"]], name


@pytest.mark.parametrize("name", DECLARATIONS)
def test_classes_have_the_declared_fields_and_describe_them(name: str) -> None:
    policy = sk.online.POLICIES[name]
    assert getattr(sk.online, policy.__name__) is policy
    assert policy.__name__ in sk.online.__all__
    assert (policy.name, policy.information) == (name, DECLARATIONS[name]["information"])
    text = " ".join((inspect.getdoc(policy) or "").split())
    assert f'(``"{name}"``)' in text
    fields = dataclasses.fields(policy)
    for field, parameter in zip(fields, DECLARATIONS[name]["parameters"], strict=True):
        assert (field.name, field.default) == (parameter["name"], parameter["default"])
        assert parameter["doc"] in text


def test_a_class_that_differs_from_its_declaration_is_refused() -> None:
    with pytest.raises(TypeError, match="the core declares"):

        class Turns(BuiltIn, name="rr"):
            quantum: float = 2.0

    assert sk.online.RR().quantum == 1.0
