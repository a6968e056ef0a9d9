"""What protobuf writes: tags, lengths and numbers (https://protobuf.dev/programming-guides/encoding)."""

import struct
from typing import Final

from google.protobuf.descriptor import FieldDescriptor

#: Makes the 64 bits of a negative number one that is not.
BITS: Final = 2**64 - 1

VARINT: Final = 0
LENGTH: Final = 2

_FIXED: Final = {
    FieldDescriptor.TYPE_DOUBLE: (1, struct.Struct("<d")),
    FieldDescriptor.TYPE_FLOAT: (5, struct.Struct("<f")),
    FieldDescriptor.TYPE_FIXED64: (1, struct.Struct("<Q")),
    FieldDescriptor.TYPE_SFIXED64: (1, struct.Struct("<q")),
    FieldDescriptor.TYPE_FIXED32: (5, struct.Struct("<I")),
    FieldDescriptor.TYPE_SFIXED32: (5, struct.Struct("<i")),
}


def encode_varint(number: int) -> bytes:
    """Returns a number that is not negative, in as many bytes as it needs."""
    written = bytearray()
    while number > 127:
        written.append(number & 127 | 128)
        number >>= 7
    written.append(number)
    return bytes(written)


class _Lengths(dict[int, bytes]):
    """Lengths as they are written; those of most texts and messages are known."""

    def __missing__(self, length: int) -> bytes:
        return encode_varint(length)


#: What is written ahead of so many bytes.
LENGTHS: Final = _Lengths({length: encode_varint(length) for length in range(4096)})


def find_fixed_packer(field: FieldDescriptor) -> struct.Struct | None:
    """Returns how a number of a fixed size is written; nothing where the size varies or it is no number."""
    return _FIXED[field.type][1] if field.type in _FIXED else None


def encode_tag(field: FieldDescriptor) -> bytes:
    """Returns what is written ahead of a field's value; lists of numbers are one value."""
    if field.type in _FIXED and not field.is_repeated:
        kind = _FIXED[field.type][0]
    elif field.is_repeated or field.message_type or field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        kind = LENGTH
    else:
        kind = VARINT
    return encode_varint(field.number << 3 | kind)
