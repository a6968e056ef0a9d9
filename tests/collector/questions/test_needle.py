"""What a reader sees is found, however it is written; tried with the database's own regular expressions."""

import json
import unicodedata
from collections.abc import Iterator

import pytest

from collector.questions.needle import LONGEST, needle
from collector.store.database import Database

NODE = "0197f2f3-4567-7abc-89de-f0123456789a"
SAYS = "SELECT coalesce(says($text, $literal, $pattern), false)"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database; nothing is written to it."""
    database = Database.open(tmp_path_factory.mktemp("needle") / "causeline.duckdb")
    yield database
    database.close()


def says(store: Database, text: str, wanted: str) -> bool:
    """Whether a stored text is found."""
    found = needle(wanted)
    assert found
    values = {"text": text, "literal": found.literal, "pattern": found.pattern}
    with store.reading() as session:
        return bool(session._cursor.execute(SAYS, values).fetchall()[0][0])


FOUND = {
    "an escaped letter": (json.dumps({"city": "Zürich"}), "zürich"),
    "an escape with large digits": (r"Z\u00DCRICH", "Zürich"),
    "an escape as it stands": ("Zürich", r"Z\u00fcrich"),
    "a decomposed letter": (unicodedata.normalize("NFD", "Zürich"), "Zürich"),
    "a composed letter": ("Zürich", unicodedata.normalize("NFD", "Zürich")),
    "an escape within an escape": (json.dumps({"body": json.dumps({"city": "Zürich"})}), '"city": "Zürich"'),
    "a character of two escapes": (json.dumps("good 😀"), "good 😀"),
    "Hangul": (json.dumps("한글"), unicodedata.normalize("NFD", "한글")),
    "quotes": (json.dumps({"said": 'he said "stop it"'}), '"stop it"'),
    "quotes as JSON shows them": ('he said "stop it"', r"\"stop it\""),
    "a quote as .NET escapes it": (r"{\u0022said\u0022:1}", '{"said": 1}'),
    "an apostrophe": (r"don\u0027t", "don't"),
    "a tag": (r"\u003cb\u003e", "<b>"),
    "backslashes": (json.dumps({"file": r"C:\shop\new.txt"}), r"C:\shop\new"),
    "backslashes as JSON shows them": (r"C:\shop\new.txt", r"C:\\shop\\new"),
    "slashes": (r"http:\/\/shop\/x", "http://shop/x"),
    "the end of a line": ("one\ntwo", "one two"),
    "the end of a line in JSON": (json.dumps("one\ntwo"), "one   two"),
    "the end of a line as JSON shows it": ("one\ntwo", r"one\ntwo"),
    "a space that no line ends at": ("10\u00a0km", "10 km"),
    "compact JSON": ('{"a":{"b":[1,2]}}', '{"a": {"b": [1, 2'),
    "indented JSON": ('{\n  "a": {\n    "b": 1.0\n', '{"a":{"b":1.0'),
    "case": ("ΣΊΣΥΦΟΣ", "σίσυφος"),
    "a dotted capital I": ("\u0130ST-1", "\u0130st-1"),
    "a dotted capital I as i": ("\u0130ST-1", "ist-1"),
    "an i as a dotted capital I": ("ist-1", "\u0130ST-1"),
    "a sharp s": ("Straße", "STRASSE"),
    "two s": ("STRASSE", "straße"),
    "full width": ("\uff21\uff22\uff23\uff11", "abc1"),
    "usual width": ("ABC1", "\uff41\uff42\uff43\uff11"),
    "half width": ("ｶﾞ", "ガ"),
    "ligatures": ("oﬃce", "office"),
    "per cent": ("50% off", "50%"),
    "an underscore": ("a_b", "a_b"),
    "what a dashboard adds": ("see https://shop", "see \u2060https://shop"),
    "what a dashboard can't show": ("a\x01b", "a\ufffdb"),
    "the end of an id": (NODE, f"…{NODE[-8:]}"),
    "a UUID without hyphens": (NODE.replace("-", ""), NODE),
    "a UUID with hyphens": (f'{{"order": "{NODE}"}}', NODE.replace("-", "").upper()),
}


@pytest.mark.parametrize(("text", "wanted"), FOUND.values(), ids=FOUND)
def test_what_is_shown_is_found(store: Database, text: str, wanted: str) -> None:
    """Whoever wrote it, and however it was pasted."""
    assert says(store, f"before {text} after", wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("axb", "a_b"), ("500", "50%"), ("axb", "a.b"), ("zurich", "zürich"), ("1 0", "10"), ("a", "*")],
)
def test_what_is_something_else_is_not_found(store: Database, text: str, wanted: str) -> None:
    """No sign stands for another, and an accent counts."""
    assert not says(store, text, wanted)


def test_of_a_long_text_the_beginning_counts(store: Database) -> None:
    """Or the regular expression would outgrow its memory."""
    text = "ü" * 400 + " end"
    assert says(store, json.dumps(text), text)
    assert needle(text) == needle(text[:LONGEST])


@pytest.mark.parametrize("text", [None, "", "  ", "\u2060"])
def test_nothing_is_no_needle(text: str | None) -> None:
    """A search for it would find everything."""
    assert needle(text) is None


def test_the_literal_has_one_form_only() -> None:
    """What has several is left to the pattern."""
    literals = {text: found.literal for text in ('"Zürich \\n47110"', "ABC", "ü") if (found := needle(text))}
    assert literals == {'"Zürich \\n47110"': "47110", "ABC": "abc", "ü": ""}
