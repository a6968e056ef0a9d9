"""The user's file of prices, read again when it changes, over the list that is shipped."""

import sys
import threading
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from collector.prices import parsing
from collector.prices.price_list import PriceBook, PriceList

#: Most bytes of the file.
_LARGEST: Final = 2**22

_SHIPPED: Final = "the shipped list"


@cache
def load_shipped_prices() -> PriceList:
    """Returns the list of prices that is shipped."""
    text = files(__package__).joinpath("prices.toml").read_text(encoding="utf-8")
    return parsing.parse_prices(text, _SHIPPED, is_own=False)[0]


class PriceFile:
    """The prices as they are now. Safe to use from several threads.

    Args:
        path: where the user's file is, or may come to be; None for the shipped list alone.
        is_named: whether somebody named it; then it is a fault if it is missing.
    """

    def __init__(self, path: Path | None = None, *, is_named: bool = False) -> None:
        self._path = path
        self._is_named = is_named
        self._lock = threading.Lock()
        self._mark: object = None
        self._current: PriceBook | None = None

    def current(self) -> PriceBook:
        """Returns the prices that hold now. What is wrong with the file is told on standard error, in one line and once
        for each of its states; no price is known then."""
        with self._lock:
            mark = self._file_version()
            if self._current is None or mark != self._mark:
                self._mark = mark
                self._current = self._read(mark)
                if self._current.fault:
                    print(f"causeline collector: prices are unknown: {self._current.fault}", file=sys.stderr)
            return self._current

    def _file_version(self) -> object:
        if self._path is None:
            return None
        try:
            found = self._path.stat()
        except OSError as error:
            return error.strerror
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self, mark: object) -> PriceBook:
        path, told = self._path, f"{hash(mark):x}"
        if path is None:
            return PriceBook((load_shipped_prices(),), mark=told)
        try:
            if path.stat().st_size > _LARGEST:
                raise ValueError(f"{path}:1: it is larger than {_LARGEST:,} bytes")
            own, beside = parsing.parse_prices(path.read_text(encoding="utf-8-sig"), str(path), is_own=True)
        except FileNotFoundError:
            if self._is_named:
                return PriceBook(fault=f"{path}: it is not there", mark=told)
            return PriceBook((load_shipped_prices(),), mark=told)
        except OSError as error:
            return PriceBook(fault=f"{path}: it can't be read: {error.strerror}", mark=told)
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            return PriceBook(fault=f"{path}:{line}: it is not valid UTF-8", mark=told)
        except ValueError as error:
            return PriceBook(fault=str(error), mark=told)
        return PriceBook((own, load_shipped_prices()) if beside else (own,), mark=told)
