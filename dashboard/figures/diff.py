"""Two values side by side, line by line: what both have, and what one has alone. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Final, Literal

#: Lines of a value that are compared; more take a browser, and whoever reads them, too long.
MOST: Final = 1_500

#: Lines on which both agree that stay beside each difference.
_AROUND: Final = 3

_INDENT: Final = "  "

Kind = Literal["same", "changed", "gap"]
#: A piece of a line, and whether the other side has another one in its place.
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class Side:
    """A line of one value: its number from 1, and its text in pieces."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class DiffRow:
    """Two lines that stand beside each other; None where the other value has one more.

    Attributes:
        kind: `same` in both, `changed` where they differ, `gap` for lines that are left out, since both have them.
        hidden: how many those are.
    """

    kind: Kind
    left: Side | None = None
    right: Side | None = None
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Diff:
    """Two values compared.

    Attributes:
        rows: from top to bottom.
        removed, added: how many lines the left and the right have alone.
        is_cut: whether there are more lines than are compared.
    """

    rows: tuple[DiffRow, ...]
    removed: int = 0
    added: int = 0
    is_cut: bool = False

    @property
    def is_same(self) -> bool:
        """Whether both values are equal as far as they were compared."""
        return not self.removed and not self.added

    def as_data(self) -> list[dict[str, Any]]:
        """Returns the rows as plain JSON for the script."""
        return [asdict(row) for row in self.rows]


def compare(left: str | None, right: str | None) -> Diff:
    """Compares two values.

    Args:
        left: JSON text, or any other; None for none.
        right: the other one.
    """
    before, after = lines(left), lines(right)
    is_cut = max(len(before), len(after)) > MOST
    before, after = before[:MOST], after[:MOST]
    matcher = SequenceMatcher(None, before, after)
    rows: list[DiffRow] = []
    removed = added = 0
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            rows += [
                DiffRow("same", _whole(i + 1, before[i]), _whole(j + 1, after[j]))
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
            continue
        removed, added = removed + i2 - i1, added + j2 - j1
        rows += _pair_changed_lines(before[i1:i2], after[j1:j2], i1 + 1, j1 + 1)
    return Diff(tuple(_omit_unchanged_rows(rows)), removed, added, is_cut)


def lines(text: str | None) -> list[str]:
    """Returns a value as lines: JSON with an item a line and its keys in order, texts of several lines as such."""
    if not text:
        return []
    try:
        return list(_lines(json.loads(text), "", "", ""))
    except (ValueError, RecursionError):
        return text.splitlines()


def _lines(value: Any, indent: str, before: str, after: str) -> Iterator[str]:
    if isinstance(value, dict) and value:
        yield f"{indent}{before}{{"
        for at, key in enumerate(sorted(value), 1):
            comma = "," if at < len(value) else ""
            yield from _lines(value[key], indent + _INDENT, f"{json.dumps(key, ensure_ascii=False)}: ", comma)
        yield f"{indent}}}{after}"
    elif isinstance(value, list) and value:
        yield f"{indent}{before}["
        for at, item in enumerate(value, 1):
            yield from _lines(item, indent + _INDENT, "", "," if at < len(value) else "")
        yield f"{indent}]{after}"
    elif isinstance(value, str) and "\n" in value:
        first, *rest = f'"{value}"'.split("\n")
        yield f"{indent}{before}{first}"
        yield from (f"{indent}{_INDENT}{line}" for line in rest[:-1])
        yield f"{indent}{_INDENT}{rest[-1]}{after}"
    else:
        yield f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}"


def _whole(number: int, text: str, *, is_changed: bool = False) -> Side:
    return Side(number, ((text, is_changed),))


def _pair_changed_lines(before: Sequence[str], after: Sequence[str], left: int, right: int) -> Iterator[DiffRow]:
    for at, (old, new) in enumerate(zip_longest(before, after)):
        if old is None or new is None:
            yield DiffRow(
                "changed",
                None if old is None else _whole(left + at, old, is_changed=True),
                None if new is None else _whole(right + at, new, is_changed=True),
            )
        else:
            yield DiffRow("changed", Side(left + at, _pieces(old, new)), Side(right + at, _pieces(new, old)))


def _pieces(text: str, other: str) -> tuple[Piece, ...]:
    """Returns a line in pieces: its beginning and end where the other line has the same, and what is between."""
    shortest = min(len(text), len(other))
    head = next((at for at in range(shortest) if text[at] != other[at]), shortest)
    tail = next((at for at in range(shortest - head) if text[-1 - at] != other[-1 - at]), shortest - head)
    pieces = ((text[:head], False), (text[head : len(text) - tail], True), (text[len(text) - tail :], False))
    return tuple(piece for piece in pieces if piece[0])


def _omit_unchanged_rows(rows: Sequence[DiffRow]) -> Iterator[DiffRow]:
    """Leaves out what is the same far from all differences."""
    near = [False] * len(rows)
    for at, row in enumerate(rows):
        if row.kind == "changed":
            first, last = max(0, at - _AROUND), at + _AROUND + 1
            near[first:last] = [True] * len(near[first:last])
    hidden = 0
    for at, row in enumerate(rows):
        # A gap of a line takes as much room as the line.
        alone = not near[at] and hidden == 0 and (at + 1 == len(rows) or near[at + 1])
        if near[at] or alone:
            if hidden:
                yield DiffRow("gap", hidden=hidden)
            hidden = 0
            yield row
        else:
            hidden += 1
    if hidden:
        yield DiffRow("gap", hidden=hidden)
