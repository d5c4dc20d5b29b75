"""Imports point downwards: from the layer table below, no circles, no family imports another.

All modules are parsed, so imports inside functions and under ``TYPE_CHECKING`` count like any other.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from schedkit import _dispatch

PACKAGE = Path(_dispatch.__file__).parent

#: From bottom to top. A module may import those of its own layer and of layers below; a folder stands for all its modules.
LAYERS = {
    "base": "_core _version _dispatch _problem _text errors _drawing _extras _refusals _number_arrays _validation _files _json "
    "_examples",
    "shared": "_anytime _cp_sat _trace _working_hours calendar checking fixed schedule time_axis",
    "families": "dag online packing rcpsp serving shop tardiness",
    "plans": "plan",
    "tools": "_calls _stopping many bench evaluation integrations",
    "package": "schedkit",
    "programs": "cli __main__",
}
FAMILIES = LAYERS["families"].split()


def modules() -> dict[str, Path]:
    """The source of every module by its dotted name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports(source: str, package: str) -> Iterator[str]:
    """The modules of this package that a source of `package` imports, anywhere in the file."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "schedkit")
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = ".".join(
                [*parents[: len(parents) - node.level + 1], *filter(None, [node.module])] if node.level else [node.module or ""]
            )
            if base.partition(".")[0] == "schedkit":
                for alias in node.names:  # a name of a package may be a module of its own
                    name = f"{base}.{alias.name}"
                    yield name if name in MODULES or name == "schedkit._core" else base


def graph() -> dict[str, set[str]]:
    """Imported modules by importing module."""
    found = {}
    for name, path in MODULES.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found[name] = set(imports(path.read_text("utf-8"), package)) - {name}
    return found


GRAPH = graph()


def layer(module: str) -> int:
    """The height of a module's layer."""
    room = module.split(".")[1] if "." in module else module
    (height,) = (height for height, rooms in enumerate(LAYERS.values()) if room in rooms.split())
    return height


def test_imports_are_found_wherever_they_stand() -> None:
    source = """
from .. import _validation, _core
from ..errors import InputTypeError
import schedkit.dag
import numpy
if TYPE_CHECKING:
    from .problem import Project
def late():
    from ..online import problem
"""
    expected = {"_validation", "_core", "errors", "dag", "rcpsp.problem", "online.problem"}
    assert set(imports(source, "schedkit.rcpsp")) == {f"schedkit.{name}" for name in expected}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graphlib.TopologicalSorter(GRAPH).prepare()  # CycleError names the circle


def test_every_import_stays_in_its_layer_or_goes_down() -> None:
    assert [(a, b) for a, imported in GRAPH.items() for b in imported if layer(b) > layer(a)] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_no_family_imports_another(family: str) -> None:
    rooms = {
        b.split(".")[1] for a, imported in GRAPH.items() if a.startswith(f"schedkit.{family}") for b in imported if "." in b
    }
    assert rooms & set(FAMILIES) <= {family}


def test_no_problem_imports_its_checker_or_its_charts() -> None:
    targets = {target.partition(":")[0] for table in TABLES for target in table.values()}
    importers = {a for a, imported in GRAPH.items() if imported & targets and a.split(".")[1] in FAMILIES}
    assert importers <= targets


TABLES = (_dispatch.CHECK, _dispatch.CHECK_RESULT, _dispatch.PLOT, _dispatch.TRACE, _dispatch.PAGE, _dispatch.WRITE)


@pytest.mark.parametrize("name", sorted({name for table in TABLES for name in table}))
def test_every_class_of_the_dispatch_tables_is_where_the_table_says(name: str) -> None:
    cls = _dispatch.load(":".join(name.rsplit(".", 1)))
    assert isinstance(cls, type)
    assert f"{cls.__module__}.{cls.__qualname__}" == name  # where instances of it are looked up


@pytest.mark.parametrize("target", sorted({target for table in TABLES for target in table.values()}))
def test_every_function_of_the_dispatch_tables_exists(target: str) -> None:
    assert callable(_dispatch.load(target))
