"""Where in a TOML file a key stands: its parser tells lines of what is no TOML alone."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

_HEADER: Final = re.compile(r"\s*(\[\[?.*?\]\]?)\s*(?:#.*)?$")
_KEY: Final = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w.-]|\s*\.\s*)+?)\s*=""")
_AT_LINE: Final = re.compile(r"\(at line (\d+), column \d+\)|at end of document")

#: A place in a file: names of tables and keys, with the number of one among tables of one name.
Path = tuple[str | int, ...]


def find_line(text: str, path: Path) -> int:
    """Returns the line of a key, counted from 1; that of the nearest table around it where it can't be found.

    Args:
        text: the file.
        path: of the key.
    """
    places = list(_find_keys(text))
    wanted = path
    while wanted:
        for line, place in places:
            if place == wanted:
                return line
        wanted = wanted[:-1]
    return 1


def describe_fault(text: str, error: tomllib.TOMLDecodeError) -> str:
    """Returns what is wrong with a text that is no TOML: line, key and reason."""
    found = _AT_LINE.search(str(error))
    lines = text.splitlines() or [""]
    line = int(found[1]) if found and found[1] else len(lines)
    here = lines[min(line, len(lines)) - 1]
    key = _KEY.match(here) or _HEADER.match(here)
    reason = _AT_LINE.sub("", str(error)).strip()
    return f"{line}: {f'{key[1]}: ' if key else ''}{reason[:1].lower()}{reason[1:]}"


def _find_keys(text: str) -> Iterator[tuple[int, Path]]:
    """Yields lines with the keys that they begin. A line within a text of several lines may be mistaken for a key."""
    table: Path = ()
    arrays: Counter[Path] = Counter()
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            names = _parse_key(f"{header[1]}\n")
            if names is None:
                continue
            table = _number_table(names, arrays)
            if header[1].startswith("[["):
                table = (*table, arrays[table])
                arrays[table[:-1]] += 1
            yield number, table
        elif (key := _KEY.match(line)) and (names := _parse_key(f"{key[1]}=0\n")) is not None:
            yield number, (*table, *names)


def _number_table(names: tuple[str, ...], arrays: Counter[Path]) -> Path:
    """Returns a table's path with the latest of each array of tables that it lies within."""
    path: Path = ()
    for name in names[:-1]:
        path = (*path, name)
        if arrays[path]:
            path = (*path, arrays[path] - 1)
    return (*path, names[-1])


def _parse_key(line: str) -> tuple[str, ...] | None:
    try:
        at: Any = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return None
    found: list[str] = []
    while isinstance(at, (dict, list)) and at:
        if isinstance(at, list):
            at = at[0]
            continue
        ((name, at),) = at.items()
        found.append(name)
    return tuple(found) or None
