"""Golden plans of what agents tell, of others and within steps of ours: whoever looks for one thing of it does not read
all that is stored."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import pytest

from collector.causality import graph
from collector.causality.cone import Direction
from collector.models import Window
from collector.questions import (
    agent_runs,
    call_figures,
    calls,
    conversations,
    events,
    log_records,
    node,
    run_of_span,
    runs,
    sessions,
    steps,
)
from collector.questions.call_figures import CallCriteria, CallOrder
from collector.questions.log_records import LogCriteria
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database, Session
from runtime.semconv import NodeKind
from tests.collector.questions.filling import filled_with
from tests.collector.questions.scans import MOST

#: Spans that the store holds, in five of the blocks that the database reads or leaves out; and of one trace. A trace
#: began a second after the one before it, and half of them are ours.
SPANS, TRACE = 614_400, 8

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)


def own(place: str) -> str:
    """Returns the id of a node of ours, by its place in its trace: it begins with its time, or is one of those that are
    derived, and have no order."""
    of = f"{TRACE} * trace + {place}"
    return f"""
        CASE
            WHEN trace % 4 = 3 THEN CAST(md5('own' || {of}) AS UUID)
            ELSE CAST(begin || '80008000' || printf('%012x', {of}) AS UUID)
        END
    """


#: Runs of others with two calls of models, one of a tool and three spans more; and runs of ours with a step in which an
#: agent calls a model and a tool, and an event whose delivery gave up. Ids of others have no order, nor have those of
#: sessions, of which each has four runs.
FILL = f"""
INSERT INTO spans BY NAME
WITH told AS (
    SELECT
        i, i // {TRACE} AS trace, i % {TRACE} AS k, {int(BEGUN.timestamp())}000 + 1000 * (i // {TRACE}) AS ms,
        trace % 2 = 1 AS is_own, printf('%012x', ms) AS begin
    FROM range({SPANS}) AS r (i)
),
named AS (
    SELECT
        *,
        CASE
            WHEN is_own THEN ['run', 'step', 'span', 'span', 'event', 'delivery', 'dead_letter', 'span'][k + 1]
            ELSE 'span'
        END AS node_kind,
        CASE
            WHEN is_own THEN [NULL, NULL, 'model', 'tool', NULL, NULL, NULL, NULL][k + 1]
            ELSE ['agent', 'step', 'model', 'tool', 'model', NULL, NULL, NULL][k + 1]
        END AS role,
        CASE WHEN node_kind = 'span' THEN CAST(md5('node' || i) AS UUID) ELSE {own("k")} END AS node_id,
        {own("0")} AS run, {own("1")} AS step_id, {own("4")} AS event, {own("5")} AS delivery
    FROM told
)
SELECT
    CASE
        WHEN is_own THEN CAST(begin || '00008000' || printf('%012x', trace) AS UUID)
        ELSE CAST(md5('trace' || trace) AS UUID)
    END AS trace_id,
    hash(i) AS span_id,
    CASE
        WHEN k = 0 THEN NULL
        WHEN is_own THEN [NULL, hash(i - 1), hash(i - 1), hash(i - 2), NULL, NULL, NULL, hash(i - 6)][k + 1]
        ELSE hash(i - [0, 1, 1, 2, 4, 1, 1, 1][k + 1])
    END AS parent_span_id,
    '' AS trace_state, 0 AS flags, CASE role WHEN 'step' THEN 'plan' ELSE 'work' END AS name, 1 AS kind,
    ms * 1000000 + k AS start_ns, ms * 1000000 + 1000 - k AS end_ns, 0 AS status_code, '' AS status_message,
    [] AS attributes, 0 AS dropped_attributes_count, 0 AS dropped_events_count, 0 AS dropped_links_count,
    1 AS resource_id, 1 AS scope_id, 's' AS service, node_id, node_kind, role,
    CASE node_kind
        WHEN 'step' THEN run WHEN 'event' THEN step_id WHEN 'delivery' THEN event WHEN 'dead_letter' THEN delivery
    END AS causation_id,
    CASE WHEN node_kind IN ('run', 'step') THEN run END AS run_id,
    CASE WHEN is_own THEN CAST(begin || '80008000' || printf('%012x', {TRACE} * trace) AS UUID) END AS correlation_id,
    CASE WHEN node_kind IN ('run', 'step') THEN 'orders' END AS workflow,
    CASE WHEN node_kind = 'step' THEN 'assess' END AS step,
    CASE WHEN node_kind IN ('event', 'delivery', 'dead_letter') THEN event END AS event_id,
    CASE WHEN node_kind IN ('event', 'delivery', 'dead_letter') THEN 'orders.assessed' END AS channel,
    CASE WHEN node_kind IN ('delivery', 'dead_letter') THEN 'clerks' END AS consumer_group,
    CASE WHEN node_kind = 'event' THEN '{{}}' END AS payload,
    CASE WHEN node_kind = 'dead_letter' THEN node_id END AS dead_letter_id,
    CASE WHEN role = 'agent' THEN 'clerk' END AS agent,
    CASE role
        WHEN 'agent' THEN 'invoke_agent' WHEN 'step' THEN 'execute_task' WHEN 'model' THEN 'chat'
        WHEN 'tool' THEN 'execute_tool'
    END AS operation,
    CASE WHEN role IN ('agent', 'model') AND NOT is_own THEN md5('session' || trace // 8) END AS session_id,
    CASE WHEN role = 'agent' THEN 'ann' END AS user_id,
    CASE role
        WHEN 'model' THEN {{'model': 'm', 'input_tokens': 10, 'output_tokens': 2, 'response_id': 'r' || i}}
        WHEN 'tool' THEN {{'tool': 't'}}
    END AS work,
    CASE WHEN node_kind = 'delivery' THEN 'failed' WHEN node_kind <> 'span' THEN 'ok' END AS outcome,
    CASE WHEN node_kind IN ('step', 'delivery') THEN 1 END AS attempt,
    CASE WHEN node_kind IN ('step', 'delivery') THEN 0 END AS round,
    {int(BEGUN.timestamp())}000000 + (i // 20000) * 1000000 AS stored_us
FROM named
ORDER BY i
"""  # noqa: S608 numbers of our own

#: A record of each call of a tool.
LOGS = """
INSERT INTO logs BY NAME
SELECT
    row_number() OVER () AS record_id, trace_id, span_id, start_ns AS time_ns, start_ns AS observed_ns,
    9 AS severity_number, 'INFO' AS severity_text, 'noted' AS event_name, {'text': 'so', 'kind': 1} AS body,
    [] AS attributes, 0 AS dropped_attributes_count, 0 AS flags, 1 AS resource_id, 1 AS scope_id, service
FROM spans
WHERE role = 'tool'
"""

#: Traces in the middle: of others, and of ours.
OTHERS: Final = SPANS // 2 // TRACE
OWN: Final = OTHERS + 1


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The store, as a collector has read it and worked out ahead."""
    database = filled_with(tmp_path_factory.mktemp("plans"), FILL, LOGS)
    yield database
    database.close()


#: What is looked for, by what it is: its trace, and its place there.
PLACES: Final = {
    "run of others": (OTHERS, 0),
    "call of others": (OTHERS, 2),
    "tool of others": (OTHERS, 3),
    "run": (OWN, 0),
    "step": (OWN, 1),
    "call": (OWN, 2),
    "event": (OWN, 4),
    "delivery": (OWN, 5),
    "letter": (OWN, 6),
}


@pytest.fixture
def ids(filled: Database) -> Mapping[str, UUID]:
    """The nodes that are looked for."""
    begun_ns = int(BEGUN.timestamp()) * 10**9
    found = {}
    for what, (trace, k) in PLACES.items():
        at = {"ns": begun_ns + trace * 10**9 + k}
        ((found[what],),) = filled._connection.execute("SELECT node_id FROM spans WHERE start_ns = $ns", at).fetchall()
    return found


#: The session of the trace of others in the middle; ids of sessions have no order.
SESSION: Final = hashlib.md5(f"session{OTHERS // 8}".encode(), usedforsecurity=False).hexdigest()

#: Two minutes in the middle.
WINDOW: Final = Window(start=BEGUN + timedelta(seconds=OTHERS - 60), end=BEGUN + timedelta(seconds=OTHERS + 60))

Ask = Callable[[Session, Mapping[str, UUID]], Any]


def everywhere(session: Session) -> PagePosition:
    """The first page of all that there is."""
    return PagePosition(Range.everything(), session.as_of)


#: What is asked, and what its answer must hold, so that little is read for all of it and not for nothing.
LOOKS: Final[Mapping[str, tuple[Ask, Callable[[Any], bool]]]] = {
    "a session": (
        lambda session, _: sessions.find_session(
            session, SESSION, sessions.make_first_position(session, Range.everything()), 50
        ),
        lambda found: (found.session.runs, len(found.items), found.session.usage.calls) == (4, 4, 8),
    ),
    "a run of others": (
        lambda session, ids: agent_runs.find_run(session, ids["run of others"]),
        lambda found: (len(found.steps), len(found.calls), found.run.usage.calls) == (1, 1, 2),
    ),
    "what was said in a run of others": (
        lambda session, ids: conversations.find_conversation(session, ids["run of others"]),
        lambda found: found.calls == 3,
    ),
    "a run with calls, and what they cost": (
        lambda session, ids: runs.find_run(session, ids["run"]),
        lambda found: (len(found.steps), len(found.events), found.run.usage.calls) == (1, 1, 1),
    ),
    "what was said in a run": (
        lambda session, ids: conversations.find_conversation(session, ids["run"]),
        lambda found: found.calls == 2,
    ),
    "a call of others": (
        lambda session, ids: calls.find_call(session, ids["call of others"]),
        lambda found: found.session == SESSION and found.call.usage.input_tokens == 10,
    ),
    "a call within a step": (
        lambda session, ids: calls.find_call(session, ids["call"]),
        lambda found: found.call.usage.input_tokens == 10,
    ),
    "whose run a span of others is of": (
        lambda session, ids: run_of_span.find_run_of_span(session, ids["tool of others"]) == str(ids["run of others"]),
        bool,
    ),
    "the panel of a call of a tool": (
        lambda session, ids: node.find_node(session, ids["tool of others"]),
        lambda found: found.logs.total == 1,
    ),
    "the panel of a step with calls": (
        lambda session, ids: node.find_node(session, ids["step"]),
        lambda found: (len(found.nested), found.logs.total) == (3, 1),
    ),
    "the panel of a delivery that gave up": (
        lambda session, ids: node.find_node(session, ids["delivery"]),
        lambda found: found.node.status == "dead",
    ),
    "the panel of a dead letter": (
        lambda session, ids: node.find_node(session, ids["letter"]),
        lambda found: len(found.causes) == 1,
    ),
    "the cone of a dead letter": (
        lambda session, ids: graph.build_causal_graph(session, ids["letter"], Direction.BOTH),
        lambda found: len(found.nodes) == 5,
    ),
    "an event that was given up": (
        lambda session, ids: events.find_event(session, ids["event"]),
        lambda found: [each.status for each in found.deliveries] == ["dead"],
    ),
    "a step over two minutes": (
        lambda session, _: steps.find_step(session, WINDOW, steps.StepCriteria(NodeKind.STEP, "orders", "assess")),
        lambda found: found.figures.nodes == 60,
    ),
    "a group over two minutes": (
        lambda session, _: steps.find_step(
            session, WINDOW, steps.StepCriteria(NodeKind.DELIVERY, "orders.assessed", "clerks")
        ),
        lambda found: found.figures.nodes == 60,
    ),
    "a step of others over two minutes": (
        lambda session, _: steps.find_step(
            session, WINDOW, steps.StepCriteria(NodeKind.STEP, "clerk", "plan", source="others")
        ),
        lambda found: found.figures.nodes == 60,
    ),
    "the log of a node": (
        lambda session, ids: log_records.find_log_records(
            session, everywhere(session), LogCriteria(node=ids["step"]), 50
        ),
        lambda found: len(found.items) == 1,
    ),
    "what a session cost": (
        lambda session, _: call_figures.find_figures(
            session, WINDOW, CallCriteria(session=SESSION), CallOrder(), agent_runs.NO_PRICES
        ),
        lambda found: found.total.calls == 8,
    ),
}


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_for_one_thing_that_agents_tell_does_not_read_all(
    filled: Database, scanned: dict[str, int], ids: Mapping[str, UUID], look: str
) -> None:
    """Whatever ids look like."""
    ask, holds = LOOKS[look]
    with filled.reading() as session:
        found = ask(session, ids)
    assert holds(found), found
    assert scanned
    assert {query: rows for query, rows in scanned.items() if rows > MOST} == {}


def test_the_newest_sessions_are_found_by_what_happened_last(filled: Database, scanned: dict[str, int]) -> None:
    """Who is in those of a page is told by one look through the column that names them, all else by their traces."""
    with filled.reading() as session:
        page = sessions.find_sessions(session, everywhere(session), None, None, 50)
    assert [len(page.items), {item.runs for item in page.items}] == [50, {4}]
    assert {query for query, rows in scanned.items() if rows > MOST} == {"sessions/named"}
