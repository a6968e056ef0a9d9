"""Models that can only be made anew, and what a serializer of their own makes of them."""

import math
import threading
from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ImportString,
    PlainSerializer,
    PrivateAttr,
    SecretStr,
    computed_field,
    field_serializer,
    model_serializer,
    model_validator,
)

from runtime.codec.encode import encode
from runtime.errors import UnencodableError
from tests.runtime.codec.models import SECRET, Client, Matrix, Measured
from tests.runtime.codec.trips import WHAT, trip


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
        @computed_field
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
        @computed_field
        @property
        def lock(self) -> Any:
            return threading.Lock()

    with pytest.raises(UnencodableError, match=r"at .lock, can't travel"):
        encode(Computing(), WHAT)
