"""The yardstick prints one line, and refuses nonsense."""

from __future__ import annotations

import re

import pytest
from schedkit.bench import main


@pytest.mark.parametrize("n", ["0", "1", "1000"])
def test_one_line(n: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sort", n]) == 0
    line = rf"sort {n}: \S+ ms \(\S+ ns a word\), copy \S+ ms \(\S+ ns a word\), numpy \S+\n"
    assert re.fullmatch(line, capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [["sort", "-1"], ["sort", "many"], ["search"], ["sort", "10000000000"]])
def test_nonsense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
