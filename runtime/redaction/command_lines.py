"""Secrets in lists of texts: the arguments of a command, and a name with its value. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

#: An option whose value is the argument behind it.
_OPTION: Final = re.compile(r"--?[A-Za-z][A-Za-z0-9_.-]*")

#: Commands by what gives them a secret in one letter.
_PASSWORD_COMMANDS: Final = ("sshpass",)
_ATTACHED_COMMANDS: Final = ("mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "sshpass")
_USER_COMMANDS: Final = ("curl", "wget")
#: All of these, for who has to suspect a list by them.
COMMANDS: Final = (*_ATTACHED_COMMANDS, *_USER_COMMANDS)
_USER_OPTIONS: Final = ("-u", "-U", "--user", "--proxy-user")


def hidden_in(items: Sequence[Any], is_secret: Callable[[str], bool]) -> set[int]:
    """Returns which items of a list are secrets because of what stands before them.

    Args:
        items: of any types; only texts are secrets, and name them.
        is_secret: whether a name is one of a secret.
    """
    if len(items) < 2:
        return set()
    if len(items) == 2 and isinstance(items[0], str) and isinstance(items[1], str) and is_secret(items[0]):
        return {1}
    return set(_arguments(items, is_secret))


def _arguments(items: Sequence[Any], is_secret: Callable[[str], bool]) -> Iterator[int]:
    commands = {""}
    before: Any = None
    for place, item in enumerate(items):
        if isinstance(item, str) and item:
            if isinstance(before, str) and before.startswith("-"):
                if _is_argument(before, item, commands, is_secret):
                    yield place
            elif not item.startswith("-"):
                commands.add(item.rsplit("/", 1)[-1])
            elif item.startswith("-p") and len(item) > 2 and not commands.isdisjoint(_ATTACHED_COMMANDS):
                yield place
        before = item


def _is_argument(option: str, item: str, commands: set[str], is_secret: Callable[[str], bool]) -> bool:
    if option in _USER_OPTIONS:
        return ":" in item and not commands.isdisjoint(_USER_COMMANDS)
    if option == "-p":
        return not commands.isdisjoint(_PASSWORD_COMMANDS)
    return not item.startswith("-") and bool(_OPTION.fullmatch(option)) and is_secret(option)
