"""What a tour has promised, beside what the day book says."""

from collections import Counter
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from runtime.semconv import DeadLetterReason
from sample_agents import books
from sample_agents.daybook import Daybook, Deed
from sample_agents.driving import say


@dataclass(frozen=True, slots=True)
class Stage:
    """The keys of an app's shared state that put the parcel carrier out and name the day book, and the carrier's
    breaker."""

    carrier_out: str
    daybook: str
    breaker: str


@dataclass(slots=True)
class Proof:
    """The counts of each act, and what did not happen.

    Attributes:
        book: of the outside world.
        shipped: how many shipments the runtime says have arrived.
        focus: the run of a shipment whose text message was replayed.
    """

    book: Daybook
    shipped: int = 0
    focus: UUID | None = None
    failures: list[str] = field(default_factory=list)
    rows: list[tuple[str, str, str, str]] = field(default_factory=list)

    def act(self, name: str) -> "Act":
        """What an act says."""
        return Act(self, name)

    def count_once(self, deed: Deed, subjects: Container[str]) -> int:
        """Of how many of these shipments the book has exactly one such entry; of one with two it has none."""
        counted = Counter(entry.subject for entry in self.book.entries() if entry.deed == deed)
        return sum(count == 1 for subject, count in counted.items() if subject in subjects)

    def count_entries(self, deed: Deed) -> int:
        """How many such entries the book has."""
        return sum(entry.deed == deed for entry in self.book.entries())

    def make_count_check(self, deed: Deed, count: int) -> Callable[[], Awaitable[bool]]:
        """Asks whether the book has so many such entries."""

        async def is_so() -> bool:
            return self.count_entries(deed) >= count

        return is_so

    def report(self) -> dict[str, Any]:
        """What the workload prints last."""
        found: dict[str, Any] = {
            "summary": {"shipments that arrived": self.shipped, "promises": len(self.rows)},
            "ok": not self.failures,
            "failures": self.failures,
            "tables": [{"title": "", "columns": ["act", "what", "is", "promised"], "rows": self.rows}],
            "runs": [{"workflow": books.WORKFLOW, "status": "ok", "n": self.shipped}],
            "places": [["what fired", "/alerts"], ["who works", "/workers"]],
        }
        if self.focus is not None:
            graph = books.shipment(self.focus, DeadLetterReason.MAX_ATTEMPTS, replayed=True)
            found["focus_event_id"] = str(books.arrival(self.focus))
            found["focus_kinds"] = dict(Counter(graph.nodes.values()))
        return found


@dataclass(frozen=True, slots=True)
class Act:
    """Notes counts of an act, says them, and keeps those that are not as promised."""

    proof: Proof
    name: str

    def __call__(self, what: str, count: int, promised: int | None = None, *, at_least: int = 0) -> None:
        """Notes a count.

        Args:
            what: is counted.
            count: how many there are.
            promised: how many there should be; None for `at_least`.
            at_least: how few there may be.
        """
        should = f"{at_least} or more" if promised is None else str(promised)
        kept = count >= at_least if promised is None else count == promised
        self.proof.rows.append((self.name, what, str(count), should))
        say({"act": f"   {what}: {count}" + ("" if kept else f"; promised: {should}")})
        if not kept:
            self.proof.failures.append(f"{self.name}: {what}: {count}; promised: {should}")
