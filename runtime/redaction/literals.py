"""Lists of texts as Python writes them, as in `Command '['app', '--otp', 'x']' returned non-zero exit`. Pure."""

import re
from collections.abc import Callable
from typing import Final

from runtime.redaction.command_lines import find_secret_items
from runtime.redaction.pattern import REDACTED

_TEXT: Final = r"""(?:'[^'\\]*'|"[^"\\]*")"""
_LIST: Final = re.compile(rf"[\[(]{_TEXT}(?:,[ ]?{_TEXT})+[\])]")
_ITEM: Final = re.compile(_TEXT)

#: What a text holds that has such a list.
SIGNS: Final = ("['", "('", '["', '("')


def redact_literals(text: str, is_secret: Callable[[str], bool]) -> str:
    """Returns a text without the secrets in lists that stand in it.

    Args:
        text: any.
        is_secret: whether a name is one of a secret.
    """
    if not any(sign in text for sign in SIGNS):
        return text
    return _LIST.sub(lambda found: _redact_list(found[0], is_secret), text)


def _redact_list(written: str, is_secret: Callable[[str], bool]) -> str:
    items = _ITEM.findall(written)
    hidden = find_secret_items([item[1:-1] for item in items], is_secret)
    if not hidden:
        return written
    places = iter(range(len(items)))

    def replace_item(item: re.Match[str]) -> str:
        is_hidden = next(places) in hidden
        return f"{item[0][0]}{REDACTED}{item[0][0]}" if is_hidden else item[0]

    return _ITEM.sub(replace_item, written)
