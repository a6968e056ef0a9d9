"""Pydantic's secrets. The secret itself travels: a reader has no use for asterisks."""

from typing import Any, Final

from pydantic import Secret, SecretBytes, SecretStr

from runtime.codec.note import AS, OF, Node, Note, note_as_object, note_for_null
from runtime.codec.reader import Restorer
from runtime.codec.writer import Handler, Writer

#: What pydantic shows of a secret.
MASK: Final = "**********"

_CLASSES: Final[dict[str, Any]] = {"secretstr": SecretStr, "secretbytes": SecretBytes, "secret": Secret}


def is_secret(note: Note) -> bool:
    """Whether a note says that its node is a secret."""
    return note_as_object(note).get(AS) in _CLASSES


def _make_writer(kind: str) -> Handler:
    def write(value: Any, writer: Writer, depth: int) -> Node:
        data, note = writer.write_node(_CLASSES[kind].get_secret_value(value), depth + 1)
        return data, kind if note is None and data is not None else note_for_null(data, {AS: kind, OF: note})

    return write


def _make_restorer(kind: str) -> Restorer:
    return lambda data, note, reader: _CLASSES[kind](reader.read_node(data, note.get(OF)))


HANDLERS: Final[dict[type, Handler]] = {cls: _make_writer(kind) for kind, cls in _CLASSES.items()}

RESTORERS: Final[dict[str | None, Restorer]] = {kind: _make_restorer(kind) for kind in _CLASSES}
