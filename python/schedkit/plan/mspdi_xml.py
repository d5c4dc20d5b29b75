"""XML documents of MS Project as trees: parsing without entities, and values of elements."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from xml.etree import ElementTree
from xml.parsers import expat

from .. import _files
from .._text import printable
from ..errors import FormatError

Element = ElementTree.Element

NAMESPACE = "http://schemas.microsoft.com/project"
_DEEPEST = 64
_DURATION = re.compile(r"P(?:([0-9]{1,9})D)?(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9}(?:\.[0-9]+)?)S)?)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,2})?")
_ABSENT = ("", "NA")


class Document:
    """The tree of a file. Names of elements have lost their namespace; the attribute ``line`` of each is its line.

    Raises
    ------
    FormatError
        No XML, a document type or entity, too deep, another kind of document.
    """

    def __init__(self, path: str, content: bytes) -> None:
        self.path = path
        self.root = _parsed(path, content)
        if self.root.tag != "Project":
            other = "; from GanttProject, export the project as MS Project XML" if self.root.tag == "project" else ""
            raise self.fail(self.root, f"is a document of <{self.root.tag[:40]}>, expected <Project> of MS Project{other}")

    def fail(self, element: Element | None, reason: str) -> FormatError:
        """The error of an element, with its line."""
        line = None if element is None else int(element.get("line", "0")) or None
        return _files.fail(self.path, reason, line)

    def integer(self, element: Element, name: str, default: int | None = None) -> int:
        """A whole number below an element."""
        found = text(element, name)
        if found is None and default is not None:
            return default
        if found is None or not _INTEGER.fullmatch(found):
            raise self.fail(element, f"<{name}> of <{element.tag}> is {found!r}, expected a whole number")
        return int(found)

    def number(self, element: Element, name: str, default: int) -> Fraction:
        """A number below an element."""
        found = text(element, name)
        if found is None:
            return Fraction(default)
        if not _NUMBER.fullmatch(found):
            raise self.fail(element, f"<{name}> of <{element.tag}> is {found!r}, expected a number")
        return Fraction(found)

    def flag(self, element: Element, name: str, *, default: bool = False) -> bool:
        """A flag below an element: 0 or 1, false or true."""
        found = text(element, name)
        if found is None:
            return default
        if found.lower() not in ("0", "1", "false", "true"):
            raise self.fail(element, f"<{name}> of <{element.tag}> is {found!r}, expected 0 or 1")
        return found.lower() in ("1", "true")

    def duration(self, element: Element, name: str) -> int | None:
        """The seconds of a duration such as ``PT12H0M0S``, or None where there is none."""
        found = text(element, name)
        if found is None:
            return None
        parts = _DURATION.fullmatch(found)
        if parts is None:
            raise self.fail(element, f"<{name}> of <{element.tag}> is {found!r}, expected a duration such as PT12H0M0S")
        day, hour, minute = (int(part or 0) for part in parts.group(1, 2, 3))
        return 86400 * day + 3600 * hour + 60 * minute + round(Fraction(parts[4] or 0))


def _parsed(path: str, content: bytes) -> Element:
    builder, parser = ElementTree.TreeBuilder(), expat.ParserCreate(namespace_separator=" ")
    depth = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise _files.fail(path, "is nested too deeply", parser.CurrentLineNumber)
        builder.start(name.rpartition(" ")[2], {"line": str(parser.CurrentLineNumber)})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(name.rpartition(" ")[2])

    def refuse(*_: object) -> None:
        raise _files.fail(path, "defines a document type or entities, which are not read", parser.CurrentLineNumber)

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise _files.fail(path, f"is no XML: {expat.ErrorString(error.code)}", error.lineno) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        raise _files.fail(path, f"is no XML that can be read: {printable(str(error))}") from None
    return builder.close()


def text(element: Element, name: str) -> str | None:
    """The text of a child, or None where there is none, none to speak of, or ``NA``."""
    found = element.findtext(name)
    found = None if found is None else found.strip()
    return None if found is None or found in _ABSENT else found


def below(element: Element, group: str, name: str) -> Iterator[Element]:
    """The elements of one name in a group, such as each ``Task`` of ``Tasks``."""
    for found in element.findall(group):
        yield from found.findall(name)
