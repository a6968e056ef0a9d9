"""What handlers return, as telemetry may tell it."""

import pytest

from runtime.app import App
from runtime.errors import DefinitionError
from runtime.testing import Recorder
from tests.runtime.worker.bench import CHANNEL, HandlerBench, Parcel, count


@pytest.mark.parametrize("is_recorded", [True, False])
async def test_a_handlers_result_is_told_unless_it_keeps_that_out(
    handling: HandlerBench, facts: Recorder, is_recorded: bool
):
    """The work itself drops it."""
    handling.work(record_values=is_recorded)(lambda parcel: {"sent": True})
    async with handling.app as app:
        await app.publish(CHANNEL, Parcel(7))
        await count(app, done=1)
    assert [one.ended.result for one in facts.attempts if one.ended] == [{"sent": True} if is_recorded else None]


def test_only_a_truth_value_says_whether_values_are_recorded():
    """`record_values="no"` would record them."""
    app = App("shop")
    with pytest.raises(DefinitionError, match="record_values of step 'a' can't be 'no': give True or False"):
        app.workflow("w").step(name="a", record_values="no")(lambda: None)
    with pytest.raises(DefinitionError, match="record_values of group 'g' can't be 0"):
        app.subscribe("c", group="g", record_values=0)(lambda event: None)
