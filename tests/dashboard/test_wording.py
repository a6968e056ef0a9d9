"""Numbers and times in a reader's words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dashboard import wording

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("millis", "said"),
    [
        (0, "0 ms"),
        (0.2, "<1 ms"),
        (12, "12 ms"),
        (999.4, "999 ms"),
        (999.6, "1 s"),
        (3_400, "3.4 s"),
        (59_000, "59 s"),
        (120_000, "2 min"),
        (2_460_000, "41 min"),
        (5_400_000, "1.5 h"),
        (259_200_000, "3 d"),
        (None, wording.DASH),
        (float("nan"), wording.DASH),
    ],
)
def test_a_duration_has_one_unit_and_never_reads_nan(millis: float | None, said: str) -> None:
    """Short enough for a label, true enough to decide by."""
    assert wording.duration(millis) == said


def test_a_moment_is_told_by_its_age_and_a_clock_ahead_of_ours_is_now() -> None:
    """Nobody is told that something happened in minus three seconds."""
    assert wording.ago(NOW - timedelta(minutes=41), NOW) == "41 min ago"
    assert wording.ago(NOW + timedelta(seconds=3), NOW) == "just now"


def test_a_small_share_is_not_nought() -> None:
    """One error in ten thousand is an error."""
    assert [wording.share(value) for value in (0.0, 0.0001, 0.125, 1.0, None)] == [
        "0 %",
        "<0.1 %",
        "12.5 %",
        "100 %",
        wording.DASH,
    ]


def test_text_from_data_turns_nothing_round_and_commands_nobody() -> None:
    """Whoever writes an error must not write what stands beside it; letters that are read from right to left may."""
    assert wording.plain("no\u202e money\x1b[31m\x85") == r"no⟨U\+202E⟩ money⟨U\+001B⟩\[31m⟨U\+0085⟩"
    assert wording.plain("a\tb\nc \u05e9\u05dc\u05d5\u05dd") == "\u2068a b c \u05e9\u05dc\u05d5\u05dd\u2069"


@pytest.mark.parametrize(
    "code", [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x61C, 0x200B, 0xFEFF, 0xE0041]
)
def test_what_nobody_sees_is_told_by_its_code(code: int) -> None:
    """Lines and indentation stay."""
    assert wording.visible(f"a{chr(code)}b\n\tc") == f"a⟨U+{code:04X}⟩b\n\tc"
    assert wording.tame(f"a{chr(code)}b\n\tc") == f"a⟨U+{code:04X}⟩b c"


def test_what_joins_letters_stays() -> None:
    """People write with it."""
    text = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f469\u200d\U0001f52c"
    assert wording.visible(text) == text


def test_text_from_data_is_no_markdown() -> None:
    """Nothing that a payload holds becomes a link, a tag or a badge."""
    assert wording.plain("<img onerror=x> [a](b) :red[c]\n`d`") == (r"\<img onerror=x\> \[a\]\(b\) \:red\[c\] \`d\`")


@pytest.mark.parametrize("text", ["http://a.b", "see HTTPS://a.b", "www.a.b", "ada@a.b", ":heart:", ":material/home:"])
def test_what_turns_into_a_link_or_an_icon_though_escaped_is_joined(text: str) -> None:
    """By a character without width, so that it reads the same."""
    said = wording.plain(text)
    assert "\N{WORD JOINER}" in said
    assert said.replace("\N{WORD JOINER}", "").replace("\\", "") == text


def test_what_is_spoken_has_neither_marks_nor_escapes() -> None:
    """A reader's voice would say every backslash."""
    assert wording.make_spoken_label("SHIP-0004 ![x](http://a.b/c.png)") == "SHIP-0004 x http a.b c.png"


def test_json_is_indented_and_other_text_is_left_alone() -> None:
    """A payload that is no JSON is still shown."""
    assert wording.pretty('{"a": 1}') == '{\n  "a": 1\n}'
    assert wording.pretty("not json") == "not json"


def test_text_is_clipped_between_words_and_says_so() -> None:
    """Half a number would read as another number."""
    assert wording.clip("call 0199 939070  now", 15) == "call 0199…"
    assert wording.clip("call 0199 939070", 16) == "call 0199 939070"
    assert wording.clip("x" * 30, 10) == "x" * 9 + "…"


def test_the_gist_of_a_misfit_is_its_reason() -> None:
    """Other errors stay as they are."""
    prefix = "the payload of event 01900000-0000-7000-8000-000000000007 does not fit what sms asks for: "
    assert wording.gist(f"UndecodableError: {prefix}phone: required", 80) == "UndecodableError: phone: required"
    assert wording.gist("GatewayError: down", 80) == "GatewayError: down"


def test_nobodys_words_fill_a_page() -> None:
    """An ellipsis tells what was cut; what has no name says so."""
    assert wording.plain("x" * 5_000) == "x" * (wording.LINE - 1) + "…"
    assert wording.plain("x" * 5_000, wording.MESSAGE) == "x" * (wording.MESSAGE - 1) + "…"
    assert (wording.name("a*"), wording.name(" \n")) == (r"a\*", "(no name)")
    assert len(wording.name("word " * 600)) <= wording.NAME


def test_a_moment_to_come_is_told_to_the_second() -> None:
    """In the reader's zone."""
    moment = datetime(2026, 11, 30, 8, tzinfo=UTC)
    assert wording.due(moment, timezone(timedelta(hours=1))) == "2026-11-30 09:00:00"
