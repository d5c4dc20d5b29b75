"""How calls end when memory runs out: in processes of their own, with less and less address space.

``outcomes(setup, call, megabytes)`` runs the statements `setup` without a limit, then `call` once for each amount of memory
that it may take beyond what the process has by then. Each outcome is "answer", "MemoryError", or how the call ended instead:
the name of another exception, or the signal that killed the process. What answers three times in a row is tried once more, with
the last amount.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

_PROGRAM = """
import gc, os, resource, sys
import numpy as np
import schedkit as sk
# Nothing is imported under the limit.
import schedkit.dag, schedkit.online, schedkit.packing, schedkit.rcpsp, schedkit.serving, schedkit.shop, schedkit.tardiness
{setup}
gc.collect()

def run(megabytes):
    pages = int(open("/proc/self/statm").read().split()[0])
    limit = pages * resource.getpagesize() + megabytes * 10**6
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    try:
        answer = {call}
    except MemoryError:
        return b"MemoryError"
    except BaseException as error:
        return type(error).__name__.encode()
    return b"answer"

amounts = list(map(int, sys.argv[1:]))
answers = 0
for megabytes in amounts:
    if answers >= 3 and megabytes != amounts[-1]:
        continue
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, run(megabytes))
        os._exit(0)
    os.close(writer)
    outcome = os.read(reader, 100).decode()
    os.close(reader)
    status = os.waitpid(child, 0)[1]
    answers = answers + 1 if outcome == "answer" else 0
    print(outcome or f"killed by signal {{status & 127}}", flush=True)
"""


def outcomes(setup: str, call: str, megabytes: Iterable[int]) -> list[str]:
    """How a call ends with each of these amounts of memory to take."""
    program = _PROGRAM.format(setup=setup, call=call)
    command = [sys.executable, "-c", program, *map(str, megabytes)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout.split("\n")[:-1]
