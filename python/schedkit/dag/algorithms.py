"""The registry: every static algorithm by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from .frontier import dls, duplex, etf, max_min, min_min, sufferage
from .heft import heft
from .lists import cpop, lookahead_heft
from .mappings import fastest, mct, met, olb, random
from .schedule import DagSchedule
from .tables import ippts, peft, ppts

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
