"""Pydantic models arrive as they were: their state is set, and no code of theirs runs again."""

import functools
import inspect
import threading
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, NewType

import pytest
from pydantic import (
    BaseModel,
    Discriminator,
    Field,
    Tag,
)
from typing_extensions import TypeAliasType

from runtime.codec.encode import encode
from tests.runtime.codec.models import (
    SECRET,
    After,
    Ambiguous,
    Animal,
    Around,
    Box,
    Camel,
    Choices,
    Computing,
    Counted,
    Dates,
    Dog,
    Doubling,
    Everywhere,
    Frozen,
    HiddenFirst,
    Lazy,
    Links,
    Login,
    Maybe,
    Nothing,
    Open,
    Order,
    Priced,
    Private,
    Sentence,
    Shown,
    Stamped,
    Stern,
    Swapped,
    Toy,
    Tree,
    Wrapped,
    private,
)
from tests.runtime.codec.trips import WHAT, read, same, trip


def counted() -> Counted:
    model = Counted(1)
    model._seen = 5
    return model


VALUES: list[tuple[Any, Any]] = [
    (Order, Order(orderId=7)),
    (Camel, Camel(first_name="Ada")),
    (Choices, Choices.model_validate({"y": 1, "p": {"q": 2}, "in": 3})),
    (Swapped, Swapped(a=1, b=2)),
    (Ambiguous, Ambiguous(a=1, b=2)),
    (Doubling, Doubling(n=1)),
    (Stern, Stern(n=1)),
    (After, After(n=1)),
    (Around, Around(n=1)),
    (NewType("New", After), After(n=1)),
    (TypeAliasType("Alias", After | int), After(n=1)),
    (Wrapped, Wrapped(body="[1, 2]", raw='{"a": "[1]"}', file=b"/wA=")),
    (Priced, Priced(net=4)),
    (Login, Login(user="ada", token=SECRET, internal="x")),
    (Stamped, Stamped(at=datetime(2024, 1, 1, tzinfo=UTC), price=3, prices=[4])),
    (Nothing, Nothing(at=date(2024, 1, 1), secret=SECRET)),
    (Sentence, Sentence(words=["a", "b c"])),
    (Private, private()),
    (Private, Private(a=1)),
    (Open, Open(A=1, more=date(2024, 1, 1), a=[b"x"])),
    (Open, Open(A=1)),
    (Frozen, Frozen(a=1, tags={"x"})),
    (Computing, Computing(a=1, b=(2,))),
    (Computing, Computing(a=1, double=(7,))),
    (HiddenFirst, HiddenFirst(hidden=1, shown=2)),
    (Everywhere, Everywhere(a=date(2024, 1, 1))),
    (Counted, counted()),
    (Counted, Counted(1)),
    (Dates, Dates([date(2024, 1, 1)])),
    (Maybe, Maybe(None)),
    (Maybe, Maybe()),
    (Shown, Shown(date(2024, 1, 1))),
    (Box[int], Box[int](item=1)),
    (Box[Box[Order]], Box[Box[Order]](item=Box[Order](item=Order(orderId=1)))),
    (Tree, Tree(value=(1, b"x"), children=[Tree(), Tree(value=1.5, children=[Tree()])])),
    (Animal, Dog(name="Rex", tricks=["sit"], toy=Toy(made=date(2024, 1, 1)))),
    (Box[Animal], Box[Animal](item=Dog(name="Rex", tricks=[]))),
    (Links, Links(home="https://example.org")),
    (Order, Order.model_construct()),
    (Order, Order.model_construct(order_id="no number")),
    (Tree, Tree.model_construct(children={"no": "list"})),
]


@pytest.mark.parametrize(("annotation", "value"), VALUES, ids=lambda part: type(part).__name__)
def test_a_model_arrives_as_it_was(annotation: Any, value: Any):
    """Alone, in containers, and beside others; with what is private, extra and unset."""
    assert same(trip(value, annotation), value)
    assert same(trip([value, None, value], list[annotation | None]), [value, None, value])
    assert same(trip({"a": (value,)}, dict[str, tuple[annotation]]), {"a": (value,)})
    assert same(trip(Box[Any](item=1), Box[Any]), Box[Any](item=1))
    assert same(trip([value, "text"], list[str | annotation]), [value, "text"])


def test_models_are_keys_and_elements_where_they_can_be_hashed():
    """As set and as dict."""
    assert same(trip({Frozen(a=1): 2}, dict[Frozen, int]), {Frozen(a=1): 2})
    assert same(trip({Frozen(a=1)}, set[Frozen]), {Frozen(a=1)})


def test_a_discriminated_union_takes_what_was_made():
    """The models themselves, not dicts of them."""

    class Card(BaseModel):
        kind: Literal["card"] = Field("card", alias="Kind")

    class Cash(BaseModel):
        kind: Literal["cash"] = Field("cash", alias="Kind")

    value = [Card(), Cash(Kind="cash")]
    assert same(trip(value, list[Annotated[Card | Cash, Field(discriminator="kind")]]), value)


def test_a_discriminated_union_takes_models_that_would_validate_themselves_again():
    """It wants to see the models themselves."""

    class Card(After):
        kind: Literal["card"] = "card"

    class Cash(After):
        kind: Literal["cash"] = "cash"

    value = [Card(n=1), Cash(n=2)]
    tagged = Annotated[Annotated[Card, Tag("card")] | Annotated[Cash, Tag("cash")], Discriminator(lambda one: one.kind)]
    for union in (Annotated[Card | Cash, Field(discriminator="kind")], tagged):
        assert same(trip(value, list[union]), value)
        assert trip([{"kind": "cash", "n": 1}], list[Annotated[Card | Cash, Field(discriminator="kind")]])[0].n == 2


@pytest.mark.skipif("exclude_if" not in inspect.signature(Field).parameters, reason="pydantic has it since 2.12")
def test_what_is_left_out_now_and_then_travels_all_the_same():
    """It is shown where the class says so."""

    class Sparse(BaseModel):
        a: int = Field(default=1, exclude_if=lambda a: a == 0)

    assert [encode(Sparse(a=a), WHAT).data for a in (0, 2)] == [{}, {"a": 2}]
    assert same(trip([Sparse(a=0), Sparse(a=2)], list[Sparse]), [Sparse(a=0), Sparse(a=2)])


def test_lazy_fields_are_read():
    """Pydantic validates them as they are read, and so they are read once."""
    back = trip(Lazy(numbers=["1", 2]), Lazy)
    assert back.numbers == [1, 2]


def test_what_a_property_caches_is_no_state():
    """It is computed again by whoever asks."""

    class Cached(BaseModel):
        a: int

        @functools.cached_property
        def lock(self) -> Any:
            return threading.Lock()

    model = Cached(a=1)
    assert model.lock
    assert trip(model, Cached).__dict__ == {"a": 1}


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (Order(orderId=7), {"orderId": 7}),
        (Camel(first_name="Ada"), {"firstName": "Ada", "lastName": ""}),
        (Swapped(a=1, b=2), {"a": 1, "b": 2}),
        (Ambiguous(a=1, b=2), {"a": 1, "b": 2}),
        (Priced(net=4), {"net": 4, "grossPrice": 8}),
        (Login(user="ada", token=SECRET, internal="x"), {"user": "ada", "token": SECRET}),
        (
            Stamped(at=datetime(2024, 1, 1, tzinfo=UTC), price=3, prices=[4]),
            {"at": 1704067200.0, "price": "3 EUR", "prices": ["4 EUR"]},
        ),
        (Nothing(at=date(2024, 1, 1), secret=SECRET), None),
        (Sentence(words=["a", "b"]), "a b"),
        (private(), {"a": 1}),
        (Open(A=1, more=date(2024, 1, 1)), {"A": 1, "more": "2024-01-01"}),
        (Open(A=1, a=2), {"A": 1, "a": 2}),
        (Computing(a=1, double=7), {"a": 1, "double": 2}),
        (Everywhere(a=date(2024, 1, 1)), {"a": "2024-01-01", "b": "(1,)"}),
        (Dates([date(2024, 1, 1)]), ["2024-01-01"]),
        (Shown(date(2024, 1, 1)), 2024),
        (Links(home="https://example.org"), {"home": "https://example.org/"}),
        (Tree.model_construct(), {"value": None, "children": []}),
    ],
    ids=lambda part: type(part).__name__,
)
def test_foreign_readers_see_what_the_class_declares(value: Any, data: Any):
    """Aliases, what is computed, what is left out, and what serializers make of it."""
    assert encode(value, WHAT).data == data


def test_ten_thousand_models_of_one_class_cost_one_note():
    """However many of them leave out what others have."""
    alike = encode([Camel(first_name=str(at), last_name="x") for at in range(10_000)], WHAT)
    assert len(str(alike.types)) < 200
    dates = [Box[Any](item=date(2024, 1, 1) if at % 2 else None) for at in range(10_000)]
    assert len(str(encode(dates, WHAT).types)) < 200
    some_unset = [Dog(name="x", tricks=[], **({"toy": None} if at % 3 else {})) for at in range(999)]
    encoded = encode(some_unset, WHAT)
    assert len(str(encoded.types)) < 10 * 999
    assert same(read(encoded, list[Dog]), some_unset)
