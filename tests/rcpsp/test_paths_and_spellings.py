"""Paths of project files, and spellings of other systems that mean the same project."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import schedkit as sk

from tests.rcpsp.texts import JSON, SM, TEXTS


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / "nothing.sm"
    with pytest.raises(FileNotFoundError) as caught:
        sk.rcpsp.read(path)
    assert caught.value.filename == str(path)
    assert str(path) in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        sk.rcpsp.read(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_paths_that_cannot_be() -> None:
    with pytest.raises((ValueError, OSError)):
        sk.rcpsp.read("a\0b")
    with pytest.raises(TypeError):
        sk.rcpsp.read(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        sk.rcpsp.read(17)  # type: ignore[arg-type]


def test_paths_of_every_kind(tmp_path: Path) -> None:
    path = tmp_path / "prüfung 1.sm"
    path.write_text(SM)
    assert sk.rcpsp.read(path) == sk.rcpsp.read(str(path)) == sk.rcpsp.read(bytes(path))  # type: ignore[arg-type]


@pytest.mark.parametrize("suffix", TEXTS)
@pytest.mark.parametrize(
    "spell",
    [
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "  \n").encode(),
        lambda text: text.replace(" ", "\t").encode() if "jobs (" not in text else text.replace("   ", " \t").encode(),
        lambda text: ("\n\n" + text).encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.rstrip().encode(),
        lambda text: gzip.compress(text.encode("utf-8-sig")),
    ],
    ids=[
        "carriage returns",
        "blanks at line ends",
        "tabulators",
        "blank lines first",
        "byte order mark",
        "no last line end",
        "gzip",
    ],
)
def test_spellings_of_other_systems(suffix: str, spell: Callable[[str], bytes], tmp_path: Path) -> None:
    plain, other = tmp_path / f"plain.{suffix}", tmp_path / f"other.{suffix}"
    plain.write_text(TEXTS[suffix])
    other.write_bytes(spell(TEXTS[suffix]))
    assert sk.rcpsp.read(other) == sk.rcpsp.read(plain)


def test_numbers_in_json_keep_their_value(tmp_path: Path) -> None:
    path = tmp_path / "big.json"
    content = json.loads(JSON)
    content["activities"][1]["duration"] = 2**53 - 3
    path.write_text(json.dumps(content))
    assert sk.rcpsp.read(path).duration.tolist() == [2, 2**53 - 3, 1]
