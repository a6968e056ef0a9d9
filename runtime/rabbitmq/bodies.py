"""The body of a message as a payload, and back. Pure."""

import base64
import json
from functools import partial
from typing import Any, Final

from pydantic_core import from_json

#: How the JSON of a body may be written so that it can be made again byte by byte: by most libraries of most languages.
_WRITERS: Final = {
    f"json{'' if spaced else ' compact'}{' ascii' if ascii_ else ''}": partial(
        json.dumps, ensure_ascii=ascii_, separators=None if spaced else (",", ":")
    )
    for spaced in (True, False)
    for ascii_ in (True, False)
}
_TEXT: Final = "text"
_BASE64: Final = "base64"
#: In front of what is no text: CloudEvents' own word.
DATA_BASE64: Final = "data_base64"


def read_payload(body: bytes, content_type: str) -> Any:
    """What a handler is given: JSON where the body is that, else its text, else `{"data_base64": ...}`.

    Args:
        body: of the message.
        content_type: as its sender says; empty where it does not.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not kind or "json" in kind or kind == "application/octet-stream":
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError:
            pass
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {DATA_BASE64: base64.b64encode(body).decode()}


def encode_body(body: bytes) -> tuple[Any, str]:
    """A body as JSON, and how it is made again byte by byte: readable where that can be."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode(), _BASE64
    try:
        value = json.loads(text)
        written = next((name for name, write in _WRITERS.items() if write(value) == text), None)
    except (ValueError, RecursionError):
        written = None
    return (text, _TEXT) if written is None else (value, written)


def decode_body(value: Any, written: str) -> bytes:
    """The body of which `encode_body` made it."""
    if written == _BASE64:
        return base64.b64decode(value)
    return str(value if written == _TEXT else _WRITERS[written](value)).encode()
