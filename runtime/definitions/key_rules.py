"""Which keys an attempt may read, and how large what it writes may be."""

from collections.abc import Sequence
from typing import Final

from runtime.definitions.options import check_key
from runtime.errors import DefinitionError, KeyTooLargeError
from runtime.frozen import frozen

#: Bytes that a key takes at most where nobody says otherwise.
MOST_BYTES: Final = 16 * 1024 * 1024
#: Bytes of UTF-8 that a character takes at most.
_WIDEST: Final = 4


@frozen()
class KeyRules:
    """What holds for the keys of one attempt.

    Attributes:
        what: whose it is, for messages, such as `step 'sorting'`.
        reads: the keys of durable state that it may read; None for any.
        most_bytes: that the JSON of one key takes at most.
    """

    what: str = "this work"
    reads: tuple[str, ...] | None = None
    most_bytes: int = MOST_BYTES

    def check_read(self, key: str) -> None:
        """Raises DefinitionError for a key that was not named."""
        if self.reads is not None and key not in self.reads:
            named = f"names {', '.join(map(repr, self.reads))} alone" if self.reads else "names none"
            raise DefinitionError(f"{self.what} reads state key {key!r}, and {named}: add it to its reads=")

    def check_size(self, key: str, text: str) -> None:
        """Raises KeyTooLargeError for a value that is too large.

        Args:
            key: its name.
            text: its value, JSON.
        """
        if len(text) * _WIDEST <= self.most_bytes:
            return
        size = len(text.encode(errors="replace"))
        if size > self.most_bytes:
            raise KeyTooLargeError(
                f"key {key!r} of {self.what} takes {_mib(size)}, and a key takes {_mib(self.most_bytes)} at most: keep "
                "what is large elsewhere, and where it is in the key; or set CAUSELINE_KEY_KIB"
            )


def checked_reads(what: str, reads: object) -> tuple[str, ...] | None:
    """The names of keys that a step may read; None where it names none.

    Raises:
        DefinitionError: they are no names.
    """
    if reads is None:
        return None
    if isinstance(reads, str) or not isinstance(reads, Sequence):
        raise DefinitionError(f"{what} has reads={reads!r}: give the names of keys, such as reads=['draft']")
    for key in reads:
        check_key(key)
    return tuple(dict.fromkeys(reads))


def _mib(size: int) -> str:
    """Bytes in words; those of small limits in KiB."""
    return f"{size / 1024:,.1f} KiB" if size < 1024 * 1024 else f"{size / 1024 / 1024:,.1f} MiB"
