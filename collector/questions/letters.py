"""Characters that a reader takes for the same letter: what they fold to, and what folds to that. Pure.

Unicode's compatibility forms (UAX #15, NFKD) and full case folding, and the dotted and the dotless i, which case
folding keeps apart.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

#: Where characters end that fold to others; behind are ideographs, tags and what everybody uses for themselves.
_LAST: Final = 0x2FA20

#: Blocks of letters that fold to nothing else, or are composed by rule.
_PLAIN: Final = (range(0x3400, 0xA000), range(0xAC00, 0xF900), range(0x17000, 0x1B000), range(0x20000, 0x2F800))

#: Letters of a joined sign at most. A sign for a whole sentence is found by itself alone.
LONGEST_JOINED: Final = 4

#: How many folded texts are remembered.
_REMEMBERED: Final = 8_192

_DOT: Final = "\u0307"

#: Marks that stand for several, and that nothing composes: non-starter decompositions (UAX #15).
_JOINED_MARKS: Final = tuple((mark, unicodedata.normalize("NFD", mark)) for mark in "\u0344\u0f73\u0f75\u0f81")


@lru_cache(_REMEMBERED)
def fold_text(text: str) -> str:
    """Returns a text without case and compatibility forms, decomposed."""
    folds = text
    for _ in range(2):  # what a sign stands for can have case again
        folds = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", folds).casefold())
    return folds.replace("\u0131", "i").replace(f"i{_DOT}", "i")


def find_alike(folds: str) -> tuple[str, ...]:
    """Returns all characters that fold to a text; one that only folds to itself is one of them."""
    return _build_table().alike.get(folds) or ((folds,) if len(folds) == 1 else ())


def find_joined_signs(folds: str) -> tuple[str, ...]:
    """Returns signs that stand for several letters that a reader would type: ligatures, digraphs, the sharp s."""
    return _build_table().joined.get(folds, ())


@lru_cache(_REMEMBERED)
def list_spellings(letter: str) -> tuple[str, ...]:
    """Returns a letter with its marks as senders write it: composed, decomposed, in part, in each case."""
    found: dict[str, None] = {}
    for each in (letter, letter.lower(), letter.upper(), letter.casefold()):
        apart = unicodedata.normalize("NFD", each)
        found[each] = None
        for end in range(len(apart), 0, -1):
            found[unicodedata.normalize("NFC", apart[:end]) + apart[end:]] = None
        for at in range(2, len(apart)):  # Vietnamese keyboards compose with the second mark
            found[unicodedata.normalize("NFC", apart[0] + apart[at]) + apart[1:at] + apart[at + 1 :]] = None
        found[apart] = None
        found[unicodedata.normalize("NFKC", each)] = None
    for mark, marks in _JOINED_MARKS:
        found |= dict.fromkeys([each.replace(marks, mark) for each in found])
    return tuple(found)


def split_letters(text: str) -> Iterator[str]:
    """Yields the letters of a text, each with its marks and with what composes with it."""
    letter = ""
    for character in text:
        if letter and not _is_joined(letter, character):
            yield letter
            letter = ""
        letter += character
    if letter:
        yield letter


def _is_joined(letter: str, character: str) -> bool:
    if unicodedata.combining(character):
        return True
    if character < "\u0300":
        return False
    alone = unicodedata.normalize("NFKC", letter)
    return len(unicodedata.normalize("NFKC", letter + character)) <= len(alone)


@dataclass(frozen=True, slots=True)
class _FoldTable:
    alike: Mapping[str, tuple[str, ...]]
    joined: Mapping[str, tuple[str, ...]]


@cache
def _build_table() -> _FoldTable:
    """Returns what folds to what; made at the first search, of some thousand characters."""
    alike: dict[str, tuple[str, ...]] = {}
    together: dict[str, tuple[str, ...]] = {}
    for character in _list_folding_characters():
        folds = fold_text.__wrapped__(character)
        alike[folds] = (*alike.get(folds, (folds,) if len(folds) == 1 else ()), character)
        if _is_typed(character, folds):
            together[folds] = (*together.get(folds, ()), character)
    return _FoldTable(alike, together)


def _list_folding_characters() -> Iterator[str]:
    """Yields all characters that are no letter by themselves, or have case."""
    code = 0
    while code < _LAST:
        if block := next((block for block in _PLAIN if code in block), None):
            code = block.stop
            continue
        character = chr(code)
        if unicodedata.decomposition(character) or character.casefold() != character or character == "\u0131":
            yield character
        code += 1


def _is_typed(character: str, folds: str) -> bool:
    """Whether a sign is found by the letters that it stands for, too: not where those are a number or a unit."""
    if not 1 < len(list(split_letters(folds))) <= LONGEST_JOINED:
        return False
    is_said = not any(letter.isspace() or letter.isdigit() for letter in folds)
    return is_said and not unicodedata.decomposition(character).startswith(("<square>", "<fraction>"))
