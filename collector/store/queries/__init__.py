"""Every statement of the store, one a file, by name. Values are always bound, never written into the text."""

from enum import StrEnum
from functools import cache
from importlib.resources import files


class Query(StrEnum):
    """The statements; each is the file of its path. A test holds files and members together, both ways."""

    CHAIN_CLAIMS = "chain/claims"
    CHAIN_FOCUS_TRACES = "chain/focus_traces"
    CHAIN_KINDS = "chain/kinds"
    CHAIN_NAMED_TRACES = "chain/named_traces"
    CHAIN_NEIGHBOUR_TRACES = "chain/neighbour_traces"
    CHAIN_NOT_SAMPLED = "chain/not_sampled"
    CHAIN_RECORDS = "chain/records"
    EVENTS_DELIVERIES = "events/deliveries"
    EVENTS_LIST = "events/list"
    EVENTS_ONE = "events/one"
    EVENTS_RECORDS = "events/records"
    INGEST_DEDUPLICATE_SPANS = "ingest/deduplicate_spans"
    INGEST_INSERT_EVENTS = "ingest/insert_events"
    INGEST_INSERT_LINKS = "ingest/insert_links"
    INGEST_INSERT_LOGS = "ingest/insert_logs"
    INGEST_INSERT_PENDING = "ingest/insert_pending"
    INGEST_INSERT_POINTS = "ingest/insert_points"
    INGEST_INSERT_REJECTION = "ingest/insert_rejection"
    INGEST_INSERT_RESOURCES = "ingest/insert_resources"
    INGEST_INSERT_SCOPES = "ingest/insert_scopes"
    INGEST_INSERT_SPANS = "ingest/insert_spans"
    INGEST_PURGE_PENDING = "ingest/purge_pending"
    LATEST_RECORD = "latest_record"
    LEDGER = "ledger"
    NODE_ATTEMPTS = "node/attempts"
    NODE_CAUSES = "node/causes"
    NODE_EVALUATIONS = "node/evaluations"
    NODE_EXCEPTIONS = "node/exceptions"
    NODE_NESTED = "node/nested"
    NODE_RECORDS = "node/records"
    NODE_RECORDS_OF_SEVERAL = "node/records_of_several"
    OVERVIEW_ACTIVITY = "overview/activity"
    OVERVIEW_DROPPED_SPANS = "overview/dropped_spans"
    OVERVIEW_REJECTIONS = "overview/rejections"
    OVERVIEW_STORED_COUNTS = "overview/stored_counts"
    OVERVIEW_TOTALS = "overview/totals"
    RUNS_EVENTS = "runs/events"
    RUNS_FATES = "runs/fates"
    RUNS_LIST = "runs/list"
    RUNS_LIVES = "runs/lives"
    RUNS_ONE = "runs/one"
    RUNS_STEPS = "runs/steps"
    SEARCH_MESSAGE = "search/message"
    SEARCH_NAMED = "search/named"
    SEARCH_NODES = "search/nodes"
    SEARCH_STORED = "search/stored"
    STEPS_ATTEMPTS = "steps/attempts"
    STEPS_FIGURES = "steps/figures"
    STEPS_SCORES = "steps/scores"
    STEPS_SPAN = "steps/span"
    STEPS_WORST = "steps/worst"
    TRACES_EVENTS = "traces/events"
    TRACES_LINKS = "traces/links"
    TRACES_SPANS = "traces/spans"
    WORK_FATES = "work/fates"

    @property
    def sql(self) -> str:
        """The statement's text."""
        return _read(self.value)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
