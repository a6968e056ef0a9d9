"""Many texts are searched at once, and none that holds a secret is overlooked for its neighbours."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

from collector.otlp.redaction import suspicion
from collector.otlp.redaction.suspicion import Suspicion
from runtime.redaction.redactor import Redactor
from tests.runtime.redaction.samples import ARGUMENTS, COMMANDS, HARMLESS, KEYS, OTHER_KEYS, OTHER_TEXTS, TEXTS

REDACTOR = Redactor()
IN_TEXTS = Suspicion(REDACTOR.suspicion())
IN_BYTES = Suspicion(REDACTOR.suspicion(in_bytes=True), in_bytes=True)

SECRETS = [*TEXTS, *OTHER_TEXTS, *COMMANDS, *KEYS.values(), *OTHER_KEYS.values()]
VALUES = st.lists(
    st.none() | st.sampled_from([*SECRETS, *HARMLESS, "", "-----BEGIN RSA PRIVATE KEY-----", "Zürich", "token", "="])
)


@settings(max_examples=100)
@given(VALUES)
def test_a_text_that_changes_is_found_among_any_others(texts: list[str | None]) -> None:
    """A match that begins in one and goes on into the next hides nothing."""
    found = IN_TEXTS.find_matches(pa.array(texts, pa.string())).to_pylist()
    changed = [text is not None and REDACTOR.text(text) != text for text in texts]
    assert [text for text, is_found, has in zip(texts, found, changed, strict=True) if has and not is_found] == []


@settings(max_examples=50)
@given(st.lists(st.sampled_from(SECRETS)))
def test_a_map_with_a_secret_is_found_among_any_others(texts: list[str]) -> None:
    """They are searched as the bytes that they are."""
    maps = [KeyValueList(values=[KeyValue(key="a", value=AnyValue(string_value=text))]) for text in texts]
    found = IN_BYTES.find_matches(pa.array([each.SerializeToString() for each in maps], pa.binary()))
    assert found.to_pylist() == [True] * len(texts)


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_a_list_with_a_secret_is_found(arguments: list[str]) -> None:
    """Its items stand apart there."""
    items = ArrayValue(values=[AnyValue(string_value=text) for text in arguments])
    assert IN_BYTES.find_matches(pa.array([items.SerializeToString()], pa.binary())).to_pylist() == [True]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([], []),
        ([None, None], [False, False]),
        (["", "a", "xx"], [False, False, True]),
        (["xx y", "y xx", "xx"], [False, False, True]),
        (["x\ny", None, "b1", "b", "1"], [True, False, True, False, False]),
    ],
)
def test_ends_of_texts_are_ends_to_an_expression(values: list[Any], found: list[bool]) -> None:
    """As they are where each is searched alone."""
    assert Suspicion("^x+$|b[0-9]").find_matches(pa.array(values, pa.string())).to_pylist() == found


def test_a_part_of_a_column_is_searched_alone() -> None:
    """What Arrow shares with others is not looked at."""
    values = pa.array(["x", "a", None, "x", "b", "x"])
    assert Suspicion("x").find_matches(values.slice(1, 4)).to_pylist() == [False, False, True, False]


def test_texts_are_searched_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is larger than a portion is searched alone."""
    monkeypatch.setattr(suspicion, "_PORTION", 10)
    values = ["x", "aaaa", "x" + "a" * 40, "x", None, "aaaa", "aaaa", "aaaa", "x", "a" * 40 + "x", "a"]
    found = Suspicion("x").find_matches(pa.array(values)).to_pylist()
    assert found == [value is not None and "x" in value for value in values]
