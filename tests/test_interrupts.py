"""Ctrl-C in calls that are not anytime: KeyboardInterrupt soon, never a panic and never a complete answer."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="timers that raise signals are for POSIX")

_PROGRAM = """
import signal, sys, time
import numpy as np
import schedkit as sk
{setup}
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs without it
signal.signal(signal.SIGALRM, signal.default_int_handler)
began = time.perf_counter()
signal.setitimer(signal.ITIMER_REAL, {delay})
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", time.perf_counter() - began)
else:
    print("answered", time.perf_counter() - began)
"""

CALLS: dict[str, tuple[str, str]] = {
    "ramp as the first call": ("", "sk.rcpsp.ramp.generate(600, 2000)"),
    "potts_van_wassenhove as the first call": ("", "sk.tardiness.potts_van_wassenhove(100_000_000, 0.2, 0.6)"),
    "evaluate": (
        "n = 8_000_000; p = np.ones(n, int); s = np.random.default_rng(1).permutation(n)",
        "sk.tardiness.evaluate(p, p, s)",
    ),
    "check a sequence": (
        "n = 8_000_000; p = np.ones(n, int); i = sk.tardiness.Instance(p, p); s = np.random.default_rng(1).permutation(n)",
        "sk.check(i, {'sequence': s})",
    ),
    "check a project": (
        "n = 2_000_000; q = np.ones((n, 8), int); p = sk.rcpsp.Project(np.ones(n, int), q, [n] * 8); t = np.arange(n)",
        "sk.check(p, {'start_time': t, 'completion_time': t + 1})",
    ),
    "check a stream": (
        "n = 5_000_000; t = np.arange(n, dtype=float); jobs = sk.online.Jobs(t, np.ones(n)); "
        "s = {'job': np.arange(n), 'server': np.zeros(n, int), 'start': t, 'end': t + 1}",
        "sk.check(jobs, {'segments': s, 'completion_time': t + 1})",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends_the_call(name: str) -> None:
    setup, call = CALLS[name]
    program = _PROGRAM.format(setup=setup, call=call, delay=0.05)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    outcome, seconds = run.stdout.split()
    assert outcome == "interrupted", run.stdout
    assert float(seconds) < 2.0  # within 0.1 s of the signal on an idle machine


@pytest.mark.parametrize("delay", [0.0005, 0.002, 0.01, 0.05, 0.2])
def test_a_signal_at_any_moment_of_the_import_is_keyboard_interrupt(delay: float) -> None:
    program = f"import signal; signal.signal(signal.SIGALRM, signal.default_int_handler); import numpy; \
signal.setitimer(signal.ITIMER_REAL, {delay}); import schedkit._core, time; time.sleep(5)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert "panic" not in run.stderr
    assert "KeyboardInterrupt" in run.stderr
    assert run.returncode in {-signal.SIGINT, 130}


def test_the_command_line_ends_with_130(tmp_path: pathlib.Path) -> None:
    program = """
import signal, sys
signal.signal(signal.SIGALRM, signal.default_int_handler)
from schedkit.cli import main
signal.setitimer(signal.ITIMER_REAL, 1.0)
sys.exit(main(["ramp", "generate", sys.argv[1], "--tasks", "600", "--levels", "20000"]))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 130, run.stderr
    assert "panic" not in run.stderr
