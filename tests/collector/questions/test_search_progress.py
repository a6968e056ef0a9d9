"""A search looks at what is newest first, stops in time, and says how far it came."""

from collections.abc import Callable
from itertools import count, pairwise

import pytest

from collector.errors import BadQueryError
from collector.models import SearchAnswer
from collector.questions import search
from collector.questions.search_progress import SearchPace, SearchPosition, TimeSlicer
from collector.questions.windows import END_OF_TIME_NS
from collector.store.database import Database
from collector.times import moment
from tests.collector.live import LiveCollector
from tests.collector.story import MS, ORIGIN_NS, Story, foreign, place, uid

#: So patient that nothing is left out; and so hasty that one answer looks once, back over four records.
PATIENT, HASTY = SearchPace(every=1), SearchPace(every=1, clock=count(0, 10).__next__)


@pytest.fixture
def ask(collector: LiveCollector) -> Callable[..., SearchAnswer]:
    """Asks the collector's database."""

    def asked(text: str, limit: int = 100, cursor: str | None = None, pace: SearchPace = PATIENT) -> SearchAnswer:
        with collector.database.reading() as session:
            return search.search_nodes(session, text, limit, cursor, pace)

    return asked


def tell(collector: LiveCollector, names: list[str]) -> list[str]:
    """Sends a span of each name, a second apart; returns their nodes, the newest first."""
    story = Story()
    for number, name in enumerate(names):
        story.add(name, place("t", str(number)), at=number * 1_000)
    collector.tell(story)
    return [str(foreign(place("t", str(number)))) for number in reversed(range(len(names)))]


def test_a_hasty_search_says_how_far_it_came(collector: LiveCollector, ask: Callable[..., SearchAnswer]) -> None:
    """It does not say that nothing is there; looked for further, everything is found, and then nothing more is said."""
    nodes = tell(collector, ["needle", *["hay"] * 12])
    answer = ask("needle", pace=HASTY)
    assert answer.items == []
    assert answer.truncated
    assert answer.back_to == moment(ORIGIN_NS + 9_000 * MS)
    looks = [answer]
    while looks[-1].next:
        looks.append(ask("needle", cursor=looks[-1].next, pace=HASTY))
    assert [node.id for look in looks for node in look.items] == [nodes[-1]]
    assert (looks[-1].back_to, looks[-1].truncated) == (None, False)
    assert len(looks) == 4


def test_a_search_reads_the_rest_of_a_page_where_it_ended(
    collector: LiveCollector, ask: Callable[..., SearchAnswer]
) -> None:
    """Nodes that begin at one time, too, come once each."""
    story = Story()
    for number in range(7):
        story.add("needle", place("t", str(number)), at=number // 3)
    collector.tell(story)
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        answer = ask("needle", limit=2, cursor=cursor)
        found, cursor, pages = [*found, *(node.id for node in answer.items)], answer.next, pages + 1
    assert sorted(found) == sorted(str(foreign(place("t", str(number)))) for number in range(7))
    assert pages == 4


def test_an_id_is_looked_up_however_hasty(collector: LiveCollector, ask: Callable[..., SearchAnswer]) -> None:
    """What it leads to is answered at once; texts that name it are for whoever looks further."""
    nodes = tell(collector, ["first", *["hay"] * 20, f"about {foreign(place('t', '0'))}"])
    answer = ask(nodes[-1], pace=HASTY)
    assert [node.id for node in answer.items] == [nodes[-1]]
    assert (answer.truncated, answer.back_to) == (True, None)
    further = ask(nodes[-1], cursor=answer.next)
    assert [node.id for node in further.items] == [nodes[0]]
    assert not further.truncated


def test_many_nodes_of_one_id_come_page_by_page(collector: LiveCollector, ask: Callable[..., SearchAnswer]) -> None:
    """Such as those of a trace; then its texts are looked through."""
    nodes = tell(collector, ["span"] * 5)
    trace = f"{place('t', '0').trace:032x}"
    found: list[str] = []
    cursor, pages = None, 0
    while pages == 0 or cursor:
        answer = ask(trace, limit=2, cursor=cursor)
        found, cursor, pages = [*found, *(node.id for node in answer.items)], answer.next, pages + 1
    assert found == nodes
    assert pages == 4


def test_what_happened_long_before_or_after_its_span_is_found(
    collector: LiveCollector, ask: Callable[..., SearchAnswer]
) -> None:
    """By clocks that are wrong, or not there."""
    story = Story()
    for number, at in enumerate((0, 1, 2**64 - 1)):
        story.add("span", place("t", str(number)), at=number).events.add(name="needle", time_unix_nano=at)
    collector.tell(story)
    assert {node.id for node in ask("needle").items} == {str(foreign(place("t", str(n)))) for n in range(3)}


def test_stretches_are_longer_while_looks_are_quick() -> None:
    """And leave nothing out."""
    stretches = TimeSlicer(range(100, 0, -1))
    seen = []
    for stretch in stretches.cut_before(END_OF_TIME_NS):
        seen.append(stretch)
        stretches.note_duration(0.01 if len(seen) < 3 else 60)
    assert seen[:4] == [(97, END_OF_TIME_NS), (89, 97), (73, 89), (65, 73)]
    assert seen[-1][0] == 0
    assert all(later[1] == earlier[0] for earlier, later in pairwise(seen))


@pytest.mark.parametrize("cursor", ["x", "!", "aWRzLjEuMg==", SearchPosition(5, uid("n"), True).cursor[:-8]])
def test_a_cursor_of_others_is_refused(cursor: str) -> None:
    """With what to do."""
    with pytest.raises(BadQueryError, match="take it from `next`"):
        SearchPosition.read(cursor)


def test_a_cursor_is_read_as_it_was_written(database: Database) -> None:
    """Whether among ids or among texts."""
    for reached in (SearchPosition(), SearchPosition(5, uid("n")), SearchPosition(7, uid("n"), in_texts=True)):
        assert SearchPosition.read(reached.cursor) == reached
    with database.reading() as session:
        assert search.search_nodes(session, "nothing", 5) == SearchAnswer(
            searched=search.search_nodes(session, "", 5).searched.model_copy(update={"text": "nothing"})
        )
