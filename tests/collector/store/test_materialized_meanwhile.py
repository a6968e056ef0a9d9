"""What is committed while a snapshot is being opened is in figures once, and so is what markers told of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from collector.store import materialized
from collector.store.database import Database
from collector.store.materialized import Materializer
from collector.store.question import Question
from runtime import semconv
from runtime.semconv import NodeKind
from tests.collector.store.test_materialized import all_of_it, figures, judgement, known, store, truth
from tests.collector.story import Story, place, uid


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> Iterator[None]:
    """Has something committed once between the time by which a snapshot is known and what it shows."""
    reading, waiting = Question.use_cursor, [act]

    def late(self: Question, cursor: Any) -> Any:
        if waiting:
            waiting.pop()()
        return reading(self, cursor)

    with monkeypatch.context() as patched:
        patched.setattr(Question, "use_cursor", late)
        yield


def told(*, is_marker: bool, attempt: int = 1, **said: str) -> Any:
    more: dict[str, Any] = {semconv.STEP: "a", semconv.WORKFLOW: "order", semconv.ATTEMPT: attempt, **said}
    if is_marker:
        return Story().node(
            NodeKind.STEP,
            uid("step"),
            "a",
            place("run", "marker"),
            more={**more, semconv.PENDING: True},
            parent=place("run", "step"),
        )
    return Story().node(NodeKind.STEP, uid("step"), "a", place("run", "step"), more={**more, semconv.OUTCOME: "ok"})


def seed(database: Database) -> None:
    store(database, Story().node(NodeKind.STEP, uid("other"), "a", place("other", "step"), more={semconv.STEP: "a"}))
    all_of_it(database)


def test_a_step_of_which_a_marker_told_counts_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its span is committed while its marker is worked out."""
    seed(database)
    store(database, told(is_marker=True))
    database.sightings.forget()  # as at a start; markers are not among what is read anew
    with meanwhile(monkeypatch, lambda: store(database, told(is_marker=False))):
        materialized.materialize_slice(database)
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)
    assert len(known(database)) == len(set(known(database)))


def test_a_step_that_is_judged_as_it_is_stored_counts_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """What notes that it was judged is in the snapshot, and so is its span, which is newer by its time."""
    seed(database)
    span = told(is_marker=False)
    judged = judgement(span)
    store(database, Story().node(NodeKind.STEP, uid("third"), "a", place("third", "step"), more={semconv.STEP: "a"}))
    with meanwhile(monkeypatch, lambda: store(database, span, judged)):
        materialized.materialize_slice(database)
    assert figures(database) == truth(database)
    all_of_it(database)
    assert figures(database) == truth(database)
    assert len(known(database)) == len(set(known(database)))


def test_a_marker_without_an_attempt_that_can_be_is_no_second_step(database: Database) -> None:
    """Its step does not seem to run, though nothing but a marker told of it."""
    seed(database)
    store(database, told(is_marker=True, attempt=-1))
    all_of_it(database)
    database.sightings.forget()
    store(database, told(is_marker=False, attempt=-1))
    assert figures(database) == truth(database)


def test_a_step_whose_marker_alone_names_its_run_counts_once(database: Database) -> None:
    """The run has ended: the step does not run any more, though nothing but a marker told of it."""
    seed(database)
    run = {semconv.WORKFLOW: "order", semconv.RUN_ID: str(uid("run"))}
    ended = {**run, semconv.OUTCOME: "ok"}
    story = Story()
    begin = story.node(NodeKind.RUN, uid("run"), "start", place("run", "start"), more=run)
    store(database, begin, story.node(NodeKind.RUN, uid("run"), "end", place("run", "end"), more=ended))
    store(database, told(is_marker=True, **{semconv.RUN_ID: str(uid("run"))}))
    all_of_it(database)
    database.sightings.forget()
    store(database, told(is_marker=False))
    assert figures(database) == truth(database)


def finish(materializer: Materializer) -> None:
    while materializer.run_slice():
        pass


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Yields the cursors of snapshots that were opened within."""
    reading, opened = Question.use_cursor, list[Any]()
    with monkeypatch.context() as patched:
        patched.setattr(Question, "use_cursor", lambda self, cursor: (opened.append(cursor), reading(self, cursor))[1])
        yield opened


def test_a_store_that_nothing_is_written_to_is_not_read_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be, each two seconds, for as long as the collector runs."""
    materializer = Materializer(database)
    store(database, told(is_marker=False))
    finish(materializer)
    with counted(monkeypatch) as opened:
        for _ in range(3):
            assert not materializer.run_slice()
    assert opened == []


def test_what_is_written_after_all_was_worked_out_is_worked_out_too(database: Database) -> None:
    """Be it new, be it a removal: each makes answers outdated."""
    materializer = Materializer(database)
    seed(database)
    finish(materializer)
    before = known(database)
    store(database, told(is_marker=False))
    finish(materializer)
    assert len(known(database)) == len(before) + 1
    assert figures(database) == truth(database)


def test_a_clock_that_is_set_back_while_the_last_slice_is_worked_out_has_all_looked_at_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though the transaction that found it makes no answer outdated."""

    def set_back() -> None:
        with database.writing(outdates=False):
            database._committed_us += 3600 * 10**6
        database._committed_us -= 3600 * 10**6

    materializer = Materializer(database)
    store(database, told(is_marker=False))
    with meanwhile(monkeypatch, set_back):
        finish(materializer)
    with counted(monkeypatch) as opened:
        finish(materializer)
    assert opened
