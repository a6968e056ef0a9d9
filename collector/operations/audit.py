"""What operators did with one letter, or one run, looked for in the audit of all."""

from typing import Final
from uuid import UUID

from collector.operations.contract import Operations
from collector.operations.reading_back import EntryFilter, read_matching_entries
from runtime.admin import AuditPage, AuditRecord

#: Milliseconds by which the audit's time of a settlement may lie before the letter's own.
_SLACK_MS: Final = 1_000


async def find_letter_actions(operations: Operations, id_: UUID, limit: int, cursor: str | None) -> AuditPage:
    """Returns what operators did with one letter, newest first; one that waits has no entry."""
    letter = await operations.dead_letter(id_)
    if letter is not None and letter.settled_ms is None:
        return AuditPage(())
    since_ms = 0 if letter is None else (letter.settled_ms or 0) - _SLACK_MS
    return await find_actions(
        operations, EntryFilter(get_entry_ms, lambda entry: entry.dead_letter_id == id_, since_ms), limit, cursor
    )


async def find_run_actions(operations: Operations, id_: UUID, limit: int, cursor: str | None) -> AuditPage:
    """Returns what operators did with one run, newest first."""
    found = await operations.run(id_)
    since_ms = 0 if found is None else found.record.accepted_ms - _SLACK_MS
    return await find_actions(
        operations, EntryFilter(get_entry_ms, lambda entry: entry.run_id == id_, since_ms), limit, cursor
    )


async def find_actions(
    operations: Operations, sought: EntryFilter[AuditRecord], limit: int, cursor: str | None
) -> AuditPage:
    """Returns what operators did, newest first, as far as it is looked for."""
    items, following = await read_matching_entries(
        lambda most, at: operations.audit(limit=most, cursor=at), sought, limit, cursor
    )
    return AuditPage(items, following)


def get_entry_ms(entry: AuditRecord) -> int:
    """Returns the milliseconds by which the audit is kept."""
    return entry.at_ms
