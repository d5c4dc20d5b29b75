"""The registry: every static algorithm by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .heft import heft
from .lists import cpop, dls, etf, ippts, lookahead_heft, min_min, peft, ppts
from .mappings import duplex, fastest, max_min, mct, met, olb, random, sufferage
from .schedule import DagSchedule

ALGORITHMS: Mapping[str, Callable[..., DagSchedule]] = MappingProxyType(
    {
        f.__name__: f
        for f in (
            heft,
            cpop,
            peft,
            ppts,
            ippts,
            lookahead_heft,
            etf,
            dls,
            mct,
            met,
            olb,
            min_min,
            max_min,
            duplex,
            sufferage,
            random,
            fastest,
        )
    }
)
"""Every static algorithm by name."""
