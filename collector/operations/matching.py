"""All dead letters that match: which they are, and how many still do."""

from uuid import UUID

from collector.models.dead_letters import REMAINING_LIMIT, LetterFilter
from collector.operations.contract import Operations


async def newest(operations: Operations, wanted: LetterFilter, most: int) -> list[UUID]:
    """Returns the letters that wait and match, the newest first, at most so many."""
    page = await operations.dead_letters(**wanted.model_dump(), limit=most)
    return [letter.id for letter in page.items]


async def remaining(operations: Operations, wanted: LetterFilter) -> int:
    """Counts the letters that wait and match; with a text up to `REMAINING_LIMIT`, because each has to be read and
    kept."""
    if wanted.q and wanted.q.strip():
        return len(await newest(operations, wanted, REMAINING_LIMIT))
    exact = wanted.model_dump(exclude={"q"}, exclude_none=True)
    counts = await operations.dead_letter_counts()
    return sum(count.count for count in counts if all(getattr(count, name) == value for name, value in exact.items()))
