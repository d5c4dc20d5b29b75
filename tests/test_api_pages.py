"""The API pages and the docstrings hold every public name and every parameter; public names are found by introspection."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests import public

ROOT = Path(__file__).resolve().parents[1]

#: Users get these from the library; what their constructors take is the library's own affair.
MADE_BY_THE_LIBRARY = {"JobView", "SizedJob", "EstimatedJob", "OperationJob"}
#: Dask calls these methods; Dask's documentation of `SchedulerPlugin` explains their parameters.
CALLED_BY_DASK = "schedkit.integrations.dask.Planner."


def resolved(path: str) -> Any:
    """The object behind a dotted path, which may be that of a module."""
    try:
        return importlib.import_module(path)
    except ModuleNotFoundError:
        owner, _, name = path.rpartition(".")
        return getattr(resolved(owner), name)


def directives() -> dict[str, str]:
    """What the pages show: dotted path to page."""
    found: dict[str, str] = {}
    for page in sorted((ROOT / "docs" / "reference").rglob("*.md")):
        for path in re.findall(r"^::: (\S+)$", page.read_text("utf-8"), re.MULTILINE):
            assert path not in found, f"{path} stands on {found[path]} and on {page.relative_to(ROOT)}"
            found[path] = str(page.relative_to(ROOT))
    return found


def test_every_public_name_stands_on_an_api_page_and_nothing_else_does() -> None:
    shown = [(path, resolved(path)) for path in directives()]
    paths, objects = {path for path, _ in shown}, {id(value) for _, value in shown}
    expected = [name for name in public.names() if name.owner is None]
    assert [name.path for name in expected if name.path not in paths and id(name.value) not in objects] == []
    known = {id(name.value) for name in expected} | {id(module) for module in public.modules()}
    assert [path for path, value in shown if id(value) not in known] == []


def test_names_that_a_list_by_hand_once_missed_are_found() -> None:
    found = {name.path for name in public.names()}
    assert {
        "schedkit.dag.heft",
        "schedkit.online.replay",
        "schedkit.evaluate",
        "schedkit.TimeAxis",
        "schedkit.solve_many",
        "schedkit.solve_portfolio",
        "schedkit.CancelToken.cancel",
        "schedkit.example_path",
        "schedkit.online.adapters.AsyncQueue.put",
        "schedkit.online.plots.timeline",
        "schedkit.rcpsp.ramp.generate",
        "schedkit.integrations.priorities.write_plan",
        "schedkit.online.PolicyQueue.reprioritise",
        "schedkit.online.PolicyQueue.pop_many",
    } <= found
    assert len(found) > 400


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name == "id" and value}


def test_the_site_shows_every_name_and_method() -> None:
    """Where it has been built (`make docs`)."""
    pages = sorted((ROOT / "site" / "reference").rglob("*.html"))
    if not pages:
        pytest.skip("the site is not built; `make docs` builds it")
    anchors = _Anchors()
    for page in pages:
        anchors.feed(page.read_text("utf-8"))
    assert [name.path for name in public.names() if not anchors.found & _paths(name)] == []


def _paths(name: public.Name) -> set[str]:
    """All dotted paths under which a name may be shown: where it is offered, defined or inherited from."""
    last = name.path.rpartition(".")[2]
    if name.owner is not None:
        return {name.path, *(f"{cls.__module__}.{cls.__qualname__}.{last}" for cls in name.owner.__mro__)}
    return {name.path, f"{getattr(name.value, '__module__', '')}.{last}"}


FUNCTIONS = {name.path: name for name in public.names() if name.is_function and not name.path.startswith(CALLED_BY_DASK)}
CLASSES = {name.path: name for name in public.names() if inspect.isclass(name.value)}


@pytest.mark.parametrize("path", FUNCTIONS)
def test_every_function_explains_every_parameter(path: str) -> None:
    name = FUNCTIONS[path]
    docs = [inspect.getdoc(name.value) or ""]
    if name.owner is not None:  # a method that overrides one of this package may leave the parameters to it
        last = path.rpartition(".")[2]
        docs += [inspect.getdoc(getattr(cls, last)) or "" for cls in name.owner.__mro__ if _is_ours(cls) and hasattr(cls, last)]
    assert docs[0].strip(), "no docstring"
    explained = set().union(*map(public.documented, docs))
    assert [parameter for parameter in public.parameters(name.value) if parameter not in explained] == []


@pytest.mark.parametrize("path", CLASSES)
def test_every_class_explains_its_parameters_and_fields(path: str) -> None:
    cls = CLASSES[path].value
    assert (cls.__doc__ or "").strip(), "no docstring"
    explained = set().union(*(public.documented(base.__doc__ or "") for base in cls.__mro__ if _is_ours(base)))
    wanted = [] if issubclass(cls, BaseException) or cls.__name__ in MADE_BY_THE_LIBRARY else public.parameters(cls)
    if dataclasses.is_dataclass(cls):
        wanted += [field.name for field in dataclasses.fields(cls) if not field.name.startswith("_")]
    assert [name for name in wanted if name not in explained] == []


@pytest.mark.parametrize("path", [name.path for name in public.names() if isinstance(name.value, property)])
def test_every_property_has_a_docstring(path: str) -> None:
    assert (resolved(path).__doc__ or "").strip()


def _is_ours(cls: type) -> bool:
    return cls.__module__.startswith("schedkit")


def test_sections_are_read() -> None:
    doc = "One.\n\nParameters\n----------\na, b : int\n    Text : more.\n**options\n    All.\n\nReturns\n-------\nc : int\n"
    assert public.documented(doc) == {"a", "b", "options"}
    assert public.documented("Attributes\n----------\nx : int\n") == {"x"}
    assert public.documented("No sections: a") == set()
