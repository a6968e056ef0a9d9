"""JSON without types, as foreign publishers and older versions write it, is read as JSON; what readers get of it."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, InstanceOf, Json, TypeAdapter

from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.errors import DefinitionError, UndecodableError
from tests.runtime.codec.trips import WHAT, read, same, trip

HALF = "\ud83d"


class Order(BaseModel):
    model_config = ConfigDict(strict=True)
    order_id: int = Field(alias="orderId")
    at: date | None = None
    tags: set[str] = set()


class Hidden(BaseModel):
    parts: list[int] = Field(exclude=True)


@dataclass
class Data:
    raw: bytes
    price: Decimal


def both(annotation: Any, text: str) -> Any:
    """What a reader gets of JSON as text, which it gets of the same JSON parsed, too."""
    reader, parsed = Codec(annotation, "step 'packing'"), Encoded.parse(text)
    back = reader.decode(Encoded.parse(text))
    assert same(reader.decode(Encoded(parsed.data)), back)
    assert same(reader.decode(parsed), back)
    return back


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Order, '{"orderId": 1, "at": "2024-01-01", "tags": ["x"]}', Order(orderId=1, at=date(2024, 1, 1), tags={"x"})),
        (Order, '{"order_id": 1}', Order(orderId=1)),
        (list[Order | None], '[{"orderId": 1}, null]', [Order(orderId=1), None]),
        (Data, '{"raw": "\\u00e4", "price": 1.10}', Data("ä".encode(), Decimal("1.1"))),
        (tuple[int, bytes], '[1, "x"]', (1, b"x")),
        (dict[UUID, float], f'{{"{UUID(int=1)}": 1}}', {UUID(int=1): 1.0}),
        (dict[int, str], '{"1": "a"}', {1: "a"}),
        (float, '"NaN"', float("nan")),
        (float, "1", 1.0),
        (Json[list[int]], '"[1]"', [1]),
        (Any, '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (object, "[1]", [1]),
        (int, "1" * 600, int("1" * 600)),
        (str, '"a\\u0000b"', "a\x00b"),
    ],
    ids=str,
)
def test_json_is_read_as_json(annotation: Any, text: str, value: Any):
    """Strict models too; by aliases or by names."""
    assert same(both(annotation, text), value)


@pytest.mark.parametrize("annotation", [str, Any, str | None, list[int] | str])
def test_half_a_surrogate_pair_is_read(annotation: Any):
    """Pydantic's parser refuses it; JSON does not."""
    assert both(annotation, '"x\\ud83d"') == f"x{HALF}"


def test_half_a_surrogate_pair_is_read_within_models():
    """In keys and values."""

    class Note(BaseModel):
        text: str
        more: dict[str, str] = {}
        at: date

    text = '{"text": "x\\ud83d", "more": {"\\ud83d": ""}, "at": "2024-01-01"}'
    assert both(Note, text) == Note(text=f"x{HALF}", more={HALF: ""}, at=date(2024, 1, 1))
    with pytest.raises(UndecodableError, match="text: Input should be a valid string"):
        both(Note, '{"text": 1, "more": {"\\ud83d": ""}, "at": "2024-01-01"}')


def test_constraints_hold_with_types_and_without():
    """What is not an object restored is validated."""
    positive = Codec(dict[str, Annotated[int, Field(ge=1)]], "step 'packing'")
    assert positive.decode(encode({"a": 1}, WHAT)) == {"a": 1}
    for value in ({"a": 0}, {"a": -(10**700)}):
        with pytest.raises(UndecodableError, match=r"asks for: a: Input should be greater than or equal to 1$"):
            positive.decode(encode(value, WHAT))


def test_validators_of_the_annotation_itself_run_once():
    """They are the reader's, and have not seen the value."""
    doubled = Annotated[int, AfterValidator(lambda n: 2 * n)]
    assert trip(3, doubled) == 6
    assert trip([3, b"x"], list[doubled | bytes]) == [6, b"x"]


def test_a_reader_owns_what_it_gets():
    """Two handlers may get one event."""
    hidden = encode(Hidden(parts=[1]), WHAT)
    keeper = Codec(Hidden, "step 'packing'")
    keeper.decode(hidden).parts.append(2)
    assert keeper.decode(hidden).parts == [1]
    encoded = encode({"a": [1], "b": (b"x", [2])}, WHAT)
    for annotation in (Any, dict, dict[str, Any]):
        reader = Codec(annotation, "step 'packing'")
        first = reader.decode(encoded)
        first["a"].append(2)
        first["b"][1].append(3)
        assert reader.decode(encoded) == {"a": [1], "b": (b"x", [2])}


def test_a_value_that_changes_later_was_encoded_as_it_was():
    """What is published waits for the commit."""
    value: Any = {"a": [1], "b": {"c": []}}
    encoded = encode(value, WHAT)
    value["a"].append(2)
    value["b"]["c"] = 3
    assert read(encoded) == {"a": [1], "b": {"c": []}}


@pytest.mark.parametrize("text", ["", "{", "nope", '{"a": }', "[" * 100_000])
@pytest.mark.parametrize("annotation", [Any, int, dict[str, Any]])
def test_what_is_no_json_is_told(annotation: Any, text: str):
    """Nobody of ours wrote it."""
    with pytest.raises(UndecodableError, match=r"^the value (does not fit|can't be read)"):
        Codec(annotation, "step 'packing'").decode(Encoded.parse(text))


MALFORMED: list[tuple[Any, Any]] = [
    ("x", "no such kind"),
    ("x", {"as": "no such kind"}),
    ("x", {"as": ["list"]}),
    ("x", 7),
    ("x", ["bytes"]),
    ("hunter2!", "bytes"),
    (1, "bytes"),
    ("aGk=!", "bytes"),
    ("hunter2", "int"),
    ("hunter2", "float"),
    ("hunter2", "decimal"),
    ("hunter2", "fraction"),
    ("1/0", "fraction"),
    ("hunter2", "complex"),
    ("hunter2", "uuid"),
    ("hunter2", "datetime"),
    (7, "datetime"),
    ("hunter2", "date"),
    ("hunter2", "time"),
    ("hunter2", "timedelta"),
    ("hunter2", "zone"),
    ("hunter2", "ipv4address"),
    (["hunter2"], "range"),
    ([0, 1, 0], "range"),
    ("(hunter2", {"as": "pattern", "flags": 0}),
    ("hunter2", {"as": "pattern"}),
    ("hunter2", "tuple"),
    ({"a": 1}, "set"),
    ("hunter2", {"at": {"a": "bytes"}}),
    ([1], {"as": "counter"}),
    ([1], {"as": "dict", "pairs": True}),
    ([[1, 2, 3]], {"as": "dict", "pairs": True}),
    ({"hunter2": 1}, {"keys": "digits"}),
    ({"hunter2": 1}, {"keys": "uuid"}),
    ({"a": 1}, {"each": {"as": "object", "more": {}}}),
    ({"a": 1}, {"as": "object", "more": {"data": [1], "types": None}}),
    ({"a": 1}, {"as": "object", "names": 7}),
    ({"a": 1}, {"as": "object", "computed": 7}),
    ({"a": 1}, {"at": {"a": 3}, "kinds": ["bytes"]}),
    ({"a": 1}, {"at": 7}),
]


@pytest.mark.parametrize(("data", "note"), MALFORMED, ids=str)
@pytest.mark.parametrize("annotation", [Any, dict[str, Any] | list[Any] | str])
def test_types_that_do_not_belong_to_the_data_are_told_and_the_data_is_not(annotation: Any, data: Any, note: Any):
    """Somebody wrote them by hand, or a newer version did."""
    with pytest.raises(UndecodableError) as raised:
        Codec(annotation, "step 'packing'").decode(Encoded(data, note), "the payload of event 7")
    said = str(raised.value)
    assert said.startswith("the payload of event 7 can't be read into what step 'packing' asks for: ")
    assert "hunter2" not in said


def test_what_code_of_the_type_raises_is_told_and_chained():
    """A validator may raise anything."""

    def broken(_: Any) -> Any:
        raise KeyError("own")

    with pytest.raises(
        UndecodableError, match=r"can't be read into what step 'packing' asks for: KeyError: 'own'"
    ) as raised:
        read(encode(1, WHAT), Annotated[int, AfterValidator(broken)])
    assert isinstance(raised.value.__cause__, KeyError)


def test_an_error_that_can_not_be_told_does_not_hide_where_it_happened():
    """Its text is code, too."""

    class SilentError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    def broken(_: Any) -> Any:
        raise SilentError

    with pytest.raises(UndecodableError, match=r"SilentError: <exception str\(\) failed>$"):
        read(encode(1, WHAT), Annotated[int, AfterValidator(broken)])


def test_a_type_that_nothing_can_be_read_into_is_refused_where_it_is_declared():
    """By what it is for."""

    class Answer: ...

    with pytest.raises(
        DefinitionError, match=r"^parameter 'a' of step 'x' has a type that can't travel as JSON: .*Answer"
    ):
        Codec(Answer, "parameter 'a' of step 'x'")


def test_a_schema_is_told_where_the_type_has_one():
    """As JSON text, for those who check payloads."""
    assert Codec(int, "x").json_schema() == '{"type": "integer"}'
    assert '"orderId"' in Codec(Order, "x").json_schema()
    assert Codec(Any, "x").json_schema() == "{}"
    assert Codec(InstanceOf[range], "x").json_schema() == "{}"
    assert Codec(range, "x").json_schema() == "{}"
    assert Codec(Json[list[int]], "x").json_schema() == json.dumps(TypeAdapter(Json[list[int]]).json_schema())


def test_codecs_of_one_type_are_equal():
    """As other parts of a signature are."""
    assert Codec(int, "x") == Codec(int, "x") != Codec(str, "x")
    assert TypeAdapter(int).validate_python(Codec(int, "x").decode(Encoded.parse("1"))) == 1
