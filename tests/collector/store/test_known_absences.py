"""What was looked for once is not looked for again in what is old, and is found all the same where it comes."""

import random
from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest

from collector.store import known_absences, sightings
from collector.store.known_absences import KnownAbsences
from collector.store.sightings import NOTHING, Sightings
from collector.store.stretch_ids import SearchKeys, StretchIds
from tests.collector.store.test_sightings import known, table
from tests.collector.story import uid


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stretches of few spans, and questions of few ids."""
    monkeypatch.setattr(sightings, "SPANS", 20)
    monkeypatch.setattr(sightings, "_PARTS", 4)
    monkeypatch.setattr(known_absences, "_FEWEST", 2)


@pytest.fixture
def looked_through(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """For each stretch that was looked through since when it was stored, and for how many ids."""
    has_any, seen = StretchIds.has_any, list[tuple[int, int]]()

    def noted(self: StretchIds, asked: SearchKeys) -> bool:
        if len(asked.numbers):
            seen.append((self.since_us, len(asked.numbers)))
        return has_any(self, asked)

    monkeypatch.setattr(StretchIds, "has_any", noted)
    return seen


def filled(ids: Sequence[UUID]) -> Sightings:
    """One that saw an id at each time."""
    seen = known()
    for at, id_ in enumerate(ids):
        seen.add(table(node_id=[id_]), at)
    return seen


def test_only_new_ids_are_looked_for_in_what_is_old(looked_through: list[tuple[int, int]]) -> None:
    """Five stretches are full, and a sixth holds what is asked for."""
    ids = [uid(str(number)) for number in range(110)]
    seen, new = filled(ids), ids[100:]
    assert seen.find_stretch(new[:5]).since_us == 100
    assert {(since, 5) for since in range(0, 100, 20)} <= set(looked_through)
    looked_through.clear()
    assert seen.find_stretch(new[:7]).since_us == 100
    assert {count for since, count in looked_through if since < 100} == {2}
    looked_through.clear()
    assert seen.find_stretch(new[:7]).since_us == 100
    assert not [since for since, _ in looked_through if since < 100]


@pytest.mark.parametrize("seed", range(6))
def test_what_is_remembered_changes_no_answer(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is asked, stored, dropped and forgotten meanwhile, also by a clock that goes back."""
    chance = random.Random(seed)
    monkeypatch.setattr(known_absences, "_MOST", 60)
    seen, plain = known(), known()
    now = 0
    for _ in range(400):
        now += chance.choice([-30, 1, 1, 1, 2])
        stored = [uid(str(now + chance.randrange(-40, 5))) for _ in range(chance.randrange(1, 6))]
        for each in (seen, plain):
            each.add(table(node_id=list(stored)), now)
        match chance.randrange(40):
            case 0:
                for each in (seen, plain):
                    each.drop(now - 60)
            case 1:
                for each in (seen, plain):
                    each.learn([], each.forget())
        begin = now - chance.choice([0, 5, 5, 60])
        asked = [uid(str(number)) for number in range(begin, begin + chance.choice([1, 8, 30, 90]))]
        plain._absences = KnownAbsences()
        assert seen.find_stretch(asked) == plain.find_stretch(asked)


def test_ids_of_which_nothing_was_stored_are_remembered_too(looked_through: list[tuple[int, int]]) -> None:
    """Until something is."""
    ids = [uid(str(number)) for number in range(100)]
    seen, nobodys = filled(ids), [uid("nobody's"), uid("no one's")]
    assert seen.find_stretch(nobodys) == NOTHING
    looked_through.clear()
    assert seen.find_stretch(nobodys) == NOTHING
    assert not looked_through
    seen.add(table(node_id=nobodys), 100)
    assert seen.find_stretch(nobodys) == (100, 100)


def test_no_more_ids_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest stay; a question of more than that leaves what is known as it is."""
    monkeypatch.setattr(known_absences, "_MOST", 10)
    old = frozenset({StretchIds.of(np.array([1 << 60], np.uint64), 0, 1)})
    three, nine, eleven = (
        SearchKeys.of(np.arange(2, 2 + size, dtype=np.uint64) << np.uint64(50)) for size in (3, 9, 11)
    )
    some = KnownAbsences().add(three, three, old)
    assert len(some.numbers) == 3
    assert len(some.add(nine, some.leave_out(nine), old).numbers) == 9
    beside = SearchKeys.of(np.arange(100, 108, dtype=np.uint64) << np.uint64(50))
    assert set(some.add(beside, beside, old).numbers) == set(beside.numbers)
    assert some.add(eleven, eleven, old) is some


def test_a_question_whose_ids_are_old_takes_nothing_from_what_is_known() -> None:
    """One about all time finds something in the first stretch, and so knows of none; another in the second."""
    ids = [uid(str(number)) for number in range(110)]
    seen = filled(ids)
    seen.find_stretch(ids[100:])
    before = seen._absences
    seen.find_stretch(ids)
    seen.find_stretch(ids[30:])
    assert seen._absences is before


def test_stretches_that_are_dropped_are_not_kept_in_memory() -> None:
    """Or what was remembered of them would hold their ids."""
    ids = [uid(str(number)) for number in range(110)]
    seen = filled(ids)
    seen.find_stretch(ids[100:])
    assert len(seen._absences.stretches) == 5
    for _ in range(2):
        seen.drop(60)
    assert len(seen._absences.stretches) == 2
