"""What operators did with one letter, looked for in the audit of all."""

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
    """Returns what operators did with one letter, newest first.

    The audit is kept by time, so it is read back until the letter was settled; one that waits has no entry. A page may
    hold fewer than `limit`, or none, and still have a `next`: it ends after `READ * READS` entries of all letters too.
    """
    letter = await operations.dead_letter(id_)
    if letter is not None and letter.settled_ms is None:
        return AuditPage(())
    since_ms = 0 if letter is None else (letter.settled_ms or 0) - _SLACK_MS
    found: list[AuditRecord] = []
    for _ in range(READS):
        page = await operations.audit(limit=READ, cursor=cursor)
        ours = [place for place, entry in enumerate(page.items) if entry.dead_letter_id == id_][: limit - len(found)]
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
