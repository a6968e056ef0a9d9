"""Dead letters that match: a page of them, all of them, and how many still do."""

from uuid import UUID

from collector.models.dead_letters import REMAINING_LIMIT, LetterFilter
from collector.operations.contract import Operations
from collector.operations.reading_back import EntryFilter, read_matching_entries
from runtime.admin import DeadLetter, DeadLetterPage


async def find_dead_letters(
    operations: Operations,
    state: str,
    wanted: LetterFilter,
    sought: EntryFilter[DeadLetter],
    limit: int,
    cursor: str | None,
) -> DeadLetterPage:
    """Returns letters of one state that match, newest first, as far as they are looked for.

    Args:
        operations: of the bus.
        state: what became of them.
        wanted: of which channel, group and reason, and with which text.
        sought: when they died.
        limit: entries of a page; one may hold fewer, and still have a next one.
        cursor: where it begins; None for the newest.
    """

    async def read_page(most: int, at: str | None) -> DeadLetterPage:
        return await operations.dead_letters(state=state, **wanted.model_dump(), limit=most, cursor=at)

    if sought.until_ms is None and not sought.since_ms:
        return await read_page(limit, cursor)
    items, following = await read_matching_entries(read_page, sought, limit, cursor)
    return DeadLetterPage(items, following)


def get_death_ms(letter: DeadLetter) -> int:
    """Returns the milliseconds by which the list of letters is kept."""
    return letter.dead_ms


async def find_waiting_ids(operations: Operations, wanted: LetterFilter, most: int) -> list[UUID]:
    """Returns the letters that wait and match, the newest first, at most so many."""
    page = await operations.dead_letters(**wanted.model_dump(), limit=most)
    return [letter.id for letter in page.items]


async def count_waiting(operations: Operations, wanted: LetterFilter) -> int:
    """Counts the letters that wait and match; with a text up to `REMAINING_LIMIT`, because each has to be read and
    kept."""
    if wanted.q and wanted.q.strip():
        return len(await find_waiting_ids(operations, wanted, REMAINING_LIMIT))
    exact = wanted.model_dump(exclude={"q"}, exclude_none=True)
    counts = await operations.dead_letter_counts()
    return sum(count.count for count in counts if all(getattr(count, name) == value for name, value in exact.items()))
