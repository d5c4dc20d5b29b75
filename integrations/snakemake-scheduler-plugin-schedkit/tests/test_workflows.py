"""Real workflows under real Snakemake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"


def snakemake(folder: Path, snakefile: str, *options: str) -> str:
    (folder / "Snakefile").write_text(snakefile)
    command = [sys.executable, "-m", "snakemake", "--scheduler", "schedkit", "--nocolor", *options]
    environment = os.environ | {"PYTHONPATH": str(SOURCE), "HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr[-4000:]
    return run.stderr


CHAIN = """
rule all:
    input: "short.txt", "long3.txt"
rule short:
    output: "short.txt"
    shell: "echo short >> order.log; touch {output}"
rule long1:
    output: "long1.txt"
    shell: "echo long1 >> order.log; touch {output}"
rule long2:
    input: "long1.txt"
    output: "long2.txt"
    shell: "echo long2 >> order.log; touch {output}"
rule long3:
    input: "long2.txt"
    output: "long3.txt"
    shell: "echo long3 >> order.log; touch {output}"
"""


def test_the_longest_chain_starts_first(tmp_path: Path) -> None:
    snakemake(tmp_path, CHAIN, "--cores", "1")
    order = (tmp_path / "order.log").read_text().split()
    assert order[0] == "long1"
    assert sorted(order) == ["long1", "long2", "long3", "short"]
    assert order.index("short") >= 2  # of two equal levels the name decides


def test_durations_change_the_order(tmp_path: Path) -> None:
    (tmp_path / "durations.json").write_text(json.dumps({"short": 10_000}))
    snakemake(tmp_path, CHAIN, "--cores", "1", "--scheduler-schedkit-durations", "durations.json")
    assert (tmp_path / "order.log").read_text().split()[0] == "short"


CHECKPOINT = """
def found(wildcards):
    folder = checkpoints.split.get().output[0]
    return [f"done/{name}" for name in sorted(__import__("os").listdir(folder)) if name in "abc"]
rule all:
    input: "result.txt"
checkpoint split:
    output: directory("parts")
    shell: "mkdir parts && touch parts/a parts/b parts/c"
rule work:
    input: "parts/{name}"
    output: "done/{name}"
    resources: mem_mb=60, runtime=lambda wildcards: 5
    group: "together"
    shell: "echo start >> log; sleep 0.2; echo end >> log; touch {output}"
rule collect:
    input: found
    output: "result.txt"
    shell: "cat {input} > {output}"
"""


def test_checkpoints_and_limited_resources(tmp_path: Path) -> None:
    snakemake(tmp_path, CHECKPOINT.replace('    group: "together"\n', ""), "--cores", "4", "--resources", "mem_mb=100")
    assert (tmp_path / "log").read_text().split() == ["start", "end"] * 3  # only one fits at a time


def test_groups_and_unlimited_resources(tmp_path: Path) -> None:
    snakemake(tmp_path, CHECKPOINT, "--cores", "4")
    assert (tmp_path / "log").read_text().split().count("end") == 3


RETRY = """
rule all:
    input: expand("out/{k}", k=range(6))
rule work:
    output: "out/{k}"
    retries: 2
    resources: mem_mb=lambda wildcards, attempt: 40 * attempt
    shell: "test {resources.mem_mb} -ge 80 && touch {output}"
"""


def test_jobs_that_grow_with_their_attempts(tmp_path: Path) -> None:
    snakemake(tmp_path, RETRY, "--cores", "3", "--resources", "mem_mb=100")
    assert len(list((tmp_path / "out").iterdir())) == 6


WIDE = """
rule all:
    input: "wide.txt", expand("narrow{k}.txt", k=range(5))
rule first:
    output: "first.txt"
    shell: "touch {output}"
rule wide:
    input: "first.txt"
    output: "wide.txt"
    threads: 2
    shell: "echo wide >> order.log; touch {output}"
rule narrow:
    output: "narrow{k}.txt"
    shell:
        "echo narrow >> order.log; "
        "if test {wildcards.k} = 0; then until test -e first.txt; do sleep 0.1; done; sleep 3; fi; "
        "touch {output}"
"""


def test_wide_jobs_are_not_passed(tmp_path: Path) -> None:
    """Beside `first` one narrow job starts. When `first` has ended, the wide job waits for both cores; nothing passes it."""
    (tmp_path / "durations.json").write_text(json.dumps({"wide": 10_000}))
    options = ("--cores", "2", "--scheduler-schedkit-durations", "durations.json", "--scheduler-schedkit-backfill", "none")
    snakemake(tmp_path, WIDE, *options)
    order = (tmp_path / "order.log").read_text().split()
    assert order == ["narrow", "wide", *["narrow"] * 4]


def test_a_dry_run_and_bad_settings(tmp_path: Path) -> None:
    snakemake(tmp_path, CHAIN, "--cores", "1", "--dry-run")
    with pytest.raises(AssertionError, match=r"cannot read durations from none\.json"):
        snakemake(tmp_path, CHAIN, "--cores", "1", "--scheduler-schedkit-durations", "none.json")
    with pytest.raises(AssertionError, match=r"backfill is 'easy', expected"):
        snakemake(tmp_path, CHAIN, "--cores", "1", "--scheduler-schedkit-backfill", "easy")
