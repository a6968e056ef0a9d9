"""The reader for one declared type."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic_core import SchemaError

from runtime.causality.error_info import error_text
from runtime.codec import (
    custom,
    derived,
    enums,
    mappings,
    moments,
    named_tuples,
    object_restorers,
    scalars,
    secret,
    sequences,
)
from runtime.codec.annotations import make_readable
from runtime.codec.classes import ReachableClasses
from runtime.codec.encoded import Encoded
from runtime.codec.json_text import dump, validate_text
from runtime.codec.mismatch import MismatchError, describe_mismatch
from runtime.codec.reader import MalformedError, Reader, Restorer
from runtime.errors import DefinitionError, UndecodableError

_RESTORERS: Final[dict[str | None, Restorer]] = {
    **scalars.RESTORERS,
    **moments.RESTORERS,
    **secret.RESTORERS,
    **sequences.RESTORERS,
    **mappings.RESTORERS,
    **enums.RESTORERS,
    **derived.RESTORERS,
    **named_tuples.RESTORERS,
    **custom.RESTORERS,
    **object_restorers.RESTORERS,
}

#: What a type says that is no model and says nothing of its own: a Decimal may be infinite, as a float may.
_CONFIG: Final = ConfigDict(allow_inf_nan=True)


@dataclass(frozen=True, slots=True)
class Codec:
    """Reads values of one type, as they were when they were made.

    An object is restored as it was, without code of its own, if its class is one that the annotation leads to (the
    declared one, those of its fields, those in brackets) or a subclass of one of these; never any other. Its fields and
    those of its class are compared first: where a deploy has changed them, the class validates what is there. Whatever
    an object was whose class may not be restored, a dict of its fields by name is read into the type that is declared.
    Then the annotation is validated: what is in it beside classes holds.

    Without an annotation (`Any`) nothing is validated. Standard scalars and collections arrive as they were (tuples,
    sets, bytes, datetimes and secrets included); objects arrive as dicts of their fields, by name, and of what they
    compute; NamedTuples as tuples; members of enumerations as their values; all other objects as plain JSON.

    What says which class made a value is believed: whoever can write to the server, or to a channel, can have an object
    of a reachable class made that its validators would refuse.

    Attributes:
        annotation: the declared type.
        what: what reads, for messages, such as `parameter 'order' of step 'sorting'`.

    Raises:
        DefinitionError: the type can't be read.
    """

    annotation: Any
    what: str
    _adapter: TypeAdapter[Any] = field(init=False, repr=False, compare=False)
    _reach: ReachableClasses = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_adapter", _build_adapter(self.annotation, self.what))
        object.__setattr__(self, "_reach", ReachableClasses(self.annotation))

    def accept(self, value: Any, given: str = "the value") -> Any:
        """A value that somebody gives in Python, as the type takes it: a dict may become a model, a text a number.

        Args:
            value: what is given.
            given: what it is, for messages.

        Raises:
            UndecodableError: it does not fit the type; says where and why.
        """
        return self._read_or_explain(lambda: self._adapter.validate_python(value, by_alias=True, by_name=True), given)

    def decode(self, encoded: Encoded, given: str = "the value") -> Any:
        """The value.

        Args:
            encoded: what `encode` made of it, or natural JSON without types, by aliases or by names of fields.
            given: what it is, for messages, such as `the payload of event 7`.

        Returns:
            A value of its own: nobody else's changes.

        Raises:
            UndecodableError: it does not fit the type, or that type's own code fails on it; says where and why.
        """
        return self._read_or_explain(lambda: self._read(encoded), given, BaseException)

    def _read_or_explain(self, read: Callable[[], Any], given: str, raised: type[BaseException] = Exception) -> Any:
        try:
            return read()
        except ValidationError as error:
            raise UndecodableError(
                f"{given} does not fit what {self.what} asks for: {describe_mismatch(error)}"
            ) from None
        except MismatchError as error:
            raise UndecodableError(f"{given} does not fit what {self.what} asks for: {error.message()}") from None
        except MalformedError as error:
            raise UndecodableError(f"{given} can't be read into what {self.what} asks for: it {error}") from None
        except UndecodableError as error:
            raise UndecodableError(f"{given} can't be read into what {self.what} asks for: {error}") from None
        except raised as error:  # a validator of the user's own may raise anything
            raise UndecodableError(
                f"{given} can't be read into what {self.what} asks for: {type(error).__name__}: {error_text(error)}"
            ) from error

    def json_schema(self) -> str:
        """The JSON Schema of the type, as JSON text; `{}` where it has none."""
        try:
            return json.dumps(TypeAdapter(self.annotation).json_schema())
        except PydanticUserError:  # of a class that pydantic does not know, or that JSON has no way to say
            return "{}"

    def _read(self, encoded: Encoded) -> Any:
        natural = encoded.natural_json
        if natural is not None and self.annotation is not Any:
            return validate_text(self._adapter, natural)  # pydantic's own parser: twice as fast as what follows
        data, types = encoded.fresh_copy()
        if types is None:
            return data if self.annotation is Any else validate_text(self._adapter, dump(data))
        value = Reader(_RESTORERS, self._reach).read_node(data, types)
        if self.annotation is Any or type(value) is self.annotation:
            return value  # as it was made: there is nothing to validate
        return self._adapter.validate_python(value, by_alias=True, by_name=True)


def _adapter_with_config(annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation, config=_CONFIG)
    except PydanticUserError as error:
        if error.code != "type-adapter-config-unused":
            raise
        return TypeAdapter(annotation)


def _build_adapter(annotation: Any, what: str) -> TypeAdapter[Any]:
    try:
        return _adapter_with_config(make_readable(annotation))
    except (PydanticUserError, PydanticUndefinedAnnotation, SchemaError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise DefinitionError(
            f"{what} has a type that can't travel as JSON: {reason} Take a pydantic model, a dataclass or plain JSON"
        ) from None
