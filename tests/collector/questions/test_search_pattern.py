"""What a reader sees is found, however it is written; tried with the database's own regular expressions."""

import json
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from collector.questions.search_pattern import LONGEST, build_pattern
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
    found = build_pattern(wanted)
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
    "letters in part composed": ("Vi\u00ea\u0323t", "Việt"),
    "a mark that stands for two after a composed letter": ("\u00c0\u0344", "\u00c0\u0308\u0301"),
    "marks in another order": ("a\u0315\u0300", "a\u0315\u0300"),
    "a final sigma": (json.dumps("Οδυσσεύς"), "ΟΔΥΣΣΕΎΣ"),
    "a long s": (json.dumps("Wa\u017f\u017fer"), "wasser"),
    "a micro sign": (json.dumps("5 µs"), "5 μs"),
    "a sign that looks like its letters": ("CO₂ in 25 m²", "co2 in 25 m2"),
    "letters for a sign": ("Acme™, wait… ㈱, ĳs, Ⅳ", "acmetm, wait... (株), ijs, iv"),
    "joined letters that overlap": ("ﬀi fﬁ ﬃ", "FFI FFI FFI"),
    "an emoji that was joined": ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    "an escape that needs none": (r"say \u0041", r"say \u0041"),
    "the end of a page in JSON": (json.dumps("a\fb"), "a\fb"),
    "an ellipsis alone": ("…", "…"),
    "a UUID without hyphens": (NODE.replace("-", ""), NODE),
    "a UUID with hyphens": (f'{{"order": "{NODE}"}}', NODE.replace("-", "").upper()),
}


@pytest.mark.parametrize(("text", "wanted"), FOUND.values(), ids=FOUND)
def test_what_is_shown_is_found(store: Database, text: str, wanted: str) -> None:
    """Whoever wrote it, and however it was pasted."""
    assert says(store, f"before {text} after", wanted)


SCRIPTS = (
    *(
        "m²",
        "CO₂",
        "wait… done",
        "น้ำแข็ง",
        "ทำงาน",
        "ㅋㅋㅋ",
        "և",
        "½ cup",
        "™",
        "1º",
        "①",
        "20 ℃",
        "㈱山田",
        "Ⅳ",
        "don\u00b4t",
    ),
    *(
        "ﷺ",
        "Tiếng Việt",
        "क़लम",
        "שּׁלום",
        "3¾",
        "👨\u200d👩\u200d👧",
        "5 µs",
        "Å",
        "oﬃce",
        "ǆep",
        "ĳs",
        "ǋ",
        "Wa\u017f\u017fer",
        "K",
        "\u180e x",
    ),
    *(
        "x⁴",
        "Οδυσσεύς",
        "İı",
        "i\u0307",
        "ᾳ ᾼ",
        "ŉ",
        "ΐ",
        "ǰ",
        "ß ẞ",
        "\x1b[31m",
        "ab\x00c",
        "\b",
        "\x7f",
        "a.*(b)[c]{2}+?^$|d",
    ),
    *(
        "C:\\new\\table",
        "ㅎㅏㄴ",
        "한글",
        "ｶﾞ",
        "ﾊﾝ",
        "㎏",
        "\U0001d41a\U0001d483",
        "𐐨",
        "🇩🇪",
        "\ufe0f",
        "“fine”",
        "\u00b4",
        "¨",
        "\uff49\u0307",
    ),
)


def forms(text: str) -> list[str]:
    """How senders write a text."""
    return [
        text,
        json.dumps(text, ensure_ascii=False),
        json.dumps(text),
        json.dumps(json.dumps(text)),
        unicodedata.normalize("NFD", text),
        unicodedata.normalize("NFC", text),
    ]


def typed(text: str) -> list[str]:
    """How readers write it."""
    composed = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    return [each for one in (text, *composed) for each in (one, one.lower(), one.upper())]


def missed(store: Database, text: str) -> list[tuple[str, str]]:
    """Forms in which a text is not found."""
    return [
        (ascii(sent), ascii(wanted))
        for sent in dict.fromkeys(forms(text))
        for wanted in dict.fromkeys(typed(text))
        if not says(store, sent, wanted)
    ]


@pytest.mark.parametrize("text", SCRIPTS)
def test_a_text_of_any_script_is_found_by_itself(store: Database, text: str) -> None:
    """Composed or decomposed, in either case, and escaped."""
    assert missed(store, text) == []


#: A mark below an iota is a letter in capitals, and moves among other marks.
ASSIGNED = [
    chr(code)
    for code in range(sys.maxunicode)
    if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co") and code != 0x345
]
FOLDING = [each for each in ASSIGNED if unicodedata.normalize("NFKC", each).casefold() != each]
CHARACTERS = st.sampled_from(ASSIGNED) | st.sampled_from(FOLDING) | st.sampled_from("abfist .,\\\"'/{}nu")


@pytest.mark.parametrize("text", ["\0\u0344", "a\u0344b", "\u0f40\u0f73", "\u0f40\u0f75", "\u0f40\u0f81"])
def test_a_mark_that_stands_for_two_is_found_by_both(store: Database, text: str) -> None:
    """Unicode has four of them, which no form composes."""
    assert missed(store, text) == []


@settings(max_examples=40)
@given(st.lists(CHARACTERS, min_size=1, max_size=6).map("".join))
def test_any_text_is_found_by_itself(store: Database, text: str) -> None:
    """Whatever characters Unicode has."""
    assume(build_pattern(text))
    assert missed(store, text) == []


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
    found = build_pattern(text)
    assert found
    assert found == replace(build_pattern(text[:LONGEST]) or found, beginning=text[:LONGEST])
    assert build_pattern(text[:LONGEST]).beginning is None


def test_signs_without_end_are_read_at_once(store: Database) -> None:
    """Nothing is tried from each place of a text that somebody pasted."""
    for sign in "-( '":
        assert build_pattern(f"x{sign * 100_000}x")


@pytest.mark.parametrize("text", [None, "", "  ", "\u2060"])
def test_nothing_is_no_needle(text: str | None) -> None:
    """A search for it would find everything."""
    assert build_pattern(text) is None


def test_the_literal_has_one_form_only() -> None:
    """What has several is left to the pattern."""
    literals = {text: found.literal for text in ('"Zürich \\n47110"', "ABC", "ü") if (found := build_pattern(text))}
    assert literals == {'"Zürich \\n47110"': "47110", "ABC": "abc", "ü": ""}
