"""What a reader looks for, as a regular expression that finds it however a sender wrote it. Pure.

A reader sees a letter; the store holds it composed or decomposed, in either case, at full width, as JSON's escape, or
within JSON that is a string of other JSON. The needle is widened, not the hay: nothing is kept twice, what was stored
before is found as well, and the cost falls to who searches. (Folding each payload when it is stored was refused: 37
microseconds of Python a payload of 420 characters, on a loaded machine, and a second copy of every text.)
"""

import re
import string
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from collector.questions import identifiers, letters

#: Letters of a needle that count; a longer one finds what holds its beginning. RE2's automaton outgrows its memory at a
#: few hundred letters with many forms each: a million payloads took 61 s for 500 letters, and 1.4 s for 120.
LONGEST: Final = 100

#: Characters that one letter is read from; marks in excess of these are looked for one by one.
_LONGEST_LETTER: Final = 16

#: Letters in a row within which joined signs may overlap in any way; a longer row is taken apart.
_LONGEST_ROW: Final = 5

#: Letters of a text that may be an id with signs around it.
_LONGEST_ID: Final = 500

_NEVER_ESCAPED: Final = frozenset(string.ascii_letters + string.digits)

_SPACE: Final = r"\s\x{b}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_SPACE_ESCAPES: Final = "000[9a-d]|001[c-f]|0085|00a0|1680|200[0-9a]|202[89f]|205f|3000"
_SPACES: Final = rf"(?:[{_SPACE}]|\\+[fnrt]|\\+u(?:{_SPACE_ESCAPES}))"
_JSON_MARKS: Final = ":,{}[]"

#: Characters that nobody sees: a dashboard adds some of them so that text stays text, and others join emoji.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

#: Text within which nothing has two forms as long as it is ASCII without escapes; what holds a needle holds its run.
_RUN: Final = re.compile(r"[a-z0-9_.@#%&=+*!?~^|;()<>$-]+")


@dataclass(frozen=True, slots=True)
class SearchPattern:
    """What is looked for, as the store's macro `says` takes it."""

    pattern: str
    """A regular expression (RE2), to be matched without regard to case."""
    literal: str
    """In lower case; in every ASCII text without escapes that the pattern matches. A plain comparison is faster."""
    beginning: str | None = None
    """What is found by it of a longer text; None where that is all of it."""


@dataclass(frozen=True, slots=True)
class _PatternPiece:
    """A part of a needle."""

    pattern: str
    folds: str = " "
    """What it folds to; a space for what is written in several ways even in ASCII."""
    end: int = 0
    """Where in the text it ends."""


def build_pattern(text: str | None) -> SearchPattern | None:
    """Returns what to look for; None where there is nothing.

    Args:
        text: as a reader typed or pasted it; several spaces count as one. A UUID is found with hyphens and without.
    """
    given = (text or "").strip()
    wanted = given.strip("…").strip() or given
    if not _UNSEEN.sub("", wanted).strip():
        return None
    uuids = identifiers.parse_identifier(wanted).uuids if len(wanted) <= _LONGEST_ID else ()
    if uuids and re.fullmatch(r"\W*(?:urn:uuid:)?\W*[0-9A-Fa-f-]{32,36}\W*", wanted):
        id_ = uuids[0]
        return SearchPattern(f"{id_}|{id_.hex}", str(id_)[-12:])
    meant = _unescape(wanted)
    pieces = list(_split_pieces(meant))
    folds = unicodedata.normalize("NFC", "".join(piece.folds for piece in pieces))
    beginning = meant[: pieces[-1].end] if pieces[-1].end < len(meant) else None
    return SearchPattern("".join(_list_row_patterns(pieces)), max(_RUN.findall(folds), key=len, default=""), beginning)


def _unescape(text: str) -> str:
    """Returns text without JSON's escapes, but those of letters that need none."""

    def decode_match(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return found[0] if letter in _NEVER_ESCAPED else letter

    text = re.sub(r"\\+u([0-9A-Fa-f]{4})", decode_match, text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _split_pieces(text: str) -> Iterator[_PatternPiece]:
    """Yields the parts of a needle that count, one after the other."""
    at = 0
    for _ in range(LONGEST):
        if at >= len(text):
            return
        character = text[at]
        if character.isspace() or character in _JSON_MARKS:
            step, pattern = _match_marks(text, at)
            piece = _PatternPiece(pattern)
        elif character in "\\\"/'":
            step, pattern = _match_quoted(text, at)
            piece = _PatternPiece(pattern)
        elif _UNSEEN.match(character):
            step = 1
            piece = _PatternPiece(f"{_character_pattern(character)}?", "")
        else:
            letter = next(letters.split_letters(text[at : at + _LONGEST_LETTER]))
            step = len(letter)
            piece = _PatternPiece(_letter_pattern(letter), letters.fold_text(letter))
        at += step
        yield replace(piece, end=at)


def _match_marks(text: str, at: int) -> tuple[int, str]:
    """Whitespace, which stands for any; beside JSON's marks there may be none, or some that nobody typed."""
    end = at
    while end < len(text) and (text[end].isspace() or text[end] in _JSON_MARKS):
        end += 1
    marks = [each for each in text[at:end] if not each.isspace()]
    if not marks:
        return end - at, f"{_SPACES}+"
    return end - at, f"{_SPACES}*" + f"{_SPACES}*".join(_character_pattern(each) for each in marks) + f"{_SPACES}*"


def _match_quoted(text: str, at: int) -> tuple[int, str]:
    """Backslashes, and what JSON writes with one: a text within JSON has more of them than a reader sees, or fewer."""
    slashes = len(text[at:]) - len(text[at:].lstrip("\\"))
    after = text[at + slashes : at + slashes + 1]
    if after in ('"', "/", "'"):
        return slashes + 1, rf"(?:\\*{_character_pattern(after)})"
    if after in ("n", "r", "t") and slashes == 1:
        return slashes + 1, rf"(?:\\+{after}|\{after})"
    return slashes, r"(?:(?:\\|\\x5c|\x{fe68}|\x{ff3c}|\\+u(?:005c|fe68|ff3c))+)"


def _list_row_patterns(pieces: Sequence[_PatternPiece]) -> Iterator[str]:
    """Yields the expression. Rows of letters end where no joined sign can stand for letters on both sides."""
    at = 0
    while at < len(pieces):
        looked, end = at, at + 1
        while looked < end:
            end = max(end, looked + max((length for length, _ in _find_joined_signs(pieces[looked:])), default=1))
            looked += 1
        end = min(end, at + _LONGEST_ROW)
        yield _row_pattern(pieces[at:end])
        at = end


def _row_pattern(pieces: Sequence[_PatternPiece]) -> str:
    """Returns what finds a row of letters, whichever of them are joined."""
    if not pieces:
        return ""
    ways = [pieces[0].pattern + _row_pattern(pieces[1:])]
    ways += [sign + _row_pattern(pieces[length:]) for length, sign in _find_joined_signs(pieces)]
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _find_joined_signs(pieces: Sequence[_PatternPiece]) -> Iterator[tuple[int, str]]:
    """Yields how many of the first letters can be joined, and what finds the sign, with marks that the last one has."""
    for length in range(2, min(len(pieces), letters.LONGEST_JOINED) + 1):
        folds = "".join(piece.folds for piece in pieces[:length])
        cut = len(folds)
        while cut > 1:
            if signs := letters.find_joined_signs(folds[:cut]):
                yield length, _class_pattern(signs) + "".join(map(_character_pattern, folds[cut:]))
            cut -= 1
            if not unicodedata.combining(folds[cut]):
                break


@lru_cache(4_096)
def _letter_pattern(letter: str) -> str:
    """Returns what finds a letter with its marks, however it is composed and in whatever case."""
    if letter == "\N{REPLACEMENT CHARACTER}":
        return r"(?:(?s:.)|\\+u[0-9a-f]{4})"  # what a dashboard shows in place of a character that is no text
    folds = letters.fold_text(letter)
    spelled = letters.list_spellings(letter)
    single = dict.fromkeys([each for each in spelled if len(each) == 1] + list(letters.find_alike(folds)))
    several = {
        tuple(letters.fold_text(each) for each in one): one
        for one in (*spelled, *([] if " " in folds else [folds]))
        if len(one) > 1
    }
    ways = [_class_pattern(single, spelled)] if single else []
    ways += ["".join(_character_pattern(each) for each in one) for one in several.values()]
    found = ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"
    return found + r"(?:\x{307}|\\+u0307)?" if folds == "i" else found


@lru_cache(4_096)
def _character_pattern(character: str) -> str:
    """Returns what finds a character or one that is taken for the same."""
    spelled = letters.list_spellings(character)
    return _class_pattern(dict.fromkeys((*spelled, *letters.find_alike(letters.fold_text(character)))), spelled)


def _class_pattern(characters: Iterable[str], nearest: Sequence[str] = ()) -> str:
    """Returns what finds one of some characters: as it is, or as JSON escapes it; the nearest also as bytes."""
    ones = [each for each in characters if len(each) == 1]
    plain = "".join(f"\\x{{{ord(each):x}}}" for each in ones)
    escaped = [each for each in ones if each not in _NEVER_ESCAPED]
    if any(each in _NEVER_ESCAPED for each in ones):  # mathematical letters, which nobody escapes that types plain ones
        escaped = [each for each in escaped if each <= "\uffff" or each in nearest]
    ways = [f"[{plain}]"]
    if escaped:
        ways.append(rf"\\+u(?:{'|'.join(map(_utf_16_escapes, escaped))})")
        ways += [_byte_escapes(each) for each in escaped if each in nearest]
    if "\b" in ones:
        ways.append(r"\\+b")
    return ways[0] if len(ways) == 1 else f"(?:{'|'.join(ways)})"


def _utf_16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return r"\\+u".join(units[at : at + 4] for at in range(0, len(units), 4))


def _byte_escapes(character: str) -> str:
    """Returns a character as the store writes out the bytes of what was nested too deep to be kept as text."""
    return "".join(rf"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
