"""For the API pages: the documentation of compiled methods, of the entries of the core's tables and of policies."""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import griffe


class Compiled(griffe.Extension):
    """Puts the documentation of compiled methods beside their signatures."""

    def on_class(self, *, cls: griffe.Class, **_: Any) -> None:
        """Called for every class that has been read from a source or a stub."""
        if not (cls.path.startswith("schedkit._core.") or any("_core." in str(base) for base in cls.bases)):
            return
        compiled = getattr(importlib.import_module(cls.module.path), cls.name, None)
        for name, member in cls.members.items():
            text = inspect.getdoc(getattr(compiled, name, None))
            if text and not name.startswith("_") and not member.is_alias and member.docstring is None:
                member.docstring = griffe.Docstring(text, parent=member)  # type: ignore[arg-type]

    def on_package(self, *, pkg: griffe.Module, **_: Any) -> None:
        """Called once the package has been read: replaces list schedulers and rules by the functions that exist at run time."""
        if pkg.name != "schedkit":
            return
        for family, module in (("dag", "algorithms"), ("tardiness", "rules")):
            made = griffe.inspect(module, parent=pkg[family])  # type: ignore[arg-type]
            for name, member in made.members.items():
                if not member.is_alias and member.is_function and not name.startswith("_"):
                    pkg[f"{family}.{module}"].set_member(name, member)
        online = importlib.import_module("schedkit.online")  # whose policies register themselves
        pkg["online"].set_member("POLICIES", griffe.Alias("POLICIES", "schedkit.online.policies.POLICIES"))
        for policy in online.POLICIES.values():
            for module in ("online", "online.policies"):
                pkg[module].set_member(policy.__name__, griffe.Alias(policy.__name__, f"{policy.__module__}.{policy.__name__}"))
