"""What spans carry of inputs and results: all of it where it is short, else its beginning, and no secret."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.redaction.redactor import Redactor
from runtime.telemetry.copies import VALUE_LIMIT, Copies
from tests.runtime.redaction.samples import KEYS, SECRET
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import record

COPIES = Copies(Redactor())


class Card(BaseModel):
    """What a handler may be given."""

    owner: str
    pin: SecretStr
    scan: bytes
    inner: str = Field(default="unseen", repr=False)


@dataclass
class Job:
    """What a step may return."""

    name: str
    key: str = field(repr=False, default="unseen")


def stored(value: Any) -> Encoded:
    """A value as it lies in the store."""
    return Encoded.parse(encode(value, "it").text)


def test_inputs_are_told_by_key():
    """Natural JSON as it is stored, models as their fields."""
    told = COPIES.inputs({"order": stored({"id": 7}), "sort": stored(Job("a")), "note": stored("é")})
    assert json.loads(told) == {"order": {"id": 7}, "sort": {"name": "a", "key": "unseen"}, "note": "é"}


def test_pydantic_secrets_are_masked_and_bytes_counted():
    """Whatever their keys are called."""
    card = Card(owner="Ada", pin=SecretStr(SECRET), scan=b"\x00\x01\x02")
    told = json.loads(COPIES.inputs({"card": stored(card)}))["card"]
    assert told["pin"] == "**********"
    assert told["scan"] == "[binary: 3 bytes]"
    assert json.loads(COPIES.result(encode([card] * 2, "it"), ""))[1] == told
    raw = COPIES.result(card, "")
    assert json.loads(raw) == {"owner": "Ada", "pin": "**********", "scan": "[binary: 3 bytes]"}


def test_what_may_not_be_told_has_its_key_alone():
    """So that nobody takes it for an input that is not there."""
    assert json.loads(COPIES.inputs({"a": None, "b": stored(1)})) == {"a": "[not recorded]", "b": 1}


@pytest.mark.parametrize("size", [9_000, 2_000_000])
def test_a_long_input_leaves_the_short_ones_whole(size: int):
    """All of it is JSON, and fits."""
    long = {"docs": [{"id": at, "text": "word " * 30} for at in range(size // 150)]}
    given = {"long": stored(long), "text": stored("x" * size), "short": stored({"id": 7, "note": "y" * 300})}
    told = COPIES.inputs(given)
    assert len(told.encode()) <= VALUE_LIMIT
    read = json.loads(told)
    assert read["short"] == {"id": 7, "note": "y" * 300}
    assert read["long"]["docs"][0]["id"] == 0
    assert read["text"].startswith("xxx")
    assert "… [cut: " in read["text"]
    assert "… [cut: " in json.dumps(read["long"], ensure_ascii=False)


def test_marks_say_how_much_there_is():
    """Items of lists, characters of texts."""
    told = json.loads(COPIES.result(encode({"ids": list(range(5_000)), "text": "x" * 90_000}, "it"), ""))
    assert told["ids"][-1].endswith("of 5,000 items]")
    assert told["text"] == "x" * 4_096 + "… [cut: 4,096 of 90,000 characters]"


def test_a_secret_in_a_long_value_is_taken_out_before_it_is_cut():
    """Also one that stands where texts are cut, and one of which only the name of its key tells."""
    for before in range(200, 12_400, 199):
        text = "x" * before + " " + KEYS["openai"]
        told = COPIES.result(encode({"text": text, "password": SECRET, "more": ["y" * 5_000] * 9}, "it"), "")
        given = COPIES.inputs({"text": stored([text, ["y" * 5_000] * 9]), "password": stored(SECRET)})
        for copy in (told, given):
            assert KEYS["openai"][:12] not in copy
            assert SECRET not in copy


def test_a_large_value_of_a_model_is_told_by_its_size():
    """What says which of it is secret stands at its end."""
    cards = [Card(owner="Ada", pin=SecretStr(SECRET), scan=b"") for _ in range(15_000)]
    text = encode(cards, "it").text
    assert len(text) > 1_000_000 - 300_000
    told = COPIES.inputs({"cards": Encoded.parse(text + " " * 1_000_000)})
    assert json.loads(told)["cards"].endswith(" bytes]")
    assert SECRET not in told


def test_the_result_of_a_step_with_a_secret_name_is_secret():
    """As it is where another step reads it."""
    assert COPIES.result(encode(SECRET, "it"), "access_token") == '"[redacted]"'
    assert COPIES.result(encode(SECRET, "it"), "sorting") == f'"{SECRET}"'


def test_what_is_no_json_is_told_by_its_size():
    """Nobody can say where its secrets are."""
    assert json.loads(COPIES.inputs({"a": Encoded.parse('{"password": ')}))["a"] != '{"password": '
    assert SECRET not in COPIES.inputs({"a": Encoded.parse("x" * 9_000 + SECRET)})


def test_what_json_can_not_hold_is_told_by_type_and_size():
    """It runs none of its code, and uses nothing up."""

    class Strange:
        def __repr__(self) -> str:
            raise AssertionError("not to be called")

        __str__ = __len__ = __iter__ = __repr__

    def lazy() -> Iterator[int]:
        yield 1

    numbers = lazy()
    told = json.loads(COPIES.result({"a": Strange(), "b": numbers, "c": {1, 2}, "d": float("nan"), "e": b"12"}, ""))
    assert told["a"].startswith("[tests.runtime.telemetry.test_copies.")
    assert told["a"].endswith(" bytes]")
    assert told["b"].startswith("[generator: ")
    assert (told["c"], told["d"], told["e"]) == ([1, 2], "nan", "[binary: 2 bytes]")
    assert next(numbers) == 1


def test_what_a_handler_returned_is_bounded_however_large_it_is():
    """And where it holds itself."""
    circle: list[Any] = []
    circle.append(circle)
    for value in ({"docs": [{"text": "w" * 90}] * 100_000}, dict.fromkeys(range(50000), "x"), circle, 1 << 20_000):
        told = COPIES.result(value, "")
        assert json.loads(told)
        assert len(told.encode()) <= VALUE_LIMIT


def test_setting_and_absence_leave_values_out():
    """Nothing was returned, or nobody wants it."""
    off = Copies(Redactor(), values=False)
    assert (off.inputs({"a": stored(1)}), off.result(stored(1), ""), COPIES.result(None, "")) == ("", "", "")
    assert COPIES.result(stored(None), "") == "null"


def test_an_attempt_carries_what_it_was_given_and_returned():
    """Also its marker, while it goes on."""
    recorder = record()
    attempt = recorder.observer.open(samples.step_begun(inputs={"pickup": stored({"token": SECRET, "n": 1})}))
    attempt.pending()
    attempt.end(samples.step_ended(result=encode({"hub": 7}, "it")))
    marker, span = recorder.spans
    for attributes in (marker.attributes or {}, span.attributes or {}):
        assert attributes["causeline.input"] == '{"pickup":{"token":"[redacted]","n":1}}'
    assert (span.attributes or {})["causeline.result"] == '{"hub":7}'


def test_a_value_with_a_fault_costs_the_copy_alone(caplog: pytest.LogCaptureFixture):
    """The span is told all the same, and nothing is logged: the work is well."""

    @dataclass
    class Broken:
        __slots__ = ("a",)
        a: int

    broken = Broken(1)
    del broken.a
    recorder = record()
    recorder.observer.open(samples.delivery_begun()).end(samples.delivery_ended(result=broken))
    assert str((recorder.only.attributes or {})["causeline.result"]).endswith("Broken: it can't be looked at]\"")
    assert not caplog.records


def test_values_can_be_turned_off_by_the_setting():
    """Payloads have their own."""
    recorder = record(values=False)
    begun = samples.step_begun(inputs={"pickup": stored(1)})
    recorder.observer.open(begun).end(samples.step_ended(result=stored(2)))
    assert not {"causeline.input", "causeline.result"} & set(recorder.only.attributes or {})
