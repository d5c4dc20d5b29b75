"""For the API pages: compiled methods keep their documentation in the binary, their signatures in the stub."""

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
