"""A class that a deploy has changed between writing and reading takes what was written by the names of its fields."""

import threading
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Json, PrivateAttr, create_model

from runtime.codec.codec import Codec
from runtime.codec.encode import encode
from runtime.errors import UndecodableError
from tests.runtime.codec.deployed import deployed
from tests.runtime.codec.trips import WHAT, read, same


def doubled(n: int) -> int:
    return 2 * n


def before() -> Any:
    class Order(BaseModel):
        order_id: int = Field(alias="orderId")
        when: date
        count: Annotated[int, AfterValidator(doubled)] = 0
        _seen: int = PrivateAttr(default=0)

    return deployed(Order)


def written(cls: Any) -> Any:
    order = cls(orderId=7, when=date(2024, 1, 1), count=1)
    order._seen = 3
    return encode([order], WHAT)


def test_an_unchanged_class_is_restored_although_it_is_another():
    """As after every restart: validators don't run."""
    order = read(written(before()), list[before()])[0]
    assert (order.order_id, order.count, order._seen) == (7, 2, 3)


def test_a_field_that_came_takes_its_default_and_other_aliases_are_no_matter():
    """Names count; private attributes stay; validators run."""

    class Order(BaseModel):
        order_id: int = Field(alias="ORDER")
        when: date
        count: Annotated[int, AfterValidator(doubled)] = 0
        note: str = "none"
        _seen: int = PrivateAttr(default=0)
        _new: int = PrivateAttr(default=1)

    order = read(written(before()), list[deployed(Order)])[0]
    assert (order.order_id, order.when, order.count, order.note) == (7, date(2024, 1, 1), 4, "none")
    assert (order._seen, order._new) == (3, 1)
    assert order.model_fields_set == {"order_id", "when", "count"}
    unset = encode(before()(orderId=7, when=date(2024, 1, 1)), WHAT)
    assert read(unset, Order).model_fields_set == {"order_id", "when"}


def test_an_alias_alone_may_change():
    """The state has names, not keys."""

    class Order(BaseModel):
        order_id: int = Field(alias="ORDER")
        when: date = Field(alias="count")
        count: Annotated[int, AfterValidator(doubled)] = Field(default=0, alias="when")
        _seen: int = PrivateAttr(default=0)

    order = read(written(before()), list[deployed(Order)])[0]
    assert (order.order_id, order.when, order.count, order._seen) == (7, date(2024, 1, 1), 2, 3)


def test_a_field_that_went_is_as_its_class_says_of_what_it_does_not_know():
    """Dropped, refused or kept."""

    def after(extra: Any) -> Any:
        class Order(BaseModel):
            model_config = ConfigDict(extra=extra)
            order_id: int

        return deployed(Order)

    encoded = written(before())
    assert read(encoded, list[after("ignore")])[0].model_dump() == {"order_id": 7}
    assert read(encoded, list[after("allow")])[0].count == 2
    with pytest.raises(UndecodableError, match=r"0\.when: Extra inputs are not permitted"):
        read(encoded, list[after("forbid")])


def test_a_field_of_another_type_is_validated():
    """It is converted, or told with its place and not its value."""

    class Order(BaseModel):
        order_id: str
        when: date
        count: int

        model_config = ConfigDict(coerce_numbers_to_str=True)

    assert read(written(before()), list[deployed(Order)])[0].order_id == "7"

    class Strict(BaseModel):
        order_id: str
        when: int
        count: int

    deployed(Strict)
    with pytest.raises(UndecodableError) as raised:
        Codec(dict[str, list[Strict]], "step 'packing'").decode(
            encode({"a": [before()(orderId=7, when=date(2024, 1, 1))]}, WHAT)
        )
    assert str(raised.value).splitlines() == [
        "the value does not fit what step 'packing' asks for: a.0.order_id: Input should be a valid string",
        "a.0.when: Input should be a valid integer",
    ]


def test_a_class_whose_fields_are_all_plain_is_looked_at_as_closely():
    """Its types count, although its names are the same."""
    first = deployed(create_model("Order", a=(int, ...)))
    second = deployed(create_model("Order", a=(float, ...)))
    assert same(read(encode(first(a=1), WHAT), second).a, 1.0)


def test_json_within_json_is_read_from_its_text_again():
    """The field wants text, and has made a value of it."""

    class Order(BaseModel):
        body: Json[list[int]]
        other: Json[Any] | None = None
        none: Json[Any] | None = None

    first = deployed(Order)

    class Order(Order):
        more: int = 1

    second = deployed(Order)
    back = read(encode(first(body="[1]", other='{"a": "x"}'), WHAT), second)
    assert (back.body, back.other, back.none, back.more) == ([1], {"a": "x"}, None, 1)


def test_what_its_class_makes_again_is_looked_at_where_it_has_changed():
    """It is set as it was where the class is the same alone."""

    @dataclass
    class Order:
        a: int

        def __post_init__(self) -> None:
            self.lock = threading.Lock()

    first = deployed(Order)

    @dataclass
    class Order:
        a: float

        def __post_init__(self) -> None:
            self.lock = threading.Lock()

    assert same(read(encode(first(1), WHAT), deployed(Order)).a, 1.0)


def test_names_count_where_aliases_say_the_opposite():
    """A field may have the alias of another's name."""

    class Order(BaseModel):
        a: int = Field(alias="b")
        b: int = Field(alias="a")

    first = deployed(Order)

    class Order(BaseModel):
        a: int = Field(alias="b")
        b: int = Field(alias="a")
        c: int = 3

    second = deployed(Order)
    back = read(encode(first(a=2, b=1), WHAT), second)
    assert (back.a, back.b, back.c) == (1, 2, 3)


def test_what_was_beside_the_fields_is_looked_at_where_there_is_no_room_for_it():
    """The fields are the same."""

    def define(extra: Any) -> Any:
        class Order(BaseModel):
            model_config = ConfigDict(extra=extra)
            a: int

        return deployed(Order)

    encoded = encode(define("allow")(a=1, b=2), WHAT)
    assert read(encoded, define("ignore")).model_dump() == {"a": 1}
    with pytest.raises(UndecodableError, match="b: Extra inputs are not permitted"):
        read(encoded, define("forbid"))


def test_a_missing_field_within_another_object_is_told_by_its_whole_place():
    """The object around it is restored without validation, and so its parts are looked at here."""

    def holding(cls: Any) -> Any:
        class Holder(BaseModel):
            parts: dict[str, tuple[cls]]

        Holder.__module__, Holder.__qualname__ = "app", "Holder"
        return Holder

    class Order(BaseModel):
        order_id: int
        needed: str

    first = before()
    encoded = encode(holding(first)(parts={"a": (first(orderId=1, when=date(2024, 1, 1)),)}), WHAT)
    with pytest.raises(UndecodableError, match=r"asks for: parts\.a\.0\.needed: Field required$"):
        read(encoded, holding(deployed(Order)))
