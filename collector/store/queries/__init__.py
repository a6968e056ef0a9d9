"""Every statement of the store, one a file, by name. Values are always bound, never written into the text."""

from enum import StrEnum
from functools import cache
from importlib.resources import files


class Query(StrEnum):
    """The statements; each is the file of its name. A test holds files and members together, both ways."""

    STAGE_SPANS = "stage_spans"
    INSERT_SPANS = "insert_spans"
    INSERT_PENDING = "insert_pending"
    INSERT_EVENTS = "insert_events"
    INSERT_LINKS = "insert_links"
    INSERT_RESOURCES = "insert_resources"
    INSERT_SCOPES = "insert_scopes"
    INSERT_REJECTION = "insert_rejection"
    PURGE_PENDING = "purge_pending"
    FOCUS_TRACES = "focus_traces"
    NAMED_TRACES = "named_traces"
    CORRELATION_TRACES = "correlation_traces"
    NEIGHBOUR_TRACES = "neighbour_traces"
    CHAIN_CLAIMS = "chain_claims"
    CHAIN_RECORDS = "chain_records"
    STORED_COUNTS = "stored_counts"

    @property
    def sql(self) -> str:
        """The statement's text."""
        return _read(self.value)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
