"""Ctrl-C in calls that are not anytime: KeyboardInterrupt soon, never a panic and never a complete answer."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="timers that raise signals are for POSIX")

_LEAVE = "import os; os._exit(0)"
"""The last line of a program: leave at once. Python remembers a KeyboardInterrupt that passed through ``exec`` of a text
(dataclasses are made that way, here on the first import of a family) even when it was caught, and would end the process as
if by the signal."""

_PROGRAM = (
    """
import signal, sys, time
import numpy as np
import schedkit as sk
{setup}
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells start background jobs without it
signal.signal(signal.SIGPROF, signal.default_int_handler)
delay = 0.05
while True:
    began = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, delay)  # counts processor time, so other programs make no difference
        {call}
        signal.setitimer(signal.ITIMER_PROF, 0)
    except KeyboardInterrupt:
        outcome = "interrupted"
    else:
        outcome = "answered"
    seconds = time.process_time() - began
    if outcome == "interrupted" or seconds > 2 * delay or delay < 1e-4:
        break
    delay /= 4  # a machine so fast that the call ended before the signal came
print(outcome, seconds - delay, flush=True)
"""
    + _LEAVE
)

_EDGES = "n = 500_000; i = np.arange(1, n); e = np.stack([(i * np.random.default_rng(1).random(n - 1)).astype(int), i], 1)"
_PROJECT = (
    f"{_EDGES}; q = np.random.default_rng(1).integers(0, 5, (n, 4)); "
    "p = sk.rcpsp.Project(q[:, 0] + 1, q, [9] * 4, precedence=e)"
)
_SMALL = _PROJECT.replace("500_000", "40_000")
"""A whole pass takes seconds here; with half a million activities it takes minutes."""
_JOBS = (
    "r = np.random.default_rng(1); n = 3_000_000; jobs = sk.online.Jobs(np.cumsum(r.exponential(1, n)), r.exponential(0.8, n))"
)
_SHOP = (
    "r = np.random.default_rng(1); n = 1_000_000; job = np.arange(n) // 100; "
    "columns = (job, r.integers(0, 50, n), r.integers(1, 99, n), np.arange(n) % 100)"
)
_TRACE = (
    "r = np.random.default_rng(1); n = 400_000; "
    "t = sk.serving.Trace(np.cumsum(r.exponential(0.05, n)), r.integers(1, 2000, n), r.integers(1, 400, n))"
)
_DRAWN = "r = np.random.default_rng(1); n = 400; q = r.integers(0, 8, (n, 4)); t = r.integers(1, 30, n); i = np.arange(8, n); "
_OPTIONS = f"{_DRAWN}p = sk.rcpsp.Project(t, q, [10] * 4, alternatives=np.arange(n).reshape(-1, 2).tolist())"
_LAGS = f"{_DRAWN}p = sk.rcpsp.Project(t, q, [10] * 4, precedence=np.stack([i - 8, i], 1), max_lag=[400] * (n - 8))"
_LISTS = ("heft", "cpop", "peft", "ppts", "ippts", "etf", "dls", "min_min", "max_min", "duplex", "sufferage")

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
    "check a large sequence": (
        "n = 20_000_000; p = np.ones(n, int); i = sk.tardiness.Instance(p, p); s = np.arange(n)",
        "sk.check(i, {'sequence': s})",
    ),
    "task graph": (f"{_EDGES.replace('500_000', '2_000_000')}; c = np.ones((n, 8))", "sk.dag.TaskGraph(c, e)"),
    "project": (_EDGES, "sk.rcpsp.Project(np.ones(n, int), np.ones((n, 4), int), [n] * 4, precedence=e)"),
    "execute_many": (
        f"{_EDGES}; g = sk.dag.TaskGraph(np.ones((n, 2)), e); s = sk.dag.heft(g)",
        "sk.dag.execute_many(s, factor=np.ones((8, n)))",
    ),
    "downward_rank": (f"{_EDGES}; g = sk.dag.TaskGraph(np.ones((n, 2)), e)", "sk.dag.downward_rank(g)"),
    "read_swf": (
        "import os, tempfile; f = os.path.join(tempfile.mkdtemp(), 'a.swf'); "
        "open(f, 'w').write('1 0 -1 5 1 -1 -1 1 9\\n' * 2_000_000)",
        "sk.online.read_swf(f)",
    ),
    "serial_sgs": (_PROJECT, "sk.rcpsp.serial_sgs(p)"),
    "parallel_sgs": (_PROJECT, "sk.rcpsp.parallel_sgs(p)"),
    "serial_sgs_many": (_PROJECT, "sk.rcpsp.serial_sgs_many(p, np.random.default_rng(1).integers(0, 99, (20, n)))"),
    "justify": (f"{_SMALL}; s = sk.rcpsp.serial_sgs(p)", "sk.rcpsp.justify(p, s)"),
    "solve with alternatives": (_OPTIONS, "sk.rcpsp.solve(p, time_limit=60)"),
    "solve with alternatives on two threads": (_OPTIONS, "sk.rcpsp.solve(p, time_limit=60, threads=2)"),
    "solve with maximal lags on two threads": (_LAGS, "sk.rcpsp.solve(p, time_limit=60, threads=2)"),
    "shop": (_SHOP, "sk.shop.Shop.from_arrays(*columns)"),
    "dispatch a shop": (f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)", "sk.shop.dispatch(s, 'atc')"),
    "solve a shop": (f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)", "sk.shop.solve(s, time_limit=60)"),
    "simulate a shop": (
        f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)",
        "sk.shop.simulate(s, 'atc', breakdowns=[(0, 9, 99)])",
    ),
    "simulate a blocking shop": (
        f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns, blocking='no_swap')",
        "sk.shop.simulate(s, 'atc')",
    ),
    "roll a shop": (f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)", "sk.shop.roll(s, time_limit=60)"),
    "memory offsets": (
        "b = sk.packing.model(200_000, depth=2000, seed=1)",
        "sk.packing.offsets(b.start, b.end, b.size, time_limit=60)",
    ),
    "place": (
        "r = np.random.default_rng(1); d = r.integers(1, 9, (100_000, 2)); c = r.integers(1, 99, (10_000, 2))",
        "sk.packing.place(d, c, time_limit=60)",
    ),
    "repack": (
        "d = np.random.default_rng(1).integers(1, 9, (20_000, 1)); c = np.full((1000, 1), 203); n = np.arange(20_000) % 1000",
        "sk.packing.repack(d, c, n, max_moves=5000, time_limit=60)",
    ),
    "pack bins": ("s = np.random.default_rng(1).integers(1, 99, 20_000_000)", "sk.packing.bins(s, 100)"),
    "pack bins of floats": ("s = np.random.default_rng(1).random(10_000_000)", "sk.packing.bins(s, 1.0)"),
    "partition": ("s = np.random.default_rng(1).integers(1, 10**9, 20_000_000)", "sk.packing.partition(s, 64)"),
    "multifit": (
        "s = np.random.default_rng(1).integers(1, 10**9, 10_000_000)",
        "sk.packing.partition(s, 64, method='multifit')",
    ),
    "replicate": ("s = np.random.default_rng(1).random((20_000, 256))", "sk.packing.replicate(s, 320, 1, 1, 64, 'balanced')"),
    **{
        f"simulate a model server, {policy}": (
            _TRACE,
            f"sk.serving.simulate(t, step=(0.02, 0, 0, 0), capacity=60_000, admission={policy!r}, max_new_tokens=400)",
        )
        for policy in ("past_future", "future", "aggressive")
    },
    "a batch of all requests": (
        _TRACE.replace("np.cumsum(r.exponential(0.05, n))", "np.zeros(n)"),
        "sk.serving.simulate(t, step=(0.02, 0, 0, 0), chunk=1)",
    ),
    "admit a line": (
        "w = [(k, 1, 1) for k in range(1_000_000)]; a = sk.serving.Admission(10**12, 'future')",
        "a.admit(w)",
    ),
    "a prompt without end": (
        "import itertools; r = sk.serving.Router(3, 'prefix')",
        "r.route('a', 1, itertools.count())",
    ),
    "a choice of replicas without end": (
        "import itertools; r = sk.serving.Router(3)",
        "r.route('a', among=itertools.repeat(1))",
    ),
    "arrivals of a stream": (
        "g = sk.dag.TaskGraph([[1]], [])",
        "sk.dag.simulate_stream([g] * 2, rate=1.0, num_jobs=60_000_000)",
    ),
    "improve a graph": (f"{_EDGES}; g = sk.dag.TaskGraph(np.ones((n, 2)), e)", "sk.dag.improve(g, max_evaluations=10**9)"),
    **{name: (f"{_EDGES}; g = sk.dag.TaskGraph(np.ones((n, 4)), e)", f"sk.dag.{name}(g)") for name in _LISTS},
    **{name: (_JOBS, f"sk.online.simulate(jobs, {name!r})") for name in ("fcfs", "las", "mlf", "hrrn", "bansal_dhamdhere")},
}


LENIENT = 5.0
"""Seconds of processor time; on an idle machine a call ends within 0.1 s of the signal."""


@pytest.mark.parametrize("name", CALLS)
def test_ctrl_c_ends_the_call(name: str) -> None:
    """``python -m tests.test_interrupts`` prints the latencies themselves."""
    setup, call = CALLS[name]
    program = _PROGRAM.format(setup=setup, call=call)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
    outcome, seconds = run.stdout.split()
    assert outcome == "interrupted", run.stdout
    assert float(seconds) < LENIENT


_BY_PROCESSOR_TIME = (
    """
import signal, time
import numpy as np
import schedkit as sk
{setup}
began = time.process_time()
{call}
whole = time.process_time() - began
signal.signal(signal.SIGPROF, signal.default_int_handler)
worst = 0.0
for share in (0.15, 0.4, 0.6, 0.8):
    began = time.process_time()
    signal.setitimer(signal.ITIMER_PROF, share * whole)  # counts processor time, so other programs make no difference
    try:
        {call}
        signal.setitimer(signal.ITIMER_PROF, 0)
    except KeyboardInterrupt:
        worst = max(worst, time.process_time() - began - share * whole)
print(whole, worst, flush=True)
"""
    + _LEAVE
)

_SEQUENCE = "n = 3_000_000; r = np.random.default_rng(1); p = r.integers(1, 100, n); d = r.integers(1, 10**8, n)"
_BAD = "s = sk.rcpsp.ProjectSchedule.from_start_time(p, np.random.default_rng(2).integers(0, 10**7, n))"

LONG_CALLS: dict[str, tuple[str, str]] = {
    **{name: (_SEQUENCE, f"sk.tardiness.{name}(p, d)") for name in ("mdd", "psk", "mddc", "edd")},
    "serial_sgs": (_SMALL, "sk.rcpsp.serial_sgs(p)"),
    "justify": (f"{_SMALL}; s = sk.rcpsp.serial_sgs(p)", "sk.rcpsp.justify(p, s)"),
    "dispatch a shop": (f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)", "sk.shop.dispatch(s, 'mwkr')"),
    "dispatch a shop, keys that change": (
        f"{_SHOP}; s = sk.shop.Shop.from_arrays(*columns)",
        "sk.shop.dispatch(s, 'cr', 'non_delay')",
    ),
    "dispatch many jobs": (
        "n = 1_000_000; r = np.random.default_rng(1); "
        "s = sk.shop.Shop.from_arrays(np.arange(n), r.integers(0, 50, n), r.integers(1, 99, n), np.zeros(n, int))",
        "sk.shop.dispatch(s, 'mwkr')",
    ),
    "read a project": (
        f"{_PROJECT}; import tempfile; f = tempfile.mktemp('.json'); sk.rcpsp.write(p, f)",
        "sk.rcpsp.read(f)",
    ),
    "check a bad schedule": (f"{_PROJECT}; {_BAD}", "sk.check(p, s)"),
    "place, first pass": (
        "r = np.random.default_rng(1); d = r.integers(1, 9, (100_000, 2)); c = r.integers(1, 99, (10_000, 2))",
        "sk.packing.place(d, c, max_nodes=0)",
    ),
    "memory offsets, first answers": (
        "b = sk.packing.model(50_000, depth=50, seed=1)",
        "sk.packing.offsets(b.start, b.end, b.size, max_nodes=0)",
    ),
}


@pytest.mark.parametrize("name", LONG_CALLS)
def test_ctrl_c_is_heard_in_every_part_of_a_call(name: str) -> None:
    """A part that does not listen would add its own length, a fifth of the call or more for a sort."""
    setup, call = LONG_CALLS[name]
    program = _BY_PROCESSOR_TIME.format(setup=setup, call=call)
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr
    whole, worst = map(float, run.stdout.split())
    assert worst < 0.1 + 0.12 * whole, (whole, worst)


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
sys.exit(main(["ramp", "generate", sys.argv[1], "--tasks", "600", "--levels", "2000"]))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 130, run.stderr
    assert "panic" not in run.stderr


def test_ctrl_c_ends_the_command_line_whatever_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    from schedkit import cli  # noqa: PLC0415

    def pressed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_parser", pressed)
    assert cli.main(["info", "x"]) == 130


if __name__ == "__main__":
    for call_name, (call_setup, call_text) in CALLS.items():
        code = _PROGRAM.format(setup=call_setup, call=call_text)
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        outcome = done.stdout.split() or ["failed", "nan"]
        print(f"{call_name:28} {outcome[0]:12} {float(outcome[1]):6.3f} s after the signal")
