"""The audit of one letter, among that of thousands."""

from uuid import UUID

import pytest

from collector.operations import audit, reading_back
from runtime.admin import AuditRecord
from runtime.causality import identity
from tests.collector.api.test_operations import letter
from tests.collector.operations.memory import MemoryBus

ID = letter(0).id


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> MemoryBus:
    """A bus that is read three entries at a time, twice an answer."""
    monkeypatch.setattr(reading_back, "READ", 3)
    monkeypatch.setattr(reading_back, "READS", 2)
    return MemoryBus()


def note(bus: MemoryBus, of: UUID, at_ms: int, operator: str = "ada") -> None:
    """One entry."""
    bus.records.append(AuditRecord(at_ms, "replay", operator, dead_letter_id=of, event_id=of))


def others(bus: MemoryBus, count: int, at_ms: int) -> None:
    """What was done with as many other letters."""
    for number in range(count):
        note(bus, identity.dead_letter_id(UUID(int=number)), at_ms)


async def ask(bus: MemoryBus, limit: int = 50) -> list[list[str]]:
    """Who did something with the letter, page by page."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while not pages or cursor:
        page = await audit.find_letter_actions(bus, ID, limit, cursor)
        pages.append([entry.operator for entry in page.items])
        cursor = page.next
    return pages


@pytest.mark.parametrize("newer", range(14))
async def test_it_is_read_as_far_back_as_it_goes(bus: MemoryBus, newer: int) -> None:
    """Six entries an answer; the next page goes on where that ended."""
    others(bus, 2, 0)
    note(bus, ID, 10, "first")
    note(bus, ID, 10, "second")
    others(bus, newer, 20)

    pages = await ask(bus)

    assert [operator for page in pages for operator in page] == ["second", "first"]
    assert len(pages) == -(-(newer + 4) // 6)
    assert [operator for page in await ask(bus, limit=1) for operator in page] == ["second", "first"]
    assert max(len(page) for page in await ask(bus, limit=1)) == 1


async def test_it_is_read_no_further_than_to_the_settlement(bus: MemoryBus) -> None:
    """What was done before can't have been done with the letter."""
    others(bus, 20, 0)
    bus.put(letter(0))
    await bus.replay([ID], "ada")

    assert await ask(bus) == [["ada"]]


async def test_a_letter_that_waits_has_none(bus: MemoryBus) -> None:
    """And nothing is read for it."""
    bus.put(letter(0))
    others(bus, 20, letter(0).dead_ms)
    assert await ask(bus) == [[]]
