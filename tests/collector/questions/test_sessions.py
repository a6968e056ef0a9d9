"""Sessions hold the runs that tell of them, wherever in the run that is told."""

import random
from collections import defaultdict
from typing import Any
from uuid import UUID

import pytest

from collector.agents import sessions as rules
from collector.agents.messages import message, message_memory
from collector.agents.tree import Tree
from collector.errors import NotFoundError
from collector.models.conversations import Message, SessionDetail, SessionPage
from collector.prices import parsing
from collector.prices.price_list import PriceBook
from collector.questions import agent_spans, sessions, time_ranges
from collector.questions.paging import PagePosition
from collector.questions.windows import Range
from collector.store.database import Database
from collector.times import nanoseconds
from tests.collector.agents.sent import MS, START, SentTrace
from tests.collector.agents.talk import Agent, text


def talked(database: Database, number: int, session: str, user: str = "ada", *, failed: bool = False) -> None:
    """A run of one call."""
    trace = Agent(number)
    top = trace.span(
        "invoke_agent a",
        took=50,
        failed=failed,
        gen_ai__operation__name="invoke_agent",
        gen_ai__agent__name="a",
        gen_ai__conversation__id=session,
        user__id=user,
    )
    trace.chat(top, [text("user", f"question {number}")], text("assistant", f"answer {number}"))
    trace.store(database)


def listed(database: Database, place: PagePosition | None = None, **wanted: Any) -> SessionPage:
    """A page of sessions."""
    with database.reading() as snapshot:
        at = place or PagePosition(Range.everything(), snapshot.as_of)
        return sessions.find_sessions(snapshot, at, wanted.get("user"), wanted.get("q"), wanted.get("limit", 50))


def told(database: Database, name: str, cursor: str | None = None, limit: int = 50) -> SessionDetail:
    """One session."""
    with database.reading() as snapshot:
        place = PagePosition.read(cursor) or sessions.make_first_position(snapshot, Range.everything())
        return sessions.find_session(snapshot, name, place, limit)


def test_sessions_are_listed_by_what_happened_last(database: Database) -> None:
    """With their users, runs, failures and tokens."""
    for number, session in enumerate(["a/1", "b", "a/1"], 1):
        talked(database, number, session, user=f"user {number}", failed=number == 3)

    first, second = listed(database).items

    assert (first.session, first.users, first.runs, first.failed) == ("a/1", ["user 1", "user 3"], 2, 1)
    assert (second.session, second.users, second.runs, second.failed) == ("b", ["user 2"], 1, 0)
    assert first.usage is not None
    assert (first.usage.calls, first.usage.input_tokens, first.usage.output_tokens) == (2, 20, 4)


def test_the_time_that_a_list_is_sorted_by_is_told(database: Database) -> None:
    """By when the latest thing began: what goes on for longer may end after what is listed before it."""
    for number, took in ((1, 9_000), (2, 50)):
        (trace := SentTrace(number)).span(
            "invoke_agent a", took=took, gen_ai__operation__name="invoke_agent", gen_ai__conversation__id=f"s{number}"
        )
        trace.store(database)
    first, second = listed(database).items
    assert (first.session, second.session) == ("s2", "s1")
    assert first.latest > second.latest
    assert first.last < second.last


def test_sessions_come_in_pages_and_by_user_and_text(database: Database) -> None:
    """None is skipped, none told twice."""
    for number in range(1, 6):
        talked(database, number, f"s{number}", user="bob" if number == 2 else "ada")
    page = listed(database, limit=2)
    rest = listed(database, PagePosition.read(page.next), limit=9)

    assert [each.session for each in (*page.items, *rest.items)] == ["s5", "s4", "s3", "s2", "s1"]
    assert rest.next is None
    assert [each.session for each in listed(database, user="bob").items] == ["s2"]
    assert [each.session for each in listed(database, q="S4").items] == ["s4"]


@pytest.mark.parametrize("seed", range(4))
def test_pages_hold_the_sessions_of_a_time_by_what_happened_last(
    database: Database, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """However far each look goes back; also those that went on after that time, or had begun before it."""
    chance = random.Random(seed)
    times: dict[str, list[int]] = defaultdict(list)
    for number in range(1, 31):
        name, at = f"s{chance.randrange(9)}", chance.choice((chance.randrange(40), chance.randrange(1_000)))
        (trace := SentTrace(number)).span("invoke_agent a", gen_ai__conversation__id=name)
        trace.request.resource_spans[0].scope_spans[0].spans[0].start_time_unix_nano = START + at * MS
        trace.store(database)
        times[name].append(START + at * MS)
    monkeypatch.setattr(time_ranges, "_FEW", 0)
    monkeypatch.setattr(time_ranges, "_SPANS", chance.choice((1, 3)))
    monkeypatch.setattr(time_ranges, "_GROWTH", chance.choice((2, 8)))
    for _ in range(6):
        first, end = sorted(START + chance.randrange(1_001) * MS for _ in range(2))
        within = chance.choice((Range.everything(), Range(first, end, None)))
        inside = [name for name, at in times.items() if any(within.first_ns <= each < within.end_ns for each in at)]
        found, place = [], PagePosition(within)
        while place is not None:
            page = listed(database, place, limit=chance.choice((1, 2, 5)))
            found += [(nanoseconds(each.latest), each.session) for each in page.items]
            place = PagePosition.read(page.next)
        assert [at for at, _ in found] == sorted((max(times[name]) for name in inside), reverse=True)
        assert sorted(found) == sorted((max(times[name]), name) for name in inside)
        with database.reading() as snapshot:
            searched = sessions.find_sessions(snapshot, PagePosition(within), None, "S", 50).items
        assert [(nanoseconds(each.latest), each.session) for each in searched] == found


def test_a_session_is_told_turn_by_turn(database: Database) -> None:
    """Oldest first, each run with what it was asked and what it answered; in pages."""
    for number in range(1, 6):
        talked(database, number, "s/1")

    page = told(database, "s/1", limit=3)
    rest = told(database, "s/1", page.next)

    said = [
        (turn.asked.parts[0].text, turn.answered.parts[0].text)
        for turn in (*page.items, *rest.items)
        if turn.asked and turn.answered
    ]
    assert said == [(f"question {number}", f"answer {number}") for number in range(1, 6)]
    assert page.session.runs == 5
    assert rest.next is None
    with pytest.raises(NotFoundError):
        told(database, "nobody's")


def _trace(database: Database, trace: SentTrace) -> Tree:
    """The tree of a trace that was stored."""
    trace.store(database)
    with database.reading() as snapshot:
        trees, _ = agent_spans.read_trees(snapshot, [_id(trace.number)])
    return trees[_id(trace.number)]


def _id(number: int) -> UUID:
    """The id of a trace."""
    return UUID(int=number)


def test_a_session_that_one_span_tells_of_is_the_runs(database: Database) -> None:
    """On the root alone, on a call alone; of two that differ below a run is of none, and listed with both."""
    root = SentTrace(1)
    job = root.span("job", session__id="above")
    root.span("invoke_agent a", job, gen_ai__operation__name="invoke_agent")
    below = SentTrace(2)
    top = below.span("invoke_agent a", gen_ai__operation__name="invoke_agent")
    below.span("chat", top, gen_ai__operation__name="chat", session__id="below")
    torn = SentTrace(3)
    top = torn.span("invoke_agent a", gen_ai__operation__name="invoke_agent")
    for name in ("one", "other"):
        torn.span("chat", top, gen_ai__operation__name="chat", session__id=name)

    found = [_trace(database, trace) for trace in (root, below, torn)]

    tops = [next(span for span in tree.spans if span.role is not None) for tree in found]
    named = [rules.session_of(tree, span) for tree, span in zip(found, tops, strict=True)]
    assert named == ["above", "below", None]
    assert [(each.session, each.runs) for each in listed(database).items] == [
        ("other", 1),
        ("one", 1),
        ("below", 1),
        ("above", 1),
    ]


def test_a_session_counts_once_what_two_instrumentations_saw(database: Database) -> None:
    """As the pages of its runs do; a sum that an agent reports counts for nothing, and all has its price."""
    prices = PriceBook((parsing.parse_prices("[models.m]\ninput = 1\noutput = 0\n", "ours", is_own=False)[0],))
    told = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.usage.input_tokens": 1_000_000}
    trace = SentTrace()
    top = trace.add(
        "invoke_agent a",
        0,
        {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.conversation.id": "s",
            "gen_ai.usage.input_tokens": 9,
        },
    )
    trace.add("chat m", top, told, scope="one", took=20)
    trace.add("POST", top, told, scope="two", took=10)
    trace.store(database)
    with database.reading() as snapshot:
        place = PagePosition(Range.everything(), snapshot.as_of)
        (brief,) = sessions.find_sessions(snapshot, place, None, None, 50, prices).items
        detail = sessions.find_session(
            snapshot, "s", sessions.make_first_position(snapshot, Range.everything()), 50, prices
        )
    assert brief.usage is not None
    assert (brief.usage.calls, brief.usage.input_tokens, brief.usage.cost_usd) == (1, 1_000_000, 1.0)
    assert detail.session.usage == brief.usage == detail.items[0].run.usage


def test_what_was_said_in_every_run_of_a_session_is_read_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mostly a run is told all that was said before it: of fifty runs that are thousands of messages."""
    read: list[int] = []

    def counting(value: Any, role: str) -> list[Message]:
        found = message.read_messages(value, role)
        read.append(len(found))
        return found

    monkeypatch.setattr(message_memory, "read_messages", counting)
    said = [text("user", f"{number}: {'what was it about? ' * 12}") for number in range(40)]
    for number in range(1, 31):
        trace = Agent(number)
        top = trace.span("invoke_agent a", gen_ai__operation__name="invoke_agent", gen_ai__conversation__id="long")
        trace.chat(top, said[: 10 + number], text("assistant", f"answer {number}"))
        trace.store(database)

    runs = told(database, "long").items

    assert [(each.asked.parts[0].text or "")[:3] for each in runs if each.asked] == [
        f"{9 + n}: "[:3] for n in range(1, 31)
    ]
    assert sum(read) < 200
