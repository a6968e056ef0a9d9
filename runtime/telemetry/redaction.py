"""What of a payload may travel on a span: secrets replaced, length bounded. Pure."""

import json
from typing import Any, Final

#: Bytes of UTF-8 that a payload on a span may take, the note that it was cut included.
PAYLOAD_LIMIT: Final = 8 * 1024

REDACTED: Final = "[redacted]"


def key_names(setting: str) -> frozenset[str]:
    """The key names in a comma-separated setting, folded for comparison."""
    return frozenset(name.strip().casefold() for name in setting.split(",") if name.strip())


def presentable(data: str, secret_keys: frozenset[str], limit: int = PAYLOAD_LIMIT) -> str:
    """The copy of a payload that a span carries.

    Args:
        data: the payload as JSON text.
        secret_keys: names of keys, folded, whose values are replaced at any depth.
        limit: bytes of UTF-8 that the answer may take.

    Returns:
        JSON text, or its beginning and a note of how much is missing; empty where `data` is no JSON that can be read,
        because then nobody can say where its secrets are.
    """
    try:
        value = json.loads(data)
        clean = _redact(value, secret_keys)
        # What holds no secret stays as it was written: parsing would change how its numbers look.
        text = data if clean == value else json.dumps(clean, ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return ""
    return _cut(text, limit)


def _redact(value: Any, secret_keys: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: REDACTED if key.casefold() in secret_keys else _redact(inner, secret_keys)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_redact(inner, secret_keys) for inner in value]
    return value


def _cut(text: str, limit: int) -> str:
    raw = text.encode("utf-8", "replace")
    if len(raw) <= limit:
        return raw.decode()
    note = f"... [cut: {len(raw)} bytes in all]".encode()
    return raw[: limit - len(note)].decode("utf-8", "ignore") + note.decode()
