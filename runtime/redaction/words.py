"""Names of keys as words, and which of them say that a value is secret. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

#: What a key says of a secret value, each one or more whole words.
SECRET_WORDS: Final = (
    "password",
    "passwords",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "secrets",
    "token",
    "authorization",
    "cookie",
    "cookies",
    "credential",
    "credentials",
    "jwt",
    "bearer",
    "requirepass",
    "pgpassword",
    "db pass",
    "database pass",
    "mysql pass",
    "redis pass",
    "smtp pass",
    "mail pass",
    "user pass",
    "auth pass",
    "client key",
    "code verifier",
    "saml response",
    "store pass",
    "key pass",
    "csrf",
    "xsrf",
    "csrftoken",
    "api key",
    "api keys",
    "secret key",
    "secret keys",
    "access key",
    "access keys",
    "private key",
    "account key",
    "master key",
    "ssh key",
    "openai key",
    "anthropic key",
    "github pat",
    "connection string",
    "signing key",
    "encryption key",
    "auth key",
    "shared key",
    # `tokens` alone is what models are paid by.
    "access tokens",
    "api tokens",
    "auth tokens",
    "bearer tokens",
    "refresh tokens",
    "client assertion",
)

#: What names a secret only as the last word of a key: before others it speaks of it, and in prose it is a word.
LAST_WORDS: Final = frozenset(
    ("pass", "auth", "otp", "cvv", "cvc", "sessionid", "jsessionid", "phpsessid", "htpasswd", "tokenvalue")
)

#: Ends of words that nothing divides: `accesstoken`, `dbpassword`.
_ENDS: Final = (
    *("password", "passwd", "passphrase", "passcode", "token", "secret", "credentials"),
    *("apikey", "accesskey", "privatekey", "secretkey", "encryptionkey", "signingkey"),
)

#: Before these a word speaks of a secret, and its value is none: `token_count`, `password_policy`, `secret.name`.
#: Behind them it is one: `db.url.password`, `llm.provider.api_key`.
ABOUT: Final = frozenset(
    (
        "count",
        "counts",
        "limit",
        "limits",
        "usage",
        "used",
        "budget",
        "length",
        "size",
        "total",
        "type",
        "kind",
        "format",
    )
) | {
    "ttl",
    "expires",
    "expiry",
    "expiration",
    "policy",
    "name",
    "provider",
    "method",
    "scheme",
    "url",
    "uri",
    "endpoint",
    "arn",
}

#: `X-Api-Key`, `access_token`, `clientSecret`, `APIKey`: separators end a part, and changes of case words within it.
_PART: Final = re.compile(r"[A-Za-z]+")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

#: What may stand between two words of a key, where the key stands in a text.
_BETWEEN: Final = "[ _.-]?"


class SecretWords:
    """The words that say that a value is secret.

    Args:
        phrases: each one or more words, in any spelling of a key: `api key`, `api_key`, `apiKey`.
    """

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = {words for phrase in phrases if (words := tuple(words_of(phrase)))}
        # `apikey` and `PassWord` as well, which only their case, or nothing, divides.
        self._phrases |= {("".join(words),) for words in self._phrases}
        self._longest = max(map(len, self._phrases), default=0)
        self._lasts = LAST_WORDS if ("password",) in self._phrases else frozenset()
        self._tails = tuple(end for end in _ENDS if (end,) in self._phrases)

    def are_in(self, key: str) -> bool:
        """Whether a key names a secret."""
        if not self._phrases:
            return False
        told = words_of(key)
        after_about = max((place for place, word in enumerate(told, 1) if word in ABOUT), default=0)
        if told and told[-1] in self._lasts:
            return True
        return any(end >= after_about for end in self._ends(key, told))

    def _ends(self, key: str, told: list[str]) -> Iterator[int]:
        """Where those that stand in a key end, as numbers of its words."""
        end = 0
        for part in _PART.findall(key):
            end += len(_WORD.findall(part))
            if (part.lower(),) in self._phrases or (self._tails and part.lower().endswith(self._tails)):
                yield end
        for length in range(1, self._longest + 1):
            for start in range(len(told) - length + 1):
                if tuple(told[start : start + length]) in self._phrases:
                    yield start + length

    def expression(self) -> str:
        """A regular expression that finds one of them in a text, in any case; empty where there are none."""
        plain = self.in_lower_case()
        return f"(?i:{plain})" if plain else ""

    def in_lower_case(self) -> str:
        """The same for a text of lower case, which is much faster."""
        # The longest first, as both would match at one place.
        return "|".join(sorted((_BETWEEN.join(words) for words in self._phrases), reverse=True))

    def signs(self) -> tuple[str, ...]:
        """Parts of them in lower case: a text without any of these holds none of them."""
        return _shortest(words[-1] for words in self._phrases)

    def companions(self) -> dict[str, tuple[str, ...]]:
        """Of each of `signs` the parts of which one stands in the same text, as `api` does beside `key`; none where a
        word tells of a secret by itself."""
        found: dict[str, set[str]] = {sign: set() for sign in self.signs()}
        for words in self._phrases:
            for sign, beside in found.items():
                if sign in words[-1]:
                    beside.add(words[0])
        return {sign: () if sign in beside else _shortest(beside) for sign, beside in found.items()}


def _shortest(words: Iterable[str]) -> tuple[str, ...]:
    """Those that hold no other one."""
    words = set(words)
    return tuple(sorted(one for one in words if not any(other != one and other in one for other in words)))


def words_of(key: str) -> list[str]:
    """The words of a key in lower case; digits and what is no Latin letter divide them."""
    return [word.lower() for part in _PART.findall(key) for word in _WORD.findall(part)]
