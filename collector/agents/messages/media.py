"""Images and other files within messages: placeholders with their type and size, never what is encoded in them."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from collector.agents.messages.json_values import text_of
from collector.models.conversations import Part, PartKind

#: A file within an address (RFC 2397).
_DATA: Final = re.compile(r"\s*data:([\w.+/-]*)(?:;[\w=.+-]+)*?(;base64)?,", re.IGNORECASE)

#: Such files within somebody's words, as Markdown has images; what is shorter is no picture that anybody sent.
_EMBEDDED: Final = re.compile(
    r"data:([\w.+-]+/[\w.+-]+)(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/_-]{128,}={0,2}", re.IGNORECASE
)

#: Text that nobody wrote: longer than any word, of the letters of base64 alone.
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{256,}={0,2}\Z")

#: What Strands Agents write instead of bytes.
_REPLACED: Final = "<replaced>"

#: Characters of a text that tell what it is.
_HEAD: Final = 400

#: Words for a file's type, in the spellings of all conventions.
_TYPE: Final = ("mime_type", "media_type", "mimeType", "mediaType", "contentType")
#: Where what is encoded lies.
_INSIDE: Final = ("data", "content", "base64", "bytes", "file_data", "image", "blob")
#: Where a map lies that tells the same of the file.
_WITHIN: Final = ("source", "image_url", "input_audio", "file", "url")
#: Where an address or a file's id lies.
_WHERE: Final = ("uri", "url", "file_uri", "fileUri", "file_id", "fileId", "id", "filename", "name")

_DEPTH: Final = 8


def make_placeholder(kind: PartKind, value: Any, media_type: str = "") -> Part:
    """Returns what stands for an image or another file.

    Args:
        kind: what it is called; its own type decides where that tells.
        value: an address, what is encoded, or a map that holds either in some convention's words.
        media_type: its type where the convention tells that elsewhere.
    """
    if isinstance(value, str):
        return _make_text_placeholder(kind, value, media_type)
    if not isinstance(value, Mapping):
        return Part(kind=kind, media_type=media_type or None)
    nested = next((value[key] for key in _WITHIN if isinstance(value.get(key), Mapping)), None)
    told = str(next((value[key] for key in _TYPE if value.get(key)), "") or media_type)
    if not told and isinstance(value.get("format"), str):
        told = f"{kind}/{value['format']}"
    if nested is not None:
        return make_placeholder(kind, nested, told)
    inside = next((value[key] for key in _INSIDE if isinstance(value.get(key), str | Mapping)), None)
    where = next((value[key] for key in _WHERE if isinstance(value.get(key), str)), None)
    if isinstance(inside, Mapping):
        return make_placeholder(kind, inside, told)
    if isinstance(inside, str):
        found = _make_text_placeholder(kind, inside, told, is_encoded=True)
        return found.model_copy(update={"uri": found.uri or where if where != inside else found.uri})
    return _make_text_placeholder(kind, where or "", told)


def find_file(text: str) -> Part | None:
    """Returns the placeholder for text that is a file, and no text; None where it is text."""
    head = text[:_HEAD]
    if found := _DATA.match(head):
        return make_placeholder(_kind_of_type(found[1], "file"), text)
    return None


def split_files(text: str) -> list[Part]:
    """Returns somebody's words, with a placeholder in place of each file that is encoded within them."""
    if ";base64," not in text:
        return [Part(kind="text", text=text)]
    parts, at = list[Part](), 0
    for found in _EMBEDDED.finditer(text):
        parts += [
            Part(kind="text", text=text[at : found.start()]),
            make_placeholder(_kind_of_type(found[1], "file"), found[0]),
        ]
        at = found.end()
    return [
        *(part for part in parts if part.text != ""),
        *([Part(kind="text", text=text[at:])] if at < len(text) else []),
    ]


def hide_encoded(value: Any, depth: int = 0) -> Any:
    """Returns a structure in which what is encoded is told by its size, so that it can be shown."""
    if isinstance(value, str):
        head = _DATA.match(value[:_HEAD])
        if head is not None or (len(value) > _HEAD and _ENCODED.match(value[:_HEAD])):
            return f"[{_decoded_size(value[head.end() :] if head else value):,} bytes, encoded]"
        return value
    if depth > _DEPTH:
        return value
    if isinstance(value, Mapping):
        return {key: hide_encoded(item, depth + 1) for key, item in value.items()}
    return [hide_encoded(item, depth + 1) for item in value] if isinstance(value, list) else value


def compute_digest(text: str) -> str:
    """Returns by what a text that is not shown is known again."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def _make_text_placeholder(kind: PartKind, text: str, media_type: str, *, is_encoded: bool = False) -> Part:
    found = _DATA.match(text[:_HEAD])
    if found is not None:
        told = found[1] or media_type
        size = _decoded_size(text[found.end() :]) if found[2] else len(text) - found.end()
        return Part(
            kind=_kind_of_type(told, kind),
            media_type=told or None,
            size=size,
            digest=compute_digest(text[found.end() :]),
        )
    if is_encoded and text == _REPLACED:
        return Part(kind=_kind_of_type(media_type, kind), media_type=media_type or None)
    if is_encoded or (len(text) > _HEAD and not text.startswith(("http:", "https:"))):
        told = media_type or None
        return Part(
            kind=_kind_of_type(media_type, kind), media_type=told, size=_decoded_size(text), digest=compute_digest(text)
        )
    return Part(
        kind=_kind_of_type(media_type, kind), media_type=media_type or None, uri=text_of(text) if text else None
    )


def _decoded_size(text: str) -> int:
    """Returns how many bytes base64 stands for."""
    return max(0, len(text) * 3 // 4 - text[-2:].count("="))


def _kind_of_type(media_type: str, otherwise: PartKind) -> PartKind:
    match media_type.partition("/")[0].lower():
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
        case _:
            return otherwise
