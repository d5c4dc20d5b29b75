"""The public names of the package, found by introspection: what `__all__` says, and the public methods of public classes."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import schedkit

OPTIONAL = {"schedkit.integrations.dask"}  # what it plugs into is imported where it is installed


@dataclasses.dataclass(frozen=True)
class Name:
    """A public object under the path by which users reach it."""

    path: str
    value: Any
    owner: type | None = None

    @property
    def is_function(self) -> bool:
        return inspect.isroutine(self.value)


def modules() -> list[ModuleType]:
    """The package, the modules that a public `__all__` names, and modules without underscore that have an `__all__`."""
    found: dict[str, ModuleType] = {"schedkit": schedkit}
    for info in pkgutil.walk_packages(schedkit.__path__, "schedkit."):
        parts = info.name.split(".")
        if any(part.startswith("_") for part in parts) or "cli" in parts:
            continue
        module = importlib.import_module(info.name)
        parent = importlib.import_module(info.name.rpartition(".")[0])
        named = parts[-1] in getattr(parent, "__all__", ()) and inspect.ismodule(getattr(parent, parts[-1]))
        if named or hasattr(module, "__all__"):
            found[info.name] = module
    return list(found.values())


def exported(module: ModuleType) -> list[str]:
    """What a module offers: its `__all__`, else all that it defines itself."""
    if hasattr(module, "__all__"):
        return [name for name in module.__all__ if not name.startswith("_")]
    return [k for k, v in vars(module).items() if not k.startswith("_") and getattr(v, "__module__", None) == module.__name__]


def names() -> list[Name]:
    """Every public function, class, constant and method; an object that several modules offer once, under its shortest path."""
    found: dict[int, Name] = {}
    constants: list[Name] = []
    for module in sorted(modules(), key=lambda module: (module.__name__.count("."), module.__name__)):
        for name in exported(module):
            value = getattr(module, name)
            if inspect.ismodule(value):
                continue
            entry = Name(f"{module.__name__}.{name}", value)
            if inspect.isroutine(value) or inspect.isclass(value):
                found.setdefault(id(value), entry)
            else:
                constants.append(entry)
    everything = [*found.values(), *constants]
    return everything + [method for entry in everything if inspect.isclass(entry.value) for method in methods(entry)]


def methods(entry: Name) -> Iterator[Name]:
    """Public methods and properties of a class, those of its bases in this package included; fields are no methods."""
    cls = entry.value
    fields = {field.name for field in dataclasses.fields(cls)} if dataclasses.is_dataclass(cls) else set()
    seen: set[str] = set()
    for base in cls.__mro__:
        if not base.__module__.startswith("schedkit"):
            continue
        for name, raw in vars(base).items():
            if name.startswith("_") or name in seen or name in fields or _is_data(raw):
                continue
            seen.add(name)
            yield Name(f"{entry.path}.{name}", inspect.unwrap(getattr(raw, "__func__", raw)), cls)


def _is_data(raw: Any) -> bool:
    kinds = (property, classmethod, staticmethod, types.GetSetDescriptorType)
    return not (inspect.isroutine(raw) or isinstance(raw, kinds))


def parameters(value: Any) -> list[str]:
    """The parameters that a caller gives, without `self` and `cls`."""
    try:
        found = inspect.signature(value).parameters
    except (TypeError, ValueError):
        return []
    return [name for name in found if name not in {"self", "cls"} and not name.startswith("_")]


def documented(doc: str) -> set[str]:
    """The names that the sections Parameters and Attributes of a numpydoc docstring explain."""
    found: set[str] = set()
    for section in re.findall(
        r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", inspect.cleandoc(doc), re.S | re.M
    ):
        for line in section.splitlines():
            if line and not line[0].isspace():
                found |= {name.strip().lstrip("*") for name in line.split(" : ")[0].split(",")}
    return found
