"""An id leads to the same whether or not it is known when its records were stored."""

import random
from typing import Any, Final
from uuid import UUID

import pytest

from collector.questions import events, runs, search, traces
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database
from collector.store.sightings import EVERYTHING, Sightings
from tests.collector.questions.all_kinds import Told
from tests.collector.questions.test_candidates import SEEDS, store

#: All ids that are stored, as they are written.
_IDS: Final = """
    SELECT DISTINCT CAST(id AS VARCHAR) AS id FROM (
        SELECT unnest([node_id, event_id, run_id, causation_id, dead_letter_id, correlation_id, trace_id]) AS id
        FROM spans
        UNION ALL SELECT unnest(causes) FROM spans
        UNION ALL SELECT unnest([node_id, event_id, run_id, causation_id, trace_id]) FROM pending
    ) WHERE id IS NOT NULL ORDER BY id
"""
_SPANS: Final = "SELECT DISTINCT lower(lpad(to_hex(span_id), 16, '0')) AS id FROM spans ORDER BY id"

#: Events, and records that tell of one, with all of their ids as they are shown.
_SHOWN: Final = """
    SELECT
        CAST(CASE node_kind WHEN 'event' THEN node_id ELSE event_id END AS VARCHAR) AS event,
        [
            CAST(node_id AS VARCHAR), replace(CAST(trace_id AS VARCHAR), '-', ''), lower(lpad(to_hex(span_id), 16, '0'))
        ] AS shown
    FROM spans
    WHERE node_kind IN ('event', 'delivery', 'dead_letter', 'replay', 'discard') AND event IS NOT NULL
"""


def asked(database: Database, q: str) -> list[Any]:
    """All that is answered where an id is pasted."""
    at = PagePosition(Range.everything())
    with database.reading() as session:
        found = [
            events.find_events(session, at, channel=None, q=q, limit=100),
            *(runs.find_runs(session, at, runs.RunCriteria(q=q, source=source), 100) for source in ("own", "others")),
            traces.find_traces(session, at, traces.TraceCriteria(q=q), 100),
        ]
        told = search.search_nodes(session, q, 100)
    return [*([item.model_dump() for item in page.items] for page in found), told.model_dump()]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_an_id_leads_to_does_not_depend_on_what_is_known_of_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Of nodes, events, runs, causes, dead letters, correlations, traces and their halves, and spans."""
    store(database, Told(seed), works_out=False)
    rows = database._connection.execute(_IDS).fetchall()
    spans = database._connection.execute(_SPANS).fetchall()
    chance = random.Random(seed)
    some = [id_ for (id_,) in chance.sample(rows, 14)]
    forms = [*some, *(UUID(id_).hex for id_ in some[:4]), *(UUID(id_).hex[16:] for id_ in some[:4])]
    forms += [id_ for (id_,) in chance.sample(spans, 4)]
    found = [asked(database, form) for form in forms]
    monkeypatch.setattr(Sightings, "_find_stretch", lambda *_: EVERYTHING)
    assert [asked(database, form) for form in forms] == found
    assert all(sum(bool(answer[place]) for answer in found) > 2 for place in range(4))


def test_a_part_of_any_id_that_is_shown_finds_its_event(database: Database) -> None:
    """Of a node, of a trace, of a span; with hyphens, and without them; in capitals, too."""
    store(database, Told(3), works_out=False)
    rows, chance, found = database._connection.execute(_SHOWN).fetchall(), random.Random(3), 0
    with database.reading() as session:
        page = events.find_events(session, PagePosition(Range.everything()), channel=None, q=None, limit=500)
    listed = {event.event_id for event in page.items}
    for length in (6, 8, 12, 13, 16, 17, 31, 35):
        for _, shown in chance.sample(rows, 6):
            id_ = chance.choice([each for each in shown if len(each) > length] or [shown[0]])
            first = chance.randrange(len(id_) - length + 1)
            part = id_[first : first + length]
            if not part.strip("-"):
                continue
            events_of = listed & {event for event, others in rows if any(part in each for each in others)}
            with database.reading() as session:
                asked_for = chance.choice((part, part.upper()))
                page = events.find_events(
                    session, PagePosition(Range.everything()), channel=None, q=asked_for, limit=500
                )
            assert events_of <= {event.event_id for event in page.items}, part
            found += len(events_of)
    assert found > 40
