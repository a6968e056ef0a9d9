"""Pydantic models arrive as they were: their state is set, and no code of theirs runs again."""

import functools
import inspect
import math
import threading
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, NewType, Self, TypeVar

import pytest
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    HttpUrl,
    ImportString,
    Json,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    SecretStr,
    Tag,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from typing_extensions import TypeAliasType

from runtime.codec.encode import encode
from runtime.errors import UnencodableError
from tests.runtime.codec.trips import WHAT, read, same, trip

SECRET: Any = "hunter2"  # noqa: S105 - nobody's

Item = TypeVar("Item")


class Order(BaseModel):
    order_id: int = Field(alias="orderId")


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))
    first_name: str
    last_name: str = ""


class Choices(BaseModel):
    a: int = Field(validation_alias=AliasChoices("x", "y"))
    b: int = Field(validation_alias=AliasPath("p", "q"))
    c: int = Field(validation_alias="in", serialization_alias="out")


class Swapped(BaseModel):
    a: int = Field(alias="b")
    b: int = Field(alias="a")


class Ambiguous(BaseModel):
    a: int = Field(serialization_alias="b")
    b: int


class Doubling(BaseModel):
    n: int

    @field_validator("n")
    @classmethod
    def double(cls, n: int) -> int:
        return 2 * n

    @model_validator(mode="before")
    @classmethod
    def refuse_models(cls, given: Any) -> Any:
        assert isinstance(given, dict)
        return given


class After(BaseModel):
    n: int

    @model_validator(mode="after")
    def double(self) -> Self:
        self.n *= 2
        return self


class Around(BaseModel):
    n: int

    @model_validator(mode="wrap")
    @classmethod
    def double(cls, given: Any, handler: Any) -> Any:
        made = handler(given)
        made.n *= 2
        return made


class Stern(Doubling):
    model_config = ConfigDict(revalidate_instances="always")


class Wrapped(BaseModel):
    body: Json[list[int]]
    raw: Json[Any] | None = None
    file: Base64Bytes = b"YQ=="


class Priced(BaseModel):
    model_config = ConfigDict(extra="forbid")
    net: int

    @computed_field(alias="grossPrice")  # type: ignore[prop-decorator]
    @property
    def gross(self) -> int:
        return self.net * 2


class Login(BaseModel):
    user: str
    token: SecretStr
    internal: str = Field(exclude=True)


class Stamped(BaseModel):
    at: datetime
    price: Annotated[int, PlainSerializer(lambda price: f"{price} EUR")]
    prices: list[Annotated[int, PlainSerializer(lambda price: f"{price} EUR")]] = []

    @field_serializer("at")
    def seconds(self, at: datetime) -> float:
        return at.timestamp()


class Nothing(BaseModel):
    at: date
    secret: SecretStr

    @model_serializer
    def nothing(self) -> None:
        return None


class Sentence(BaseModel):
    words: list[str]

    @model_serializer
    def text(self) -> str:
        return " ".join(self.words)


class Private(BaseModel):
    a: int
    _count: int = PrivateAttr(default=3)
    _seen: set[date] = PrivateAttr(default_factory=set)
    _order: Order | None = None
    _never: int


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int = Field(alias="A")


class Computing(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int

    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return 2 * self.a


class HiddenFirst(BaseModel):
    hidden: int = Field(exclude=True)
    shown: int


class Everywhere(BaseModel):
    a: date
    b: tuple[int, ...] = (1,)

    @field_serializer("*")
    def text(self, value: Any) -> str:
        return str(value)


class Counted(RootModel[int]):
    _seen: int = PrivateAttr(default=0)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    a: int
    tags: frozenset[str] = frozenset()


class Dates(RootModel[list[date]]):
    pass


class Maybe(RootModel[int | None]):
    root: int | None = None


class Shown(RootModel[date]):
    @field_serializer("root")
    def year(self, root: date) -> int:
        return root.year


class Box(BaseModel, Generic[Item]):
    item: Item


class Tree(BaseModel):
    value: Any = None
    children: "list[Tree]" = []


class Animal(BaseModel):
    name: str


class Toy(BaseModel):
    made: date


class Dog(Animal):
    tricks: list[str]
    toy: Toy | None = None


class Lazy(BaseModel):
    numbers: Iterable[int]


class Links(BaseModel):
    home: HttpUrl


def counted() -> Counted:
    model = Counted(1)
    model._seen = 5
    return model


def private() -> Private:
    model = Private(a=1)
    model._count, model._seen, model._order = 5, {date(2024, 1, 1)}, Order(orderId=7)
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


class Client(BaseModel):
    """Holds what can't travel, and can make it anew."""

    url: str
    token: SecretStr
    _lock: Any = PrivateAttr(default_factory=threading.Lock)
    _client: Any = PrivateAttr()
    lock: Any = Field(default_factory=threading.Lock, exclude=True)

    def model_post_init(self, context: Any) -> None:
        self._client = threading.Lock()


def test_what_can_not_travel_and_is_not_shown_is_made_anew_by_its_class():
    """Locks and clients, in private attributes and in fields that are left out."""
    back = trip(Client(url="x", token=SECRET), Client)
    assert (back.url, back.token.get_secret_value()) == ("x", SECRET)
    assert {type(one) for one in (back._lock, back._client, back.lock)} == {type(threading.Lock())}


def test_it_fails_where_its_class_would_not_make_it_anew():
    """A private attribute that somebody set, and a field that has no default."""

    class Holder(BaseModel):
        _client: Any = PrivateAttr()

    class Excluding(BaseModel):
        client: Any = Field(exclude=True)

    holder = Holder()
    holder._client = threading.Lock()
    with pytest.raises(UnencodableError, match=r"^the result of step 'sorting', at ._client, can't travel: .*lock"):
        encode(holder, WHAT)
    with pytest.raises(UnencodableError, match=r"at \[0\].client, can't travel: .*lock"):
        encode([Excluding(client=threading.Lock())], WHAT)


class Matrix:
    """A class that JSON knows nothing of, such as an array's."""

    def __init__(self, rows: Any) -> None:
        self.rows = rows


Rows = Annotated[Matrix, PlainSerializer(lambda matrix: matrix.rows), BeforeValidator(Matrix)]


class Measured(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    matrix: Rows
    secret: SecretStr
    when: date = Field(alias="at")
    count: Annotated[int, AfterValidator(lambda n: 2 * n)] = 0
    raw: Json[list[int]] = []


def test_a_field_that_only_its_serializer_and_validator_know_travels_as_they_say():
    """What else the model holds is not touched by that."""
    value = Measured(matrix=[[1]], secret=SECRET, at=date(2024, 1, 1), count=1)
    back = trip(value, Measured)
    assert (back.count, back.model_fields_set) == (2, value.model_fields_set)
    assert (back.matrix.rows, back.secret.get_secret_value(), back.when) == ([[1]], SECRET, date(2024, 1, 1))


def test_a_whole_that_only_its_serializer_and_validator_know_travels_as_they_say():
    """All of it is in what they make of it."""

    class Grid(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        matrix: Matrix

        @model_serializer
        def rows(self) -> Any:
            return self.matrix.rows

        @model_validator(mode="before")
        @classmethod
        def of_rows(cls, given: Any) -> Any:
            return {"matrix": Matrix(given)}

    assert trip(Grid.model_validate([[1]]), Grid).matrix.rows == [[1]]


def test_what_is_imported_by_name_travels_by_name():
    """Pydantic writes it so, and reads it again."""

    class Imported(BaseModel):
        function: ImportString[Any]

    assert trip(Imported(function="math.cos"), Imported).function is math.cos


def test_no_secret_is_lost_in_what_a_serializer_makes():
    """Asterisks are not what was written."""

    class Loose(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True)
        both: Annotated[list[Any], PlainSerializer(lambda both: [both[0].rows, both[1]])]

    with pytest.raises(UnencodableError, match=r"at .both\[0\], can't travel: it is of type .*Matrix"):
        encode(Loose(both=[Matrix(1), SecretStr("x")]), WHAT)


@pytest.mark.parametrize("kind", ["property", "field serializer", "model serializer", "nested"])
def test_what_code_of_the_models_raises_goes_through(kind: str):
    """It is not that the value can't travel."""

    class Property(BaseModel):
        @computed_field  # type: ignore[prop-decorator]
        @property
        def broken(self) -> int:
            raise KeyError("own")

    class Serializer(BaseModel):
        a: int = 1

        @field_serializer("a")
        def broken(self, a: int) -> int:
            raise KeyError("own")

    class Whole(BaseModel):
        @model_serializer
        def broken(self) -> int:
            raise KeyError("own")

    class Nested(BaseModel):
        whole: Annotated[Any, PlainSerializer(lambda whole: [whole])] = Whole()

    made: dict[str, Any] = {
        "property": Property,
        "field serializer": Serializer,
        "model serializer": Whole,
        "nested": Nested,
    }
    with pytest.raises(KeyError, match="own"):
        encode(made[kind](), WHAT)


def test_what_is_computed_and_can_not_travel_fails():
    """Foreign readers would not see what the class declares."""

    class Computing(BaseModel):
        @computed_field  # type: ignore[prop-decorator]
        @property
        def lock(self) -> Any:
            return threading.Lock()

    with pytest.raises(UnencodableError, match=r"at .lock, can't travel"):
        encode(Computing(), WHAT)
