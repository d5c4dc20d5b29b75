"""The example problems that ship with the package."""

from __future__ import annotations

from pathlib import Path

from ._validation import refuse

_FOLDER = Path(__file__).parent / "examples"


def example_path(name: str) -> str:
    """The path of an example file that ships with the package.

    Parameters
    ----------
    name : str
        ``migration.json`` or ``migration.sm``: moving a data centre, about 60 activities on 4 resources; ``migration.csv``: the
        same as a plan with dates, working hours, holidays and outages; ``refit.json``:
        refitting a workshop, with calendars, pauses, lags, windows and disjunctions.

    Raises
    ------
    InvalidInputError
        An unknown name; the message lists the known ones.

    Examples
    --------
    >>> import schedkit as sk
    >>> sk.rcpsp.read(sk.example_path("migration.sm")).num_resources
    4
    """
    known = sorted(path.name for path in _FOLDER.iterdir() if path.suffix in {".csv", ".json", ".sm", ".stg"})
    if name not in known:
        raise refuse("name", f"unknown example, expected one of {', '.join(known)}", value=name)
    return str(_FOLDER / name)
