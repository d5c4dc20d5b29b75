"""How calls end when memory runs out: in processes of their own, under a limit of their address space that falls step by step.

``outcomes(setup, call)`` runs the statements `setup` without a limit, then `call` with so many MB beyond what the process has by
then. Each outcome is "answer", "MemoryError", or how the call ended instead: the name of another exception, or the text of a death.
"""

from __future__ import annotations

import subprocess
import sys

_PROGRAM = """
import gc, resource, sys
import numpy as np
import schedkit as sk
{setup}
gc.collect()
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + int(sys.argv[1]) * 10**6
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    answer = {call}
    outcome = "answer"
except MemoryError:
    outcome = "MemoryError"
except BaseException as error:
    outcome = f"{{type(error).__name__}}: {{error}}"
print(outcome)
"""


def outcome(setup: str, call: str, megabytes: int) -> str:
    """How one call ends with that much memory to take."""
    program = _PROGRAM.format(setup=setup, call=call)
    run = subprocess.run([sys.executable, "-c", program, str(megabytes)], capture_output=True, text=True, timeout=120, check=False)
    if run.returncode == 0:
        return run.stdout.strip()
    return f"died with {run.returncode}: {run.stderr.strip()[-200:]}"


def outcomes(setup: str, call: str, megabytes: list[int]) -> list[str]:
    """How one call ends with each of these amounts of memory to take."""
    return [outcome(setup, call, amount) for amount in megabytes]
