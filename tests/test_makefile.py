"""What `make` says on a machine without network: one clear line at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = [
    pytest.mark.skipif(not (ROOT / "Makefile").exists(), reason="no checkout"),
    pytest.mark.skipif(shutil.which("make") is None or shutil.which("cargo") is None, reason="make or cargo is not installed"),
]


def test_a_missing_network_is_reported_in_one_line(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "Cargo.toml", "Cargo.lock"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("rust", "python"):
        (tmp_path / name).mkdir()
    nowhere = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
        "PIP_FIND_LINKS": "",
        "PIP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    without_make = {name: value for name, value in os.environ.items() if not name.startswith("MAKE") and name != "MFLAGS"}
    run = subprocess.run(
        ["make", f"PYTHON={sys.executable}", ".venv/installed"],
        cwd=tmp_path,
        env={**without_make, **nowhere},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert run.returncode != 0
    assert run.stdout.startswith("installing tools and test libraries into .venv: about a minute")
    assert run.stdout.splitlines()[-1].startswith("schedkit: pip ")
    assert "Is the network there?" in run.stdout.splitlines()[-1]
    assert not (tmp_path / ".venv" / "installed").exists()
