"""Pydantic models of every make."""

import threading
from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    AliasPath,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    Json,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

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

    @computed_field(alias="grossPrice")
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

    @computed_field
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


def private() -> Private:
    model = Private(a=1)
    model._count, model._seen, model._order = 5, {date(2024, 1, 1)}, Order(orderId=7)
    return model


class Client(BaseModel):
    """Holds what can't travel, and can make it anew."""

    url: str
    token: SecretStr
    _lock: Any = PrivateAttr(default_factory=threading.Lock)
    _client: Any = PrivateAttr()
    lock: Any = Field(default_factory=threading.Lock, exclude=True)

    def model_post_init(self, context: Any) -> None:
        self._client = threading.Lock()


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
