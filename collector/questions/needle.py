"""What a reader looks for, as a regular expression that finds it however a sender wrote it. Pure.

A reader sees a letter; the store holds it composed or decomposed, in either case, at full width, as JSON's escape, or
within JSON that is a string of other JSON. The needle is widened, not the hay: nothing is kept twice, what was stored
before is found as well, and the cost falls to who searches. (Folding each payload when it is stored was refused: 37
microseconds of Python a payload of 420 characters, on a loaded machine, and a second copy of every text.)
"""

import re
import string
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from collector.questions import identifiers

#: Letters of a needle that count; a longer one finds what holds its beginning. RE2's automaton outgrows its memory at a
#: few hundred letters with many forms each: a million payloads took 61 s for 500 letters, and 1.4 s for 120.
LONGEST: Final = 100

_NEVER_ESCAPED: Final = frozenset(string.ascii_letters + string.digits)

_SPACE: Final = r"\s\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_SPACES: Final = rf"(?:[{_SPACE}]|\\+[nrt]|\\+u(?:000[9ad]|00a0|3000))"
_JSON_MARKS: Final = ":,{}[]"

#: Characters that nobody sees: a dashboard adds some of them so that text stays text, and a reader copies them along.
_UNSEEN: Final = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

#: Letters that are written as one or as several.
_LIGATURES: Final = {"ffi": "ﬃ", "ffl": "ﬄ", "ss": "ßẞ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "st": "ﬅﬆ"}

#: What is the same letter to somebody; case folding knows neither the dotted I nor the dotless i.
_KIN: Final = {"i": "\u0130\u0131"}

#: Text within which nothing has two forms as long as it is ASCII without escapes; what holds a needle holds its run.
_RUN: Final = re.compile(r"[a-z0-9_.@#%&=+*!?~^|;()<>$-]+")


@dataclass(frozen=True, slots=True)
class Needle:
    """What is looked for, as the store's macro `says` takes it."""

    pattern: str
    """A regular expression (RE2), to be matched without regard to case."""
    literal: str
    """In lower case; in every ASCII text without escapes that the pattern matches. A plain comparison is faster."""


def needle(text: str | None) -> Needle | None:
    """Returns what to look for; None where there is nothing.

    Args:
        text: as a reader typed or pasted it; several spaces count as one. A UUID is found with hyphens and without.
    """
    wanted = _UNSEEN.sub("", text or "").strip().strip("…").strip()
    if not wanted:
        return None
    uuids = identifiers.read(wanted).uuids
    if re.fullmatch(r"\W*(?:urn:uuid:)?\W*[0-9A-Fa-f-]{32,36}\W*", wanted) and uuids:
        id_ = uuids[0]
        return Needle(f"{id_}|{id_.hex}", str(id_)[-12:])
    folded = _folded(wanted)
    return Needle("".join(_pieces(folded)), _literal(folded[:LONGEST]))


def _literal(folded: str) -> str:
    """Returns the longest part that can't be written in two ways."""
    return max(_RUN.findall(re.sub(r"\\[nrt]", " ", folded)), key=len, default="")


def _folded(text: str) -> str:
    """Returns text in one form: no case, composed, of usual width, without JSON's escapes of letters."""
    text = re.sub(r"\\+u([0-9A-Fa-f]{4})", lambda found: chr(int(found[1], 16)), text)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return folded.replace("\u0131", "i").replace("i\u0307", "i")


def _pieces(text: str) -> Iterator[str]:
    """Yields the expression, letter by letter."""
    at, last = 0, min(len(text), LONGEST)
    while at < last:
        step, piece = _piece(text, at)
        yield piece
        at += step


def _piece(text: str, at: int) -> tuple[int, str]:
    """Returns how many characters are read, and what finds them."""
    letter = text[at]
    if letter.isspace() or letter in _JSON_MARKS:
        return _marks(text, at)
    if letter in "\\\"/'":
        return _quoted(text, at)
    for spelled, joined in _LIGATURES.items():
        if text.startswith(spelled, at):
            apart = "".join(_unit(each) for each in spelled)
            return len(spelled), f"(?:{apart}|{_one(joined[0], *joined[1:])})"
    length = 1
    while at + length < len(text) and unicodedata.combining(text[at + length]):
        length += 1
    return length, _unit(text[at : at + length])


def _marks(text: str, at: int) -> tuple[int, str]:
    """Whitespace, which stands for any; beside JSON's marks there may be none, or some that nobody typed."""
    end = at
    while end < len(text) and (text[end].isspace() or text[end] in _JSON_MARKS):
        end += 1
    marks = [each for each in text[at:end] if not each.isspace()]
    if not marks:
        return end - at, f"{_SPACES}+"
    return end - at, f"{_SPACES}*" + f"{_SPACES}*".join(_one(each) for each in marks) + f"{_SPACES}*"


def _quoted(text: str, at: int) -> tuple[int, str]:
    """Backslashes, and what JSON writes with one: a text within JSON has more of them than a reader sees, or fewer."""
    slashes = len(text[at:]) - len(text[at:].lstrip("\\"))
    after = text[at + slashes : at + slashes + 1]
    if after in ('"', "/", "'"):
        return slashes + 1, rf"(?:\\*{_one(after)})"
    if after in ("n", "r", "t") and slashes == 1:
        return slashes + 1, rf"(?:\\+{after}|\{after})"
    return slashes, r"(?:(?:\\|\\x5c|\x{ff3c}|\\+u(?:005c|ff3c))+)"


def _unit(unit: str) -> str:
    """Returns what finds a letter with its marks, however it is composed."""
    if unit == "\N{REPLACEMENT CHARACTER}":
        return "(?s:.)"  # what a dashboard shows in place of a character that is no text
    composed, apart = unicodedata.normalize("NFC", unit), unicodedata.normalize("NFD", unit)
    spelled = "".join(_one(each) for each in apart)
    if len(apart) == 1:
        return spelled + (r"\x{307}?" if apart == "i" else "")
    joined = "".join(_one(each) for each in composed)
    return f"(?:{joined}|{spelled})"


def _one(*letters: str) -> str:
    """Returns what finds one of some characters: as it is, in any width, or as JSON escapes it."""
    forms = dict.fromkeys(form for letter in letters for form in _forms(letter))
    escaped = [escape for form in forms if form not in _NEVER_ESCAPED for escape in _escapes(form)]
    plain = "".join(f"\\x{{{ord(form):x}}}" for form in forms)
    return f"(?:{'|'.join([f'[{plain}]', *escaped])})"


def _forms(letter: str) -> Iterator[str]:
    """Yields a character, its other case, and the same at another width."""
    kin = (letter, *_KIN.get(letter, ""))
    for each in (*kin, *_WIDTHS.get(letter, "")):
        yield each
        for other in (each.upper(), each.lower()):
            if len(other) == 1:
                yield other


def _escapes(letter: str) -> Iterator[str]:
    """Yields a character as JSON escapes it, and as the store writes out its bytes in what was nested too deep to be
    kept as text."""
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    yield "".join(rf"\\+u{units[at : at + 4]}" for at in range(0, len(units), 4))
    yield "".join(rf"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogatepass"))


def _widths() -> dict[str, str]:
    """Returns the full- and half-width forms of characters, in small letters."""
    found: dict[str, str] = {}
    for code in range(0xFF01, 0xFFEF):
        usual = unicodedata.normalize("NFKC", chr(code)).casefold()
        if len(usual) == 1 and unicodedata.category(chr(code)) != "Cn" and chr(code) == chr(code).lower():
            found[usual] = found.get(usual, "") + chr(code)
    return found


_WIDTHS: Final = _widths()
