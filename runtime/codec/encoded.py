"""What a value is stored and sent as: natural JSON, and beside it what natural JSON does not say."""

from typing import Any, Final, Self

from runtime.codec.json_text import copy_json, dump, parse
from runtime.codec.note import DATA, TYPES, Note
from runtime.errors import UndecodableError

#: The member that marks one text of both; its value is the version of this format. A user's own object that has it is
#: wrapped too, so that it can't be taken for a wrapper.
RESERVED: Final = "$causeline"
_VERSION: Final = 1
_MARK: Final = f'"{RESERVED}"'
_WRAPPER: Final = frozenset({RESERVED, DATA, TYPES})

_UNREAD: Final[Any] = object()


class Encoded:
    """An encoded value.

    Args:
        data: plain JSON: what a foreign reader expects.
        types: the tree of notes, as `runtime.codec.note` describes it; None where natural JSON says all.
    """

    __slots__ = ("_data", "_text", "_types")

    def __init__(self, data: Any, types: Note = None) -> None:
        self._data = data
        self._types = types
        self._text: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of `text`. Any other JSON is data without types. Reading it is left to whoever asks for it."""
        encoded = cls(_UNREAD)
        encoded._text = text
        return encoded

    @property
    def data(self) -> Any:
        """Plain JSON.

        Raises:
            UndecodableError: what was to be parsed is no JSON, or a newer version wrote it.
        """
        if self._data is _UNREAD:
            self._data, self._types = self.fresh_copy()
        return self._data

    @property
    def types(self) -> Note:
        """The tree of notes, or None.

        Raises:
            UndecodableError: as for `data`.
        """
        if self._data is _UNREAD and self.natural_json is None:
            self._data, self._types = self.fresh_copy()
        return self._types

    @property
    def natural_json(self) -> str | None:
        """Its JSON text where that is natural JSON; None where there are types beside, or may be. A text that was made
        of data is nobody else's: to read it saves whoever does a copy."""
        text = self._text
        if text is not None:
            return text if _MARK not in text else None
        return dump(self._data) if self._types is None else None

    @property
    def text(self) -> str:
        """Data and types as one JSON text, for stores: the data alone where there are no types."""
        if self._text is None:
            bare = self._types is None and not (isinstance(self._data, dict) and RESERVED in self._data)
            self._text = dump(self._data if bare else {RESERVED: _VERSION, DATA: self._data, TYPES: self._types})
        return self._text

    @property
    def size(self) -> int:
        """Bytes of the natural JSON, without what says its types.

        Raises:
            UndecodableError: as for `data`.
        """
        text = self.natural_json
        return len((text if text is not None else dump(self.fresh_copy()[0])).encode(errors="replace"))

    def fresh_copy(self) -> tuple[Any, Note]:
        """Data and types that nobody else has.

        Raises:
            UndecodableError: as for `data`.
        """
        if self._text is None:
            return copy_json(self._data), copy_json(self._types)
        try:
            whole = parse(self._text)
        except (ValueError, RecursionError):
            raise UndecodableError("what is stored is not valid JSON, or nested too deep") from None
        if type(whole) is not dict or RESERVED not in whole or whole.keys() != _WRAPPER:
            return whole, None
        if whole[RESERVED] != _VERSION:
            raise UndecodableError("what is stored was written by a newer version of Causeline")
        return whole[DATA], whole[TYPES]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Encoded):
            return NotImplemented
        return bool(self.data == other.data and self.types == other.types)

    __hash__ = None  # type: ignore[assignment]  # how Python says that there is no hash

    def __repr__(self) -> str:
        return "Encoded(...)"  # what it holds may be a secret
