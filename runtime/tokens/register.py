"""All tokens of a home: a file that only its user reads. The collector holds the database, and commands run beside it.

`tokens.json` holds no secrets, but whoever writes to it lets in whom they like. Once it exists tokens are asked for,
even when all of them are revoked: the last one's end must not open the door.
"""

import json
import logging
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from runtime import private
from runtime.embedded import locks
from runtime.errors import CauselineError
from runtime.tokens.token import Caller, Scope, Token, check_token, mint_token

FILE: Final = "tokens.json"

#: Where the home's own token is kept whole, for the programs of its user.
OWN_FILE: Final = "token"

#: Name of the home's own token.
OWN_NAME: Final = "home"

_LOCK: Final = "tokens.lock"
_PATIENCE: Final = 10.0
_WRITABLE: Final = stat.S_IWGRP | stat.S_IWOTH
_VERSION: Final = 1
_DAY: Final = 86_400

_log: Final = logging.getLogger(__name__)


class RegisterError(CauselineError):
    """Raised when tokens can't be read or written, or there is no such token."""


class Register:
    """The tokens of a home, as they are now: the file is read again whenever it has changed.

    Args:
        home: the folder that holds the file.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._seen: tuple[int, ...] = ()
        self._tokens: tuple[Token, ...] = ()
        self._trouble = ""

    def exists(self) -> bool:
        """Returns whether a token was ever made here; true also where nobody can tell."""
        try:
            self.path.stat()
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def tokens(self) -> Sequence[Token]:
        """Returns all tokens, oldest first, also those that are good for nothing any more.

        Raises:
            RegisterError: when the file can't be read, or others may write to it.
        """
        self._reload()
        if self._trouble:
            raise RegisterError(self._trouble)
        return self._tokens

    def find_caller(self, presented: str) -> Caller | None:
        """Returns whose token was presented, or None where it is good for nothing, or nobody can tell."""
        before = self._trouble
        self._reload()
        if self._trouble and self._trouble != before:
            _log.error("nobody is let in: %s", self._trouble)
        return None if self._trouble else check_token(presented, self._tokens, time.time())

    def _reload(self) -> None:
        try:
            found = self.path.stat()
            seen = (found.st_mtime_ns, found.st_size, found.st_ino, found.st_mode, found.st_uid)
            if seen != self._seen:
                self._seen, self._tokens, self._trouble = (), (), ""
                self._tokens = _read(self.path, found)
                self._seen = seen
        except FileNotFoundError:
            self._seen, self._tokens, self._trouble = (), (), ""
        except OSError as error:
            self._trouble = f"{self.path} can't be read ({error.strerror})"
        except RegisterError as error:
            self._trouble = str(error)


def create(home: Path, name: str, scopes: Iterable[Scope], days: float | None = None) -> str:
    """Makes a token, and on the first time the home's own: the one named `home`, for the programs of its user.

    Args:
        home: the folder of the file.
        name: whose it is, for lists and the audit.
        scopes: what it is good for.
        days: after which it is good for nothing; None for never.

    Returns:
        The token; it can't be shown again.

    Raises:
        RegisterError: when the file can't be written, or a token of this name is in use.
    """
    with _lock_tokens(home):
        tokens = list(Register(home).tokens())
        if any(token.name == name and token.is_valid(time.time()) for token in tokens):
            raise RegisterError(f"there is a token named {name!r} already: revoke it first, or choose another name")
        if not tokens and name != OWN_NAME:
            tokens.append(_make_own_token(home)[1])
        shown, token = _make_own_token(home) if name == OWN_NAME else _make_token(name, scopes, days)
        _write(home / FILE, [*tokens, token])
    return shown


def revoke(home: Path, which: str) -> list[Token]:
    """Ends tokens, for running collectors too.

    Args:
        home: the folder of the file.
        which: the name or the id.

    Returns:
        Those that are good for nothing from now on.

    Raises:
        RegisterError: when the file can't be written, or there is no such token in use.
    """
    now = int(time.time())
    with _lock_tokens(home):
        tokens = Register(home).tokens()
        ended = [token for token in tokens if which in (token.name, token.id) and token.is_valid(now)]
        if not ended:
            raise RegisterError(f"no token in use has the name or id {which!r}: `causeline token list` shows them")
        _write(home / FILE, [replace(token, revoked_at=now) if token in ended else token for token in tokens])
    return ended


@contextmanager
def _lock_tokens(home: Path) -> Iterator[None]:
    """Two commands at once must not write over each other's tokens."""
    if not locks.AVAILABLE:
        yield
        return
    try:
        lock = locks.open_lock(home / _LOCK)
    except OSError as error:
        raise RegisterError(f"{home} can't hold tokens ({error.strerror}): name a folder in CAUSELINE_HOME") from None
    try:
        if not locks.try_exclusive_until(lock, time.monotonic() + _PATIENCE):
            raise RegisterError(f"another command holds {home / _LOCK}: try again")
        yield
    finally:
        os.close(lock)


def _make_token(name: str, scopes: Iterable[Scope], days: float | None) -> tuple[str, Token]:
    shown, id_, digest = mint_token()
    now = int(time.time())
    expires_at = 0 if days is None else now + max(1, int(days * _DAY))
    return shown, Token(id_, name, frozenset(scopes), digest, now, expires_at)


def _make_own_token(home: Path) -> tuple[str, Token]:
    """Makes the home's own token and keeps it whole: who can read that file can read and write all beside it, too."""
    shown, token = _make_token(OWN_NAME, Scope, None)
    try:
        private.write(home / OWN_FILE, f"{shown}\n")
    except OSError as error:
        raise RegisterError(f"{home / OWN_FILE} can't be written ({error.strerror})") from None
    return shown, token


def _read(path: Path, found: os.stat_result) -> tuple[Token, ...]:
    if hasattr(os, "geteuid") and (found.st_uid not in (0, os.geteuid()) or found.st_mode & _WRITABLE):
        raise RegisterError(f"others may write to {path}: once you know what it holds, make it yours alone (chmod 600)")
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return tuple(_parse_token(entry) for entry in held["tokens"])
    except (ValueError, KeyError, TypeError):
        raise RegisterError(
            f"{path} is damaged: move it away, and make new tokens with `causeline token create`"
        ) from None


def _parse_token(entry: dict[str, Any]) -> Token:
    known = {scope.value for scope in Scope}
    return Token(
        id=str(entry["id"]),
        name=str(entry["name"]),
        scopes=frozenset(Scope(word) for word in entry["scopes"] if word in known),  # a newer program may know more
        digest=str(entry["sha256"]),
        created_at=int(entry["created_at"]),
        expires_at=int(entry.get("expires_at", 0)),
        revoked_at=int(entry.get("revoked_at", 0)),
    )


def _write(path: Path, tokens: Iterable[Token]) -> None:
    entries = [
        {
            "id": token.id,
            "name": token.name,
            "scopes": sorted(token.scopes),
            "sha256": token.digest,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "revoked_at": token.revoked_at,
        }
        for token in tokens
    ]
    try:
        private.write(path, json.dumps({"version": _VERSION, "tokens": entries}, indent=1) + "\n")
    except OSError as error:
        raise RegisterError(f"{path} can't be written ({error.strerror})") from None
