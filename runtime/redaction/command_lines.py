"""Secrets in lists of texts: the arguments of a command, and a name with its value. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from runtime.redaction.prose_secrets import is_generated_key
from runtime.redaction.shells import CONFIGURING, ONE_LETTER, SAMBA, SETTERS, SLASH_OPTION

#: An option whose value is the argument behind it.
_OPTION: Final = re.compile(r"--?[A-Za-z][A-Za-z0-9_.-]*")

#: Commands by what gives them a secret in one letter.
_GIVEN: Final = {**ONE_LETTER, "-p": ("sshpass", "login", *ONE_LETTER["-p"]), "-a": ("redis-cli", "valkey-cli")}
_ATTACHED_COMMANDS: Final = ("mysql", "mysqldump", "mysqladmin", "mariadb", "mariadb-dump", "sshpass")
_USER_COMMANDS: Final = ("curl", "wget")
#: All of these, and what gives values to names, for who has to suspect a list by them.
COMMANDS: Final = tuple(
    sorted(
        {*_ATTACHED_COMMANDS, *_USER_COMMANDS, *SAMBA, *SETTERS, *(name for names in _GIVEN.values() for name in names)}
    )
)
_USER_OPTIONS: Final = ("-u", "-U", "--user", "--proxy-user")

#: Options of curl for cookies, or for a file that holds some.
_COOKIES: Final = ("-b", "--cookie")

#: A user and a password; numbers are users and groups of containers.
_USER: Final = re.compile(r"[^\s:]{1,64}:([0-9]*[^0-9].*)", re.DOTALL)

_SLASHED: Final = re.compile(rf"{SLASH_OPTION}[0-9]*[^\s\"'=0-9][^=]*")

#: A name in a list; what is longer is a text.
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,63}")
#: How a secret is meant, or what type it has, between its name and itself.
_WORD: Final = re.compile(r"[A-Za-z]{1,12}")
#: Names behind which everything is secret, however it looks.
_SURE: Final = frozenset(("requirepass", "masterauth"))


def find_secret_items(items: Sequence[Any], is_secret: Callable[[str], bool]) -> set[int]:
    """Returns which items of a list are secrets because of what stands before them.

    Args:
        items: of any types; only texts are secrets, and name them.
        is_secret: whether a name is one of a secret.
    """
    if len(items) < 2:
        return set()
    if len(items) == 2 and isinstance(items[0], str) and isinstance(items[1], str) and is_secret(items[0]):
        return {1}
    return {*_find_secret_arguments(items, is_secret), *_find_named_secrets(items, is_secret)}


def _find_named_secrets(items: Sequence[Any], is_secret: Callable[[str], bool]) -> Iterator[int]:
    """Yields the places of secrets behind their names: `["Authorization", "Bearer", "x1"]`, `["Host", "h", "Cookie",
    "c=1"]`. Lists of names hold words alone, and stay."""
    for place, item in enumerate(items[:-1]):
        if not isinstance(item, str) or not _NAME.fullmatch(item) or not is_secret(item):
            continue
        first, second = items[place + 1], items[place + 2] if place + 2 < len(items) else None
        if isinstance(first, str) and (_is_key(first) or item.lower() in _SURE):
            yield place + 1
        elif isinstance(first, str) and _WORD.fullmatch(first) and isinstance(second, str) and _is_key(second):
            yield place + 2


def _is_key(text: str) -> bool:
    """Whether a text can't be a name: it has letters and digits, or is given to one."""
    return is_generated_key(text) or "=" in text


def _find_secret_arguments(items: Sequence[Any], is_secret: Callable[[str], bool]) -> Iterator[int]:
    commands = {""}
    before: Any = None
    for place, item in enumerate(items):
        if isinstance(item, str) and item:
            if isinstance(before, str) and before.startswith("-"):
                if _is_argument(before, item, commands, is_secret):
                    yield place
            elif _SLASHED.fullmatch(item) or _is_set_by_command(items, place, is_secret):
                yield place
            elif not item.startswith("-"):
                commands.add(item.rsplit("/", 1)[-1].removesuffix(".exe"))
            elif _is_attached(item, commands):
                yield place
        before = item


def _is_set_by_command(items: Sequence[Any], place: int, is_secret: Callable[[str], bool]) -> bool:
    """Whether a command gives it to the name before it: `["npm", "config", "set", "//r/:_authToken", "x"]`."""
    if place < 2:
        return False
    told, setter, name = ["", *items][place - 2 : place + 1]
    if not isinstance(setter, str) or setter.lower() not in SETTERS or not isinstance(name, str):
        return False
    is_setter = setter.lower() != SETTERS[0] or (isinstance(told, str) and told.lower() in CONFIGURING)
    return is_setter and is_secret(name)


def _is_attached(item: str, commands: set[str]) -> bool:
    """Whether an option of one letter has its secret in the same argument."""
    if item.startswith("-p"):
        return len(item) > 2 and not commands.isdisjoint(_ATTACHED_COMMANDS)
    return item.startswith("-u") and ":" in item and not commands.isdisjoint(_USER_COMMANDS)


def _is_argument(option: str, item: str, commands: set[str], is_secret: Callable[[str], bool]) -> bool:
    if option in _COOKIES and "curl" in commands:
        return "=" in item
    if option in _USER_OPTIONS and "%" in item and not commands.isdisjoint(SAMBA):
        return True
    if option in _USER_OPTIONS:
        known = commands != {""} and commands.isdisjoint(_USER_COMMANDS)
        user = _USER.fullmatch(item)
        return user is not None and (not known or is_generated_key(user[1]))
    if option in _GIVEN:
        return not commands.isdisjoint(_GIVEN[option])
    return not item.startswith("-") and bool(_OPTION.fullmatch(option)) and is_secret(option)
