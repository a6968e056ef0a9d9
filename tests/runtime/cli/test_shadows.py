"""What an operator sees of steps and their successors, and does with them, from the command line."""

import asyncio
import io

import pytest

from runtime import App
from runtime.causality import identity
from runtime.shadows.comparison import Difference
from runtime.shadows.record import Comparison, StepAddress
from runtime.vocabulary import ShadowVerdict
from tests.runtime.cli.commands import Call, Ended

pytestmark = pytest.mark.redis

RECEIPT = StepAddress("bank", "payment", "receipt")


def compared(*others: StepAddress) -> None:
    """Makes a step known, and two of its comparisons, of which one does not agree; beside it others."""
    app = App("bank")

    async def compare() -> None:
        async with app.client():
            book = app.session.shadows
            await book.declare("bank", "1", dict.fromkeys((RECEIPT, *others), ("receipts", "receipts")))
            for verdict in (ShadowVerdict.AGREED, ShadowVerdict.DISAGREED):
                found = () if verdict is ShadowVerdict.AGREED else (Difference("fee", "1", "2"),)
                comparison = Comparison(
                    delivery=identity.mint(),
                    verdict=verdict,
                    version="1",
                    node=identity.mint(),
                    event=identity.mint(),
                    correlation=identity.mint(),
                    subject="P7",
                    differences=found,
                )
                assert await book.count_comparison(RECEIPT, comparison)
                assert not await book.count_comparison(RECEIPT, comparison)

    asyncio.run(compare())


def test_steps_are_listed_with_how_far_they_agree(call: Call) -> None:
    """Coverage first; and what did not agree is shown with both values."""
    assert call("shadows", "list").out.startswith("no steps with a successor: declare one with ")
    compared()
    listed = call("shadows", "list").out
    for words in ("receipt", "payment", "bank", "compared", "50.0% (9.5% to 90.5%)"):
        assert words in listed
    shown = call("shadows", "show", "receipt").out
    assert "compared: 2, 100.0% of what could be since " in shown
    assert "disagreed P7: fee: 1 by the step, 2 by its successor" in shown


def test_a_step_is_moved_and_moved_back(call: Call) -> None:
    """Who did it, and why, is in its history and in the audit."""
    compared()
    moved = call("shadows", "move", "receipt", "--by", "ada", "--reason", "a week is over", "--yes")
    assert moved.out.endswith("step receipt is choreographed now; `causeline shadows back receipt` takes it back\n")
    assert "choreographed by ada: a week is over" in call("shadows", "show", "receipt").out
    assert call("shadows", "back", "receipt", "--by", "ada", "--yes").status == 0
    assert "compared by ada" in call("shadows", "show", "receipt").out
    assert call("shadows", "back", "receipt", "--alone", "--yes").status == 0
    assert call("shadows", "anew", "receipt", "--yes").status == 0
    shown = call("shadows", "show", "receipt").out
    assert ": orchestrated\n" in shown
    assert "nothing was compared yet" in shown
    audit = call("audit").out
    assert all(word in audit for word in ("move_step", "shadow_step", "keep_step", "compare_anew", "step receipt"))


def test_nothing_is_moved_without_a_yes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures are shown with the question."""
    compared()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = call("shadows", "move", "receipt")
    assert (ended.status, ended.err) == (1, "causeline: nothing was done\n")
    assert "agreement: 50.0%" in ended.out
    assert "compared" in call("shadows", "list").out


def test_a_step_that_is_not_known_or_not_alone_is_said_in_one_line(call: Call) -> None:
    """With what to do."""
    assert call("shadows", "show", "nobody") == Ended(
        2,
        "",
        "causeline: no step 'nobody' with a successor is known on this server: `causeline shadows list` names those "
        "that are; a worker whose code declares shadow= makes it known\n",
    )
    compared(StepAddress("bank", "refund", "receipt"))
    ended = call("shadows", "move", "receipt", "--yes")
    assert "several steps 'receipt' have a successor: say which, by workflow and app" in ended.err
    assert call("shadows", "move", "receipt", "--workflow", "refund", "--yes").status == 0
