"""What has happened already: ``fixed=`` and ``now=`` of every algorithm here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import _validation
from ..errors import InputTypeError

FixedRow = tuple[int, int, float, float | None]

_FIELDS = ("index", "processor", "start", "end")


def fixed_rows(fixed: Any) -> list[FixedRow]:
    """Rows (task, processor, start, end) of a mapping, or of an object with columns ``index processor start end``."""
    if fixed is None:
        return []
    if isinstance(fixed, Mapping):
        return [_row(key, span) for key, span in fixed.items()]
    if not all(hasattr(fixed, name) for name in _FIELDS):
        reason = f"must map tasks to (processor, start, end), not be a {type(fixed).__name__}"
        raise _validation.refuse("fixed", reason, kind=InputTypeError)
    if fixed.processor is None:
        raise _validation.refuse("fixed", "has no processors, tasks need one")
    index = _validation.int_array(fixed.index, "fixed.index")
    processor = _validation.int_array(fixed.processor, "fixed.processor")
    start = _validation.float_array(fixed.start, "fixed.start")
    end = None if fixed.end is None else _validation.float_array(fixed.end, "fixed.end")
    for name, column in (("processor", processor), ("start", start), ("end", end)):
        if column is not None and column.size != index.size:
            raise _validation.refuse(f"fixed.{name}", f"has length {column.size}, expected {index.size}")
    ends = [None] * index.size if end is None else end.tolist()
    rows = zip(index.tolist(), processor.tolist(), start.tolist(), ends, strict=True)
    return [_row(i, (p, s, e)) for i, p, s, e in rows]


def _row(key: Any, span: Any) -> FixedRow:
    task = _validation.int_scalar(key, "fixed", minimum=0, maximum=2**63 - 1)
    if not isinstance(span, (tuple, list)) or len(span) != 3:
        raise _validation.refuse("fixed", "must be (processor, start, end)", index=(task,), value=span)
    processor = _validation.int_scalar(span[0], f"fixed[{task}].processor", minimum=0, maximum=2**63 - 1)
    start = _validation.float_scalar(span[1], f"fixed[{task}].start")
    end = None if span[2] is None else _validation.float_scalar(span[2], f"fixed[{task}].end")
    return task, processor, start, end


def moment(now: Any) -> float:
    """The present as a float."""
    return _validation.float_scalar(now, "now")
