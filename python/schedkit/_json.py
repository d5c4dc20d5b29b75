"""Reading of JSON for all readers: what would be lost is refused, and errors have the line of the value to blame."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from typing import Any

from . import _files, _validation
from .errors import FormatError, InputTypeError, InvalidInputError

_BLANKS = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:]|-?Infinity|NaN|-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?', re.DOTALL)


@dataclasses.dataclass(frozen=True, slots=True)
class Document:
    """The content of a JSON file. A value is named by its way: keys and positions from the outside in."""

    path: str
    text: str
    content: Any

    def line(self, *way: str | int | None) -> int:
        """The line on which a value begins; of a member or an item that is missing, the line of what should hold it."""
        decoder, at = json.JSONDecoder(), _next(self.text, 0)
        for step in way:
            found = None if step is None else _inside(self.text, decoder, at, step)
            if found is None:
                break
            at = found
        return _files.line_at(self.text, at)

    def fail(self, reason: str, *way: str | int | None) -> FormatError:
        """The error that blames a value, with its line."""
        return _files.fail(self.path, reason, self.line(*way))

    def blame(self, error: InvalidInputError | InputTypeError, *way: str | int | None) -> FormatError:
        """The error of the file for a value that was refused elsewhere, in the words of JSON."""
        return self.fail(self.in_words(error, *way), *way)

    def in_words(self, error: InvalidInputError | InputTypeError, *way: str | int | None) -> str:
        """The message of an error about a value, in the words of JSON instead of Python's."""
        reason = str(error)
        try:
            value = self.content
            for step in way:
                value = value[step]
        except (LookupError, TypeError):
            return reason
        if isinstance(error, InputTypeError):
            reason = reason.removesuffix(f", not {_validation.type_name(value)}")
            if reason != str(error):
                reason += f", not {noun(value)}"
        if noun(value) != "a number":
            reason = reason.replace(f" = {_validation.shown(value)}", f" = {written(value)}", 1)
        return reason


def noun(value: Any) -> str:
    """What JSON calls a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    nouns: dict[type, str] = {dict: "an object", list: "a list", str: "text"}
    return nouns.get(type(value), "a number")


def written(value: Any) -> str:
    """A value as JSON writes it, for a message."""
    return _validation.cut(json.dumps(value))


def read(path: str) -> Document:
    """Reads a JSON file; an object with two members of one name is refused, because one of them would be lost."""
    return parsed(path, _files.read_text(path))


def parsed(path: str, text: str) -> Document:
    """The document of a file whose text has been read already."""
    if not text.strip():
        raise _files.fail(path, "is empty")
    try:
        return Document(path, text, json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number))
    except json.JSONDecodeError as error:
        line = _files.line_at(text, error.pos)
        column = error.pos - max(text.rfind("\n", 0, error.pos), text.rfind("\r", 0, error.pos))
        raise _files.fail(path, f"is not JSON: {error.msg} at column {column}", line) from None
    except _LossError as error:
        raise _files.fail(path, str(error), _first_loss(text)) from None
    except RecursionError:
        raise _files.fail(path, "is not JSON that can be read: brackets are nested too deeply") from None
    except ValueError:  # Python's own limit on digits
        raise _files.fail(path, "is not JSON that can be read: a number has thousands of digits", _first_loss(text)) from None


def parsed_line(path: str, text: str, number: int) -> Any:
    """What a line of a file says, if each line is a text of JSON."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _files.fail(path, f"is not JSON: {error.msg} at column {error.colno}", number) from None
    except RecursionError:
        raise _files.fail(path, "is not JSON that can be read: brackets are nested too deeply", number) from None
    except ValueError:  # Python's own limit on digits
        raise _files.fail(path, "is not JSON that can be read: a number has thousands of digits", number) from None


class _LossError(ValueError):
    """JSON that cannot be read without loss."""


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _LossError(f"the key {key!r} stands twice in one object")
            seen.add(key)
    return found


def _no_number(word: str) -> Any:
    raise _LossError(f"{word} is not a number in JSON")


def _first_loss(text: str) -> int | None:
    """The line of the first fault that `read` reports and the grammar allows: a repeated key, no number, too many digits.

    Faults are found in the order of the parser, which reports a repeated key at the end of the object.
    """
    most = sys.get_int_max_str_digits()
    objects: list[tuple[set[str], list[int]]] = []
    string = re.match("", text)
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word[0] == '"':
            string = token
        elif word == "{":
            objects.append((set(), []))
        elif word == ":" and string is not None and objects:
            known, repeated = objects[-1]
            key = json.loads(string[0])
            if key in known:
                repeated.append(string.start())
            known.add(key)
        elif word == "}" and objects:
            _, repeated = objects.pop()
            if repeated:
                return _files.line_at(text, repeated[0])
        elif word[-1] in "yN" or (most and word.lstrip("-").isdigit() and len(word.lstrip("-")) > most):
            return _files.line_at(text, token.start())
    return None


def _inside(text: str, decoder: json.JSONDecoder, at: int, step: str | int) -> int | None:
    """The place of a member or an item of the value at a place; None if there is none."""
    if text[at : at + 1] != ("{" if isinstance(step, str) else "["):
        return None
    try:
        at, place = _next(text, at + 1), 0
        while True:
            if isinstance(step, str):
                key, at = decoder.raw_decode(text, at)
                at = _next(text, _next(text, at) + 1)  # behind the colon
            else:
                key = place
            if key == step:
                return at if text[at : at + 1] not in ("]", "}", "") else None
            _, at = decoder.raw_decode(text, at)
            at = _next(text, at)
            if text[at : at + 1] != ",":
                return None
            at, place = _next(text, at + 1), place + 1
    except (ValueError, RecursionError):
        return None


def _next(text: str, at: int) -> int:
    """The place of the next character that is not blank."""
    blanks = _BLANKS.match(text, at)
    return at if blanks is None else blanks.end()
