"""Files of instances, each a project and a witness in JSON, and of answers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

from ... import _files, _json, _validation
from ...errors import FormatError, InputTypeError, InvalidInputError
from ..files import read, write
from ..problem import Project
from ..schedule import ProjectSchedule
from .instances import RampInstance, listed

_NAME = re.compile(r"seed([0-9]+)_level([0-9]+)")


def write_instances(instances: Sequence[RampInstance], folder: str | os.PathLike[str]) -> None:
    """Writes ``seed0_level001.json`` and ``seed0_level001.witness.json`` for each instance.

    Parameters
    ----------
    instances : list of RampInstance
    folder : str or path
        Made if it is not there.

    Examples
    --------
    >>> import os, tempfile, schedkit as sk
    >>> folder = tempfile.mkdtemp()
    >>> sk.rcpsp.ramp.write_instances(sk.rcpsp.ramp.generate(12, 2), folder)
    >>> sorted(os.listdir(folder))
    ['seed0_level001.json', 'seed0_level001.witness.json', 'seed0_level002.json', 'seed0_level002.witness.json']
    """
    target = Path(_validation.path(folder))
    cases = listed(instances)
    target.mkdir(parents=True, exist_ok=True)
    for instance in cases:
        write(instance.project, target / f"{instance.name}.json")
        text = json.dumps(instance.witness.to_dict())
        (target / f"{instance.name}.witness.json").write_text(text + "\n", encoding="utf-8")


def read_instances(folder: str | os.PathLike[str]) -> list[RampInstance]:
    """Reads the instances that `write_instances` wrote, ordered by seed and level.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    list of RampInstance

    Raises
    ------
    FormatError
        No instance in the folder, a file that is none, an instance whose witness is missing or does not fit.

    Examples
    --------
    >>> import tempfile, schedkit as sk
    >>> folder, ramp = tempfile.mkdtemp(), sk.rcpsp.ramp.generate(12, 3, seed=5)
    >>> sk.rcpsp.ramp.write_instances(ramp, folder)
    >>> sk.rcpsp.ramp.read_instances(folder) == ramp
    True
    """
    source = Path(_validation.path(folder))
    found = []
    for path in source.iterdir():
        name = _NAME.fullmatch(path.stem)
        if path.suffix == ".json" and name:
            seed, level = map(int, name.groups())
            project = read(path)
            found.append(RampInstance(seed, level, project, _witness(project, path.with_suffix(".witness.json"))))
    if not found:
        raise FormatError(f"{source}: holds no instances (seed0_level001.json and so on)", path=str(source))
    return sorted(found, key=lambda instance: (instance.seed, instance.level))


def read_answers(path: str | os.PathLike[str]) -> dict[str, str]:
    """Reads answers as text by name of the instance, from the files of a folder or from one JSON object."""
    source = Path(_validation.path(path))
    if source.is_dir():
        files = [file for file in sorted(source.iterdir()) if _NAME.fullmatch(file.stem)]
        return {file.stem: _files.read_bytes(str(file)).decode("utf-8-sig", errors="replace") for file in files}
    document = _json.read(str(source))
    if not isinstance(document.content, dict):
        raise document.fail("not an object from names of instances to answers")
    return document.content


def _witness(project: Project, path: Path) -> ProjectSchedule:
    try:
        document = _json.read(str(path))
    except FileNotFoundError:
        raise FormatError(f"{path}: the witness is missing", path=str(path)) from None
    if not isinstance(document.content, dict) or "start_time" not in document.content:
        raise document.fail("is not a witness: expected an object with 'start_time'")
    try:
        return ProjectSchedule.from_start_time(project, document.content["start_time"])
    except (InvalidInputError, InputTypeError) as error:
        way = ("start_time", error.index) if isinstance(error.index, int) else ("start_time",)
        raise document.fail(f"is not a witness: {document.in_words(error, *way)}", *way) from None
