"""JSON in which nothing stands that a secret has is not read, and what is not read holds none."""

import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.redaction.patterns import KEYS as KEY_PATTERNS
from runtime.redaction.patterns import PATTERNS, Pattern
from runtime.redaction.redactor import Redactor
from runtime.redaction.secret_hints import SecretHints
from runtime.redaction.words import SECRET_WORDS, SecretWords
from tests.runtime.redaction.samples import ARGUMENTS, COMMANDS, KEYS, OTHER_KEYS, OTHER_TEXTS, SECRET, TEXTS

REDACTOR: Final = Redactor()
SECRETS: Final = [*TEXTS, *OTHER_TEXTS, *COMMANDS, *KEYS.values(), *OTHER_KEYS.values()]
LISTS: Final = [list(one) for one in ARGUMENTS]

#: What signs, and what goes with them, are made of.
PIECES: Final = st.sampled_from(
    [
        *(
            "api",
            "access",
            "key",
            "keys",
            "Key",
            "_",
            "-",
            " ",
            "pass",
            "auth",
            "Auth",
            "otp",
            "zip",
            "unzip",
            "set",
            "x1",
        ),
        *("config", "configure", ".exe", "/usr/bin/", "saml", "response", "connection", "string", "code", "verifier"),
        *("--", "<", "token", "Password", "://", ":", "@", "a.b", "name", "value", "sk", "re_", "pat", ".", "1", "Ä"),
        *(one for one in SECRETS if not set(one) & set('"\\\n')),
    ]
)
TEXT: Final = st.lists(PIECES, max_size=5).map("".join)
VALUES: Final = st.recursive(
    TEXT | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(TEXT, VALUES, min_size=1, max_size=3), st.booleans())
def test_what_is_not_read_holds_no_secret(payload: dict[str, Any], narrow: bool) -> None:
    """What JSON is not read says the same as if it were; with spaces in it or without."""
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":") if narrow else None)
    assert REDACTOR.text(text) == REDACTOR.json(text)


@pytest.mark.parametrize("items", LISTS, ids=str)
def test_arguments_of_commands_are_read(items: list[str]) -> None:
    """Also where a command's name is one that many words end with."""
    text = json.dumps({"argv": items})
    assert SECRET not in REDACTOR.text(text)


@pytest.mark.parametrize(
    "payload",
    [
        {"order": "o-0000001", "weight": 3.5, "route": ["AMS", "FRA"], "note": "x" * 215, "sent": 1795875805.459},
        {"author": "Ann", "country": "LS", "zip": "LS1 4AP", "offset": 5, "assets": ["a.png"]},
        {"task": "ask about risk", "path": "src/patient.py", "score_total": 0.75, "url": "https://shop.example/a?b=c"},
        {"response": "2026-11-28T14:00:00Z", "string": "<b>bold</b> -- and so on", "configuration": "default"},
    ],
)
def test_payloads_of_every_day_are_not_read(payload: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dates, numbers, hyphens, addresses, and words that hold others."""

    def refused(*_: object, **__: object) -> None:
        raise AssertionError("it was read")

    text = json.dumps(payload)
    monkeypatch.setattr(json, "loads", refused)
    assert REDACTOR.text(text) == text


@pytest.mark.parametrize("pattern", [one for one in (*PATTERNS, *KEY_PATTERNS) if one.mark], ids=lambda one: one.mark)
def test_what_a_mark_stands_for_has_it(pattern: Pattern) -> None:
    """Each secret of its kind among the samples, of which there is one at least."""
    alone = Redactor((), (pattern,), ())
    found = [text for text in SECRETS if alone.text(text) != text]
    assert found
    traces = SecretHints((pattern,), SecretWords(()))
    assert all(traces.are_in(text.lower()) for text in found)


@pytest.mark.parametrize("phrase", SECRET_WORDS)
def test_each_word_is_read_about(phrase: str) -> None:
    """In any spelling of a key."""
    first, *rest = phrase.split()
    camel = first + "".join(word.capitalize() for word in rest)
    for key in (phrase, phrase.replace(" ", "_"), phrase.replace(" ", ""), phrase.replace(" ", "1"), camel):
        assert SECRET not in REDACTOR.text(json.dumps({key: SECRET}))


@pytest.mark.parametrize(
    "hostile", ["://", "://a@", "auth", "auth'", 'pass"', ".abcdefg", "'set  ", "re_", "sk", "pat"]
)
def test_hostile_texts_take_no_more_than_their_length(hostile: str) -> None:
    """A quarter of a megabyte within JSON; an expression that looks back and forth would never end."""
    SecretHints((*PATTERNS, *KEY_PATTERNS), SecretWords(SECRET_WORDS)).are_in(hostile * (2**18 // len(hostile)))
