"""What may be shown of a value: its secrets are not."""

import json
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    Field,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    field_serializer,
    model_serializer,
)

from runtime.codec.encode import encode
from runtime.codec.encoded import Encoded
from runtime.codec.masking import mask_secrets, mask_stored_text
from runtime.codec.secret import MASK
from tests.runtime.codec.trips import WHAT, trip

PASSWORD: Any = "hunter2"  # noqa: S105 - nobody's


class Login(BaseModel):
    user: str
    token: SecretStr = Field(alias="Token")
    hidden: SecretStr = Field(default=SecretStr(PASSWORD), exclude=True)
    _private: Any = PrivateAttr(default=SecretStr(PASSWORD))


class Telling(BaseModel):
    token: SecretStr
    tokens: Annotated[list[SecretStr], PlainSerializer(lambda many: [one.get_secret_value() for one in many])] = []
    user: str = "ada"

    @field_serializer("token", when_used="json")
    def tell(self, token: SecretStr) -> str:
        return token.get_secret_value()


class Whole(BaseModel):
    token: SecretStr

    @model_serializer
    def tell(self) -> str:
        return self.token.get_secret_value()


class Root(RootModel[list[SecretStr]]): ...


def shown(value: Any) -> Any:
    """What may be shown of a value, which still arrives with its secrets."""
    found = mask_secrets(Encoded.parse(encode(value, WHAT).text))
    assert "hunter2" not in json.dumps(found)
    return found


def test_secrets_are_masked_wherever_they_are():
    """Text, bytes and others; in containers and models."""
    assert shown(SecretStr(PASSWORD)) == MASK
    assert shown({"a": [SecretStr(PASSWORD), 1], "b": (SecretBytes(b"hunter2"),)}) == {"a": [MASK, 1], "b": [MASK]}
    assert shown([Secret[list[str]]([PASSWORD])]) == [MASK]
    assert shown({1: SecretStr(PASSWORD)}) == {"1": MASK}
    assert shown({SecretStr(PASSWORD): 1}) == [[MASK, 1]]
    assert shown([SecretStr(PASSWORD)] * 3 + [None]) == [MASK] * 3 + [None]
    assert shown(Root([PASSWORD])) == [MASK]
    assert shown({"a": Login(user="ada", Token=PASSWORD)}) == {"a": {"user": "ada", "Token": MASK}}


def test_what_a_class_tells_foreign_readers_is_not_shown_either():
    """A serializer that opens a secret does so for whom the event is meant for."""
    value = Telling(token=PASSWORD, tokens=[PASSWORD])
    assert encode(value, WHAT).data == {"token": "hunter2", "tokens": ["hunter2"], "user": "ada"}
    assert shown(value) == {"token": MASK, "tokens": MASK, "user": "ada"}
    assert shown([Whole(token=PASSWORD)]) == [MASK]


def test_the_rest_is_shown_as_it_is():
    """Natural JSON."""
    value = {"a": (1, b"x"), "b": {1: 2}, "c": [None, "x"]}
    assert mask_secrets(encode(value, WHAT)) == {"a": [1, "eA=="], "b": {"1": 2}, "c": [None, "x"]}
    assert mask_secrets(encode([1, {"a": None}], WHAT)) == [1, {"a": None}]


def test_the_secret_itself_arrives():
    """At a reader without the class as a secret, too."""
    assert trip(Login(user="ada", Token=PASSWORD), Login).token.get_secret_value() == "hunter2"
    assert trip([SecretStr(PASSWORD)]) == [SecretStr("hunter2")]
    assert trip(Login(user="ada", Token=PASSWORD)) == {
        "user": "ada",
        "token": SecretStr("hunter2"),
        "hidden": SecretStr("hunter2"),
    }


def test_what_is_stored_is_shown_without_its_secrets_and_notes():
    """And what a newer version wrote is said to be that."""
    text = encode(Login(user="ada", Token=PASSWORD), WHAT).text
    assert mask_stored_text(text) == {"user": "ada", "Token": MASK}
    assert mask_stored_text('"text"') == "text"
    newer = '{"$causeline": 99, "data": 1, "types": null}'
    assert mask_stored_text(newer) == "(what is stored was written by a newer version of Causeline)"
