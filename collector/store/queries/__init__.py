"""Every statement of the store, one a file, by name. Values are always bound, never written into the text."""

from enum import StrEnum
from functools import cache
from importlib.resources import files


class Query(StrEnum):
    """The statements; each is the file of its name. A test holds files and members together, both ways."""

    ACTIVITY = "activity"
    CHAIN_CLAIMS = "chain_claims"
    CHAIN_KINDS = "chain_kinds"
    CHAIN_RECORDS = "chain_records"
    DROPPED_SPANS = "dropped_spans"
    EVENT_DELIVERIES = "event_deliveries"
    EVENT_RECORDS = "event_records"
    FOCUS_TRACES = "focus_traces"
    INSERT_EVENTS = "insert_events"
    INSERT_LINKS = "insert_links"
    INSERT_PENDING = "insert_pending"
    INSERT_REJECTION = "insert_rejection"
    INSERT_RESOURCES = "insert_resources"
    INSERT_SCOPES = "insert_scopes"
    INSERT_SPANS = "insert_spans"
    LATEST_RECORD = "latest_record"
    LEDGER = "ledger"
    LIST_EVENTS = "list_events"
    LIST_RUNS = "list_runs"
    NAMED_TRACES = "named_traces"
    NEIGHBOUR_TRACES = "neighbour_traces"
    NODE_ATTEMPTS = "node_attempts"
    NODE_CAUSES = "node_causes"
    NODE_EVALUATIONS = "node_evaluations"
    NODE_EXCEPTIONS = "node_exceptions"
    NODE_NESTED = "node_nested"
    NODE_RECORDS = "node_records"
    NODES_RECORDS = "nodes_records"
    NOT_SAMPLED = "not_sampled"
    ONE_EVENT = "one_event"
    ONE_RUN = "one_run"
    PURGE_PENDING = "purge_pending"
    RECENT_REJECTIONS = "recent_rejections"
    RUN_EVENTS = "run_events"
    RUN_STEPS = "run_steps"
    STAGE_SPANS = "stage_spans"
    STEP_ATTEMPTS = "step_attempts"
    STEP_FIGURES = "step_figures"
    STEP_SCORES = "step_scores"
    STEP_SPAN = "step_span"
    STEP_WORST = "step_worst"
    STORED_COUNTS = "stored_counts"
    TOTALS = "totals"
    TRACE_EVENTS = "trace_events"
    TRACE_LINKS = "trace_links"
    TRACE_SPANS = "trace_spans"

    @property
    def sql(self) -> str:
        """The statement's text."""
        return _read(self.value)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
