"""Why a value can't travel: where, of what type it is there, and what to do. Never the value: it may be a secret."""

from typing import Any, Final

#: Levels of lists, dicts and objects within each other. JSON parsers end at 200, and a level of a list may take more
#: than one of them.
MAX_DEPTH: Final = 150

#: Characters of a key that a place shows.
_KEY_LIMIT: Final = 64

_ADVICE: Final = "make it a pydantic model, a dataclass or plain JSON"


class RefusedError(Exception):
    """Raised when a part of a value can't travel; each container that it passes adds where the part stands.

    `hint` is what else to do, in the imperative. `deep` says that the reason is how deep it lies, not what it is.
    """

    def __init__(self, value: Any, hint: str = "", *, deep: bool = False) -> None:
        super().__init__()
        self._type = type_name(type(value))
        self._hint = hint
        self.deep = deep
        self._trail: list[tuple[int, str]] = []

    def add_place(self, holder: Any, place: str) -> "RefusedError":
        """Adds that the part stands at a place of a container, and returns itself."""
        self._trail.append((id(holder), place))
        return self

    def message(self, what: str) -> str:
        """What to tell whoever made the value; `what` is what it is, such as `the result of step 'sorting'`."""
        trail = self._trail[::-1]
        again = _recurrence([holder for holder, _ in trail]) if self.deep else None
        place = "".join(step for _, step in trail[:again])
        where = f"{what}, at {place}," if place else what
        if again is not None:
            return f"{where} can't travel: it refers to itself there; write that reference as an id"
        if self.deep:
            return f"{what} can't travel: it is nested deeper than {MAX_DEPTH} levels, at {_shortened(place)}"
        return f"{where} can't travel: it is of type {self._type}; {self._hint and f'{self._hint}, or '}{_ADVICE}"


def type_name(cls: type) -> str:
    """A class as messages name it."""
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def key_place(key: Any) -> str:
    """Where the value of a dict's key stands: `.text`, `['a b']`, `[3]`, or `[a key of type tuple]`."""
    if isinstance(key, str):
        if key.isidentifier() and len(key) <= _KEY_LIMIT:
            return f".{key}"
        return f"[{key[:_KEY_LIMIT]!r}]"
    return f"[{key}]" if type(key) is int and abs(key) < 10**18 else f"[a key of type {type_name(type(key))}]"


def _recurrence(holders: list[int]) -> int | None:
    """How many steps lead from the whole to the first container that had been met before."""
    seen: set[int] = set()
    for at, holder in enumerate(holders):
        if holder in seen:
            return at
        seen.add(holder)
    return None


def _shortened(place: str) -> str:
    return place if len(place) <= 2 * _KEY_LIMIT else f"{place[:_KEY_LIMIT]}...{place[-_KEY_LIMIT:]}"
