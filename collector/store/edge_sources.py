"""What there is that some edges may come of: to ask for edges that can't be takes longer than to know it.

Looked for once, in all that is stored; told since by the writer, of what it is about to store. What is changed or
removed in place is told by the version of a snapshot: then it is looked for again.
"""

import threading
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

#: Operations of spans that take messages, and the kind that says so (`CONSUMER`), as `chain/present.sql` has them.
_TAKING: Final = ["receive", "process", "deliver", "settle"]
_CONSUMER: Final = 5

Found = dict[str, bool]


class EdgeSources:
    """What there is, of what `chain/present.sql` looks for. It may name what is not there, and never less."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: Found = {"apart": False, "messages": False}
        self._found: Found = {}
        self._version = -1

    def get(self, version: int) -> Found | None:
        """Returns what there is in a snapshot of a version; None where that has to be looked for."""
        with self._lock:
            if version != self._version:
                return None
            return {name: found or self._told[name] for name, found in self._found.items()}

    def learn(self, found: Found, version: int) -> None:
        """Takes in what was found in a snapshot.

        Args:
            found: as the query has it.
            version: of the snapshot.
        """
        with self._lock:
            self._found, self._version = found, version

    def carry_over(self, before: int, after: int) -> None:
        """Believes what was found under a version under the next one, too: there may be less since, no more."""
        with self._lock:
            if before == self._version:
                self._version = after

    def add(self, spans: pa.Table) -> None:
        """Takes in spans that are about to be stored."""
        told = {"apart": _has_waits_or_root_tasks(spans), "messages": _has_message_receivers(spans)}
        with self._lock:
            self._told = {name: found or told[name] for name, found in self._told.items()}


def _has_waits_or_root_tasks(spans: pa.Table) -> bool:
    role = spans.column("role")
    waits = _and_without_nulls(pc.equal(spans.column("outcome"), "waiting"), pc.is_in(role, pa.array(["step", "tool"])))
    begins = _and_without_nulls(pc.equal(spans.column("operation"), "execute_task"), pc.equal(role, "step"))
    return _is_any_true(waits) or _is_any_true(_and_without_nulls(begins, pc.is_null(spans.column("parent_span_id"))))


def _has_message_receivers(spans: pa.Table) -> bool:
    is_foreign = pc.equal(spans.column("node_kind"), "span")
    takes = pc.is_in(spans.column("operation"), pa.array(_TAKING))
    return _is_any_true(_and_without_nulls(is_foreign, pc.equal(spans.column("kind"), _CONSUMER))) or _is_any_true(
        _and_without_nulls(is_foreign, takes)
    )


def _and_without_nulls(one: Any, other: Any) -> Any:
    return pc.and_(pc.fill_null(one, fill_value=False), pc.fill_null(other, fill_value=False))


def _is_any_true(found: Any) -> bool:
    return bool(pc.any(found).as_py())
