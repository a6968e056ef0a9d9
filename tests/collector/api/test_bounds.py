"""Answers of a size that a page can take, however much somebody sent."""

import json

import pytest

from collector.api.bounds import ANSWER_MOST, MARK, SMALL, bound_answer

SHORT = {"a": 1, "b": ["x", None, 1.5, True, "ü"]}


def after(content: object, most: int = ANSWER_MOST, full: str = "") -> object:
    """What is sent of an answer."""
    body = bound_answer(json.dumps(content).encode(), most, full)
    return json.loads(body)


def test_a_small_answer_goes_through_byte_by_byte() -> None:
    """It is not even read."""
    body = json.dumps(SHORT, indent=3).encode()
    assert bound_answer(body) is body


def test_a_long_text_is_cut_with_a_mark_that_says_how_long_it_is() -> None:
    """At any depth; the rest is as it was."""
    answer = after({**SHORT, "list": [{"deep": "ü" * 50_000}]})
    assert answer == {**SHORT, "list": [{"deep": "ü" * SMALL + f"… {MARK}16,384 of 50,000 characters]"}]}


@pytest.mark.parametrize("letter", ['"', "\\", '\\"', "\x00", "ü", ",", "\n"])
def test_a_long_text_is_cut_whatever_it_is_made_of(letter: str) -> None:
    """JSON escapes some letters, and what looks like its end may be none."""
    long = letter * (SMALL + 100)
    answer = after([{"short": long[:50]}, long])
    assert isinstance(answer, list)
    assert answer[0] == {"short": long[:50]}
    assert answer[1] == f"{long[:SMALL]}… {MARK}{SMALL:,} of {len(long):,} characters]"


def test_a_large_answer_of_short_texts_goes_through_byte_by_byte() -> None:
    """It is not taken apart."""
    body = json.dumps([SHORT] * 10_000, indent=1).encode()
    assert len(body) > SMALL
    assert bound_answer(body) is body


@pytest.mark.parametrize(("key", "place"), [("plain", "/list/1/plain"), ("a/b~c", "/list/1/a~1b~0c"), ("", "/list/1/")])
def test_one_value_is_had_whole(key: str, place: str) -> None:
    """By its place, although the answer grows by it; the others stay cut."""
    long = "x" * (ANSWER_MOST + 1)
    answer = after({"list": ["y" * 50_000, {key: long}]}, full=place)
    assert isinstance(answer, dict)
    assert answer["list"][1] == {key: long}
    assert MARK in answer["list"][0]


def test_many_texts_share_what_there_is() -> None:
    """Each is cut shorter, so that none has to be left out."""
    answer = after({"nested": [{"prompt": "x" * 10_000} for _ in range(500)]}, 1_000_000)
    assert isinstance(answer, dict)
    assert len(answer["nested"]) == 500
    assert len(json.dumps(answer)) < 1_000_000
    assert all(MARK in item["prompt"] for item in answer["nested"])


def test_many_keys_are_cut_with_a_mark() -> None:
    """The first are kept."""
    answer = after({"attributes": {f"key {number}": "x" * 99 for number in range(3_000)}})
    assert isinstance(answer, dict)
    assert len(answer["attributes"]) == 2_001
    assert answer["attributes"]["…"] == f"{MARK}1,000 of 3,000 keys are not shown]"


def test_what_can_say_that_it_is_cut_has_fewer_items() -> None:
    """Of its longest list the first."""
    answer = after({"spans": [{"n": number} for number in range(50_000)], "few": [1, 2], "truncated": False}, 100_000)
    assert isinstance(answer, dict)
    assert answer["truncated"] is True
    assert answer["few"] == [1, 2]
    assert [span["n"] for span in answer["spans"]] == list(range(len(answer["spans"])))
    assert 50_000 < len(json.dumps(answer)) < 150_000


@pytest.mark.parametrize("full", ["/nowhere", "/list/99", "/list/x/y", "list", "/"])
def test_a_place_where_nothing_is_changes_nothing(full: str) -> None:
    """The answer is as without it."""
    content = {"list": ["x" * 50_000]}
    assert after(content, full=full) == after(content)
