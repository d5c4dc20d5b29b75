"""The constraint ramp: feasibility problems that get harder by one necessary precedence at a time.

`generate` makes instances, each with a witness that proves it solvable; `evaluate` judges answers, `judge` a single
one; `play` runs the players that ship with schedkit. After R-ConstraintBench (Jain and Wetter 2025, arXiv 2508.15204).
"""

from .answers import KINDS, RampError, judge
from .files import read_instances, write_instances
from .instances import FLAVOURS, RampInstance, generate
from .players import PLAYERS, play
from .report import RampReport, evaluate

__all__ = [
    "FLAVOURS",
    "KINDS",
    "PLAYERS",
    "RampError",
    "RampInstance",
    "RampReport",
    "evaluate",
    "generate",
    "judge",
    "play",
    "read_instances",
    "write_instances",
]
