"""What the methods of all subjects share."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, Protocol, TypedDict, TypeVar
from urllib.parse import quote

from collector.replies import ApiError
from collector.transport import Transport

#: Entries that are asked for in one go by whoever walks all pages.
PAGE: Final = 500

#: The same where each may hold a payload of any size.
PAGE_WHOLE: Final = 100

#: What would be another path: proxies and clients take them away, or for a part of the route.
_NO_SEGMENTS: Final = ("", ".", "..")


class TimeRange(TypedDict, total=False):
    """The time range of a list or a figure: `start` and `end` (exclusive), or `last`, such as `15m`, `24h` or `all`."""

    start: datetime | None
    end: datetime | None
    last: str | None


#: An entry of a list.
Entry = TypeVar("Entry", covariant=True)


class Listed(Protocol[Entry]):
    """One page of a list; `next` is the cursor of the page after it, or None."""

    @property
    def items(self) -> Sequence[Entry]: ...

    @property
    def next(self) -> str | None: ...


class Asking:
    """Holds how the API is asked."""

    _api: Transport


def segment(text: str) -> str:
    """Returns an id as a part of a path.

    Raises:
        ApiError: when no id can be like this; asked for, it would be another route.
    """
    if text.strip() in _NO_SEGMENTS or "/" in text:
        raise ApiError("not_found", f"nothing has the id {text!r}", "an id is a UUID, or a trace id in hex", 404)
    return quote(text, safe="")


def rest(text: str) -> str:
    """Returns an id that may be any text, such as a foreign message's, as the rest of a path.

    Raises:
        ApiError: when no id can be like this; asked for, it would be another route.
    """
    return segment(text.replace("/", "")) and quote(text, safe="")


def walk(ask: Callable[[str | None], Listed[Entry]]) -> Iterator[Entry]:
    """Yields all entries of a list, page by page; they neither repeat nor skip, whatever happens meanwhile.

    Args:
        ask: returns the page that begins at a cursor; the first one for None.
    """
    page = ask(None)
    yield from page.items
    while page.next:
        page = ask(page.next)
        yield from page.items
