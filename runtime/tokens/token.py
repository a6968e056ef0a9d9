"""One token: what it looks like, what of it is kept, and how the two are compared.

A token is `causeline_<id>_<secret>`; the prefix lets scanners for leaked secrets find it. Kept is the SHA-256 of the
secret. A slow hash was refused: it protects what people can remember and others can guess; here 256 random bits can't
be guessed at any speed, and every request would pay for the slowness.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_SHAPE: Final = re.compile(r"causeline_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")

#: Compared with where no token has the id, so that the answer takes as long.
_NOBODY: Final = "0" * 64


class Scope(StrEnum):
    """What a token is good for."""

    INGEST = "ingest"
    """Send traces, logs and metrics."""
    READ = "read"
    """Ask the API."""
    OPERATE = "operate"
    """Change something: replay, discard, cancel, resume, retire."""
    DELEGATE = "delegate"
    """Name the person for whom something is changed, as a dashboard does whose users sign in."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, as their token says."""

    name: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token. Times are seconds since 1970; 0 for never.

    Attributes:
        id: names it among all; no secret.
        name: who has it; stands in the audit.
        scopes: what it is good for.
        digest: SHA-256 of its secret, in hexadecimal.
        expires_at: from when on it is good for nothing.
        revoked_at: since when it is good for nothing.
    """

    id: str
    name: str
    scopes: frozenset[Scope]
    digest: str
    created_at: int
    expires_at: int = 0
    revoked_at: int = 0

    def is_valid(self, now: float) -> bool:
        """Returns whether it is good for anything at a time (seconds since 1970)."""
        return not self.revoked_at and (not self.expires_at or now < self.expires_at)


def mint_token() -> tuple[str, str, str]:
    """Returns a new token as it is shown once, its id, and the digest that is kept."""
    id_, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return f"causeline_{id_}_{secret}", id_, _digest(secret)


def check_token(presented: str, known: Iterable[Token], now: float) -> Caller | None:
    """Returns whose token was presented, or None where it is good for nothing.

    Args:
        presented: a whole token, from anybody.
        known: all tokens.
        now: seconds since 1970.
    """
    shape = _SHAPE.fullmatch(presented)
    if shape is None:
        return None
    found = next((token for token in known if token.id == shape[1]), None)
    same = hmac.compare_digest(_digest(shape[2]), found.digest if found else _NOBODY)
    return Caller(found.name, found.scopes) if found and same and found.is_valid(now) else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
