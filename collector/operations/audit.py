"""What operators did with one letter, or one run, looked for in the audit of all."""

from collections.abc import Callable
from typing import Final
from uuid import UUID

from collector.operations.contract import Operations
from runtime.admin import AuditPage, AuditRecord

#: Entries that are read at once, and how often for one answer.
READ: Final = 1_000
READS: Final = 10

#: Milliseconds by which the audit's time of a settlement may lie before the letter's own.
_SLACK_MS: Final = 1_000


async def of_letter(operations: Operations, id_: UUID, limit: int, cursor: str | None) -> AuditPage:
    """Returns what operators did with one letter, newest first; one that waits has no entry."""
    letter = await operations.dead_letter(id_)
    if letter is not None and letter.settled_ms is None:
        return AuditPage(())
    since_ms = 0 if letter is None else (letter.settled_ms or 0) - _SLACK_MS
    return await _of(operations, lambda entry: entry.dead_letter_id == id_, since_ms, limit, cursor)


async def of_run(operations: Operations, id_: UUID, limit: int, cursor: str | None) -> AuditPage:
    """Returns what operators did with one run, newest first; one that goes on in its first life has no entry."""
    found = await operations.run(id_)
    if found is not None and found.record.ended_ms is None and found.record.resumed_ms is None:
        return AuditPage(())
    since_ms = 0 if found is None else found.record.accepted_ms - _SLACK_MS
    return await _of(operations, lambda entry: entry.run_id == id_, since_ms, limit, cursor)


async def _of(
    operations: Operations, is_ours: Callable[[AuditRecord], bool], since_ms: int, limit: int, cursor: str | None
) -> AuditPage:
    """Returns entries of one kind, newest first.

    The audit is kept by time, so it is read back until `since_ms`. A page may hold fewer than `limit`, or none, and
    still have a `next`: it ends after `READ * READS` entries of all kinds too.
    """
    found: list[AuditRecord] = []
    for _ in range(READS):
        page = await operations.audit(limit=READ, cursor=cursor)
        ours = [place for place, entry in enumerate(page.items) if is_ours(entry)][: limit - len(found)]
        found += [page.items[place] for place in ours]
        if len(found) == limit:
            # The rest of what was read belongs to the next page: ask where that begins.
            page = await operations.audit(limit=ours[-1] + 1, cursor=cursor)
        cursor = page.next
        if cursor is None or page.items[-1].at_ms < since_ms:
            return AuditPage(tuple(found))
        if len(found) == limit:
            break
    return AuditPage(tuple(found), cursor)
