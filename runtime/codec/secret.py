"""Pydantic's secrets. The secret itself travels: a reader has no use for asterisks."""

from typing import Any, Final

from pydantic import Secret, SecretBytes, SecretStr

from runtime.codec.note import AS, OF, Node, Note, for_null, opened
from runtime.codec.reader import Restorer
from runtime.codec.writer import Handler, Writer

#: What pydantic shows of a secret.
MASK: Final = "**********"

_CLASSES: Final[dict[str, Any]] = {"secretstr": SecretStr, "secretbytes": SecretBytes, "secret": Secret}


def is_secret(note: Note) -> bool:
    """Whether a note says that its node is a secret."""
    return opened(note).get(AS) in _CLASSES


def _write(kind: str) -> Handler:
    def write(value: Any, writer: Writer, depth: int) -> Node:
        data, note = writer.node(_CLASSES[kind].get_secret_value(value), depth + 1)
        return data, kind if note is None and data is not None else for_null(data, {AS: kind, OF: note})

    return write


def _restore(kind: str) -> Restorer:
    return lambda data, note, reader: _CLASSES[kind](reader.node(data, note.get(OF)))


HANDLERS: Final[dict[type, Handler]] = {cls: _write(kind) for kind, cls in _CLASSES.items()}

RESTORERS: Final[dict[str | None, Restorer]] = {kind: _restore(kind) for kind in _CLASSES}
