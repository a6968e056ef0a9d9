"""Takes secrets out of texts and values. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from runtime.redaction import literals
from runtime.redaction.command_lines import COMMANDS, find_secret_items
from runtime.redaction.pattern_set import PatternSet
from runtime.redaction.patterns import KEY_RUN, KEYS, PATTERNS, REDACTED, Pattern, assignments
from runtime.redaction.prose_secrets import find_prose_secret
from runtime.redaction.secret_hints import SecretHints
from runtime.redaction.signs import Signs
from runtime.redaction.unquoted_values import find_value_end
from runtime.redaction.words import LAST_WORDS, SECRET_WORDS, SecretWords

#: Keys whose answer is remembered.
_REMEMBERED: Final = 4_096

#: Nothing shorter holds a secret.
_SHORTEST: Final = 6

#: Texts within texts that are opened.
_DEEPEST: Final = 8


#: What gives a value to a name, or stands between them; or letters and digits as in keys that are told in words.
_GIVEN: Final = re.compile(r"""[:=]|%3|["']\\?,|[0-9][A-Za-z]|[A-Za-z][0-9]""")
_RUN: Final = re.compile(KEY_RUN)

#: How ids are written, as `str` does it of a UUID.
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_ID_LENGTH: Final = 36


def _spell_cases(*words: str) -> frozenset[str]:
    """Returns words in the cases in which keys are written."""
    return frozenset(spelled for word in words for spelled in (word, word.capitalize(), word.upper()))


#: Where an object says a name, and where its value: headers, variables and labels are often written so.
NAMES: Final = _spell_cases("name", "key", "k", "header", "variable", "id", "field", "parameter")
VALUES: Final = _spell_cases("value", "v", "val")

#: Stands for any name of a secret.
_SECRET: Final = "secret"  # noqa: S105 a word


class _AssignedSecrets:
    """Finds what is given to names of secrets, in text of any form."""

    def __init__(self, words: SecretWords) -> None:
        self._signs = Signs(dict.fromkeys(words.signs(), (True,)))
        self._word = re.compile(words.in_lower_case())
        self.patterns = assignments(words.expression())
        self._expressions = [re.compile(one.expression, re.ASCII) for one in self.patterns]
        self._unquoted = self._expressions[-1] if self._expressions else None

    def clean(self, text: str) -> str:
        """The text without it."""
        lower = _lower(text)
        if not self._signs.are_in(lower, frozenset(lower)):
            return text
        return "".join(self._clean_pieces(text, lower))

    def _clean_pieces(self, text: str, lower: str) -> Iterator[str]:
        done = at = 0
        while word := self._word.search(lower, at):
            at = word.start() + 1  # a shorter word may begin within one that nothing is given to: `db-password=x`
            if text[word.end() : word.end() + 1].isalpha():
                continue  # it is a part of another, such as `tokens`, and no name
            for expression in self._expressions:
                if found := expression.match(text, word.start()):
                    yield text[done : found.end(1)]
                    yield REDACTED
                    done = at = (
                        found.end()
                        if expression is not self._unquoted
                        else find_value_end(text, word.start(), found.end())
                    )
                    break
            else:
                if told := find_prose_secret(text, word.end()):
                    yield text[done : told[0]]
                    yield REDACTED
                    done = at = told[1]
        yield text[done:]


def _drop_counts(expression: str) -> str:
    """Returns an expression that finds what another does, and more: it does not count how often something repeats. To
    RE2 each count is as many states, and with so many it searches two to three times slower."""
    return re.sub(r"\{(\d+)(?:,\d*)?\}", lambda count: "*" if count[1] == "0" else "+", expression)


class Redactor:
    """Takes secrets out of texts and values.

    Args:
        words: what a key says of a secret value; see `SecretWords`.
        patterns: how secrets look.
        keys: how keys look, which all hold many letters in a row.
    """

    def __init__(
        self,
        words: Iterable[str] = SECRET_WORDS,
        patterns: Iterable[Pattern] = PATTERNS,
        keys: Iterable[Pattern] = KEYS,
    ) -> None:
        self._words = SecretWords(words)
        self._has_words = bool(self._words.expression())
        self._given = _AssignedSecrets(self._words)
        patterns, keys = tuple(patterns), tuple(keys)
        self._are_ids_harmless = set(patterns) <= set(PATTERNS) and set(keys) <= set(KEYS)
        self._looks, self._keys = PatternSet(patterns), PatternSet(keys)
        self._patterns = (*patterns, *keys)
        self._traces = SecretHints(self._patterns, self._words)
        self.is_secret = lru_cache(_REMEMBERED)(self._words.are_in)

        self.is_idle = not self._patterns and not self._has_words
        """Whether it knows of no secrets and leaves all as it is."""

    def is_harmless_id(self, text: str) -> bool:
        """Whether a text is a UUID as ids are written here, and so none that `text` would change: only a pattern of a
        user's own could find that."""
        return self._are_ids_harmless and len(text) == _ID_LENGTH and _ID.fullmatch(text) is not None

    def suspicion(self, *, in_bytes: bool = False) -> str:
        """A regular expression that finds all texts that `text` may change, and others: few enough to look at.

        Args:
            in_bytes: whether it is for messages in protobuf, where nothing stands between a key and its value.
        """
        words = self._words.expression()
        given, told = r"""[^":=]*["'\\\s]*[:=,%}\]]""", "[^0-9A-Za-z][^0-9]*[0-9]"
        keys = [words if in_bytes else f"{words}(?:{given}|{told})"] if words else []
        if words:
            lasts = f"(?i:{'|'.join(sorted(LAST_WORDS))})"
            keys.append(
                rf"{lasts}[^A-Za-z]*(?:[\n\x12,]|$)" if in_bytes else rf"""{lasts}[^A-Za-z":=]*["'\\\s]*[:=,%}}\]]"""
            )
            # An item of a list ends with a quote, or with the field of the next one.
            # So items of a list begin and end.
            before, behind = ("[^A-Za-z]", r"""(?:\n|\\*["'])""") if in_bytes else (r"""["'/]""", r"""\\*["']""")
            keys.append(rf"{before}(?:{'|'.join(COMMANDS)})(?:\.exe)?{behind}")
            keys.append("-[uU]" if in_bytes else r"""-[uU]\\*["']""")
        hidden = r"\\u00[2-7]"  # a letter that a JSON text escapes although it need not
        looks = [pattern.anywhere() if in_bytes else pattern.expression for pattern in self._patterns]
        return _drop_counts("|".join([*(f"(?:{look})" for look in looks), *keys, hidden]))

    def text(self, text: str) -> str:
        """The text without secrets: where it is JSON by its keys and values, else by how it looks."""
        return self._redact_text(text, 0)

    def value(self, key: str, value: Any) -> Any:
        """What may be told of a value: text, a number, or a list or dictionary of such.

        Args:
            key: its name. Of a secret neither numbers nor truth values nor None are replaced: they count or limit it.
            value: of any type; what is no text, list or dictionary stays.
        """
        if self._is_secret_value(key, value):
            return REDACTED
        return self._redact_value(value, 0)

    def json(self, text: str) -> str:
        """A JSON text without secrets; what holds none stays as it was written.

        Raises:
            ValueError: when it is no JSON.
            RecursionError: when it is nested too deeply to be read.
        """
        return self._redact_json(text, 0)

    def _redact_text(self, text: str, depth: int) -> str:
        if len(text) < _SHORTEST:
            return text
        if depth < _DEEPEST and text.lstrip()[:1] in ("{", "[", '"'):
            if self._is_plainly_clean(text):
                return text
            try:
                return self._redact_json(text, depth + 1)
            except (ValueError, RecursionError):
                pass
        lower = _lower(text)
        letters = frozenset(lower)
        clean = self._looks.clean(text, lower, letters)
        if _RUN.search(text):
            clean = self._keys.clean(clean, lower, letters)
        if self._has_words:
            clean = literals.redact_literals(clean, self.is_secret)
        return self._given.clean(clean) if _GIVEN.search(clean) else clean

    def _is_plainly_clean(self, text: str) -> bool:
        """Whether a text holds no sign of any secret, nor an escape that may hide one: it need not be read."""
        return "\\" not in text and not self._traces.are_in(_lower(text))

    def _redact_json(self, text: str, depth: int) -> str:
        changed = False

        def redact_pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
            nonlocal changed
            answer = {}
            for key, value in items:  # also where a key is there twice, of which a dictionary keeps the last
                answer[key] = REDACTED if self._is_secret_value(key, value) else self._redact_leaf(value, depth)
                changed = changed or answer[key] is not value
            for key in self._find_secret_keys(answer):
                answer[key], changed = REDACTED, True
            return answer

        value = json.loads(text, object_pairs_hook=redact_pairs)
        clean = self._redact_leaf(value, depth)
        # Parsing would change how numbers look.
        return json.dumps(clean, ensure_ascii=False, separators=(",", ":")) if changed or clean is not value else text

    def _is_secret_value(self, key: str, value: Any) -> bool:
        if isinstance(value, str | list | tuple | dict | bytes) and value != REDACTED:
            return len(value) > 0 and (key is _SECRET or self.is_secret(key))
        return False

    def _find_secret_keys(self, answer: Mapping[str, Any]) -> list[str]:
        """Which keys of an object hold a secret whose name is the value of another key."""
        if NAMES.isdisjoint(answer) or VALUES.isdisjoint(answer):
            return []
        if not any(self.is_secret(answer[name]) for name in NAMES & answer.keys() if isinstance(answer[name], str)):
            return []
        return [key for key in answer if key in VALUES and self._is_secret_value(_SECRET, answer[key])]

    def _redact_leaf(self, value: Any, depth: int) -> Any:
        """A text, or the texts of a list; dictionaries are clean already. The same object where nothing changes."""
        if isinstance(value, str):
            clean = self._redact_text(value, depth)
            return value if clean == value else clean
        if isinstance(value, list):
            hidden = find_secret_items(value, self.is_secret)
            inside = [
                REDACTED if place in hidden and item != REDACTED else self._redact_leaf(item, depth)
                for place, item in enumerate(value)
            ]
            return value if all(new is old for new, old in zip(inside, value, strict=True)) else inside
        return value

    def _redact_value(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return self._redact_text(value, depth)
        if isinstance(value, dict):
            hidden = self._find_secret_keys(value)
            return {
                key: REDACTED
                if key in hidden or self._is_secret_value(str(key), inner)
                else self._redact_value(inner, depth)
                for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            places = find_secret_items(value, self.is_secret)
            return type(value)(
                REDACTED if place in places else self._redact_value(inner, depth) for place, inner in enumerate(value)
            )
        return value


#: Leaves all as it is.
IDLE: Final = Redactor((), (), ())


def _lower(text: str) -> str:
    """The text in lower case, letter for letter: `str.lower` makes two of some letters that ASCII lacks."""
    return (
        text.lower()
        if text.isascii()
        else text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    )
