"""What of a payload may travel."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.redaction.redactor import Redactor
from runtime.telemetry.redaction import PAYLOAD_LIMIT, redact_payload

SECRET = Redactor()


def test_values_of_secret_keys_are_replaced_at_any_depth():
    """Whatever the case of the key and the shape of the value; other keys stay."""
    data = {"user": "ada", "PassWord": "p", "list": [{"token": {"deep": 1}}, {"tokens": 3}], "api_key": "k"}
    assert json.loads(redact_payload(json.dumps(data), SECRET)) == {
        "user": "ada",
        "PassWord": "[redacted]",
        "list": [{"token": "[redacted]"}, {"tokens": 3}],
        "api_key": "[redacted]",
    }


def test_a_key_written_with_escapes_is_still_found():
    """The payload is parsed, not searched."""
    assert redact_payload('{"pass\\u0077ord": "p"}', SECRET) == '{"password":"[redacted]"}'


def test_what_holds_no_secret_stays_as_it_was_written():
    """Numbers and spaces included."""
    assert redact_payload('{"price": 1.50,  "n": 1e2}', SECRET) == '{"price": 1.50,  "n": 1e2}'


@pytest.mark.parametrize("data", ["password=hunter2", "", "[" * 100_000, '{"password": '])
def test_what_is_no_json_does_not_travel(data: str):
    """Nobody can say where its secrets are."""
    assert redact_payload(data, SECRET) == ""


@given(st.text(min_size=0, max_size=200), st.integers(min_value=60, max_value=300))
def test_a_cut_payload_fits_is_valid_and_says_so(text: str, limit: int):
    """Cut on a border of characters; the note counts into the limit."""
    data = json.dumps(text, ensure_ascii=False)
    shown = redact_payload(data, SECRET, limit)
    assert len(shown.encode()) <= limit
    if len(data.encode()) <= limit:
        assert shown == data
    else:
        kept, note = shown.rsplit("... [cut: ", 1)
        assert data.startswith(kept)
        assert note == f"{len(data.encode())} bytes in all]"


def test_the_limit_is_eight_kibibytes():
    """As the design says."""
    assert len(redact_payload(json.dumps("x" * 20_000), SECRET).encode()) == PAYLOAD_LIMIT == 8192
