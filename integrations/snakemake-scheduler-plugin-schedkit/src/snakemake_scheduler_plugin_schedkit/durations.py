"""The expected durations of jobs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakemake_interface_common.exceptions import WorkflowError


@dataclass(frozen=True)
class Durations:
    """Seconds by rule from a file, else the rule's runtime resource (minutes), else a default."""

    by_rule: dict[str, float]
    default: float

    @classmethod
    def read(cls, path: Path | None, default: float) -> Durations:
        """Reads the file, if there is one."""
        if path is None:
            return cls({}, default)
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise WorkflowError(f"cannot read durations from {path}: {error}") from error
        if not isinstance(content, dict):
            raise WorkflowError(f"{path}: expected an object of seconds by rule")
        for rule, seconds in content.items():
            if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds < float("inf"):
                raise WorkflowError(f"{path}: {rule} = {seconds!r}: must be a finite number of seconds, 0 or more")
        return cls({rule: float(seconds) for rule, seconds in content.items()}, default)

    def of(self, job: Any) -> float:
        """Seconds of one job. Functions are not evaluated, because their input may not exist yet."""
        rule = getattr(job, "rule", None)
        name = getattr(rule, "name", None)
        if name in self.by_rule:
            return self.by_rule[name]
        resources = getattr(rule, "resources", None)
        try:
            stated = resources["runtime"] if resources is not None else None
        except (KeyError, TypeError, AttributeError):
            stated = None
        minutes = getattr(stated, "raw", stated)  # a function has no raw value
        return 60.0 * minutes if isinstance(minutes, int) and not isinstance(minutes, bool) and minutes >= 0 else self.default
