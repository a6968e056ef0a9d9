"""How much of what is stored each statement of a question reads."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest

from collector.store.database import Session
from collector.store.queries import Query

Answer = TypeVar("Answer")

#: The largest part of a table that a scan may read: two of the blocks that the database reads or leaves out, because
#: what belongs together may lie across two.
MOST = 2 * 122_880


class Scans:
    """The most rows of any table that one scan of each statement has read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.most: dict[str, int] = defaultdict(int)
        for name in ("rows", "table", "run", "numbers"):
            monkeypatch.setattr(Session, name, self._noting(getattr(Session, name)))

    def _noting(self, ask: Callable[..., Answer]) -> Callable[..., Answer]:
        def noting(snapshot: Session, query: Query, /, **values: object) -> Answer:
            snapshot._cursor.execute("PRAGMA enable_profiling='no_output'")
            found = ask(snapshot, query, **values)
            told = json.loads(snapshot._cursor.get_profiling_information(format="json"))
            read = [scan["rows_scanned"] for scan in _scans(told.get("operator", []))]
            self.most[query.value] = max([self.most[query.value], *read])
            return found

        return noting


def _scans(operators: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yields all scans of tables in a plan."""
    for operator in operators:
        if operator["type"] == "TABLE_SCAN":
            yield operator
        yield from _scans(operator.get("children", []))
