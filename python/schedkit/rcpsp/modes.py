"""The modes in which the activities of a project run, and which of them run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import _core, _validation
from .problem import Project, core_of


def in_modes(project: Project, mode: ArrayLike | None) -> tuple[_core.Project, NDArray[np.int64] | None]:
    """The core's project in given modes, or in the fastest ones that the stocks allow, and their rows; None without choices."""
    core = core_of(project)
    if project.activity is None and not project.has_options:
        if mode is not None:
            raise _validation.refuse("mode", "cannot be given, because the project has no modes")
        return core, None
    rows = core.first_modes() if mode is None else _validation.readonly(_validation.int_array(mode, "mode"))
    return core.in_modes(rows), rows
