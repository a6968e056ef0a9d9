"""Rules look less often the more their questions cost, and none is forgotten."""

from dataclasses import replace

import pytest

from collector.alerts.alert_states import RuleResult
from collector.alerts.rule_kinds import KINDS
from collector.alerts.rule_status import COSTLY_EVERY, LONGEST_PAUSE, RuleStatus

CHEAP = replace(KINDS["error_rate"], is_costly=False, needs_bus=False)
COSTLY = replace(CHEAP, is_costly=True)


@pytest.mark.parametrize(("took_ms", "pause"), [(0.0, 0.0), (10.0, 0.4), (1_000.0, 40.0), (90_000.0, LONGEST_PAUSE)])
def test_a_rule_rests_for_as_long_as_its_question_is_worth(took_ms: float, pause: float) -> None:
    """Forty times as long as it took, and never longer than a minute."""
    status = RuleStatus()
    status.record_result(RuleResult([], took_ms=took_ms), CHEAP, 100.0, 7)
    assert (status.due, status.evaluated_ns, status.took_ms) == (pytest.approx(100.0 + pause), 7, took_ms)
    status.record_result(RuleResult([], took_ms=took_ms), COSTLY, 100.0, 7)
    assert status.due == pytest.approx(100.0 + max(pause, COSTLY_EVERY))


def test_a_rule_that_can_not_look_waits_longer_each_time() -> None:
    """Until it can: then as if nothing had been."""
    status, waits = RuleStatus(), []
    for _ in range(8):
        status.record_result(RuleResult(None, "away"), CHEAP, 0.0, 7)
        waits.append(status.due)
    assert waits == [30, 60, 120, 240, 480, 600, 600, 600]
    assert (status.error, status.evaluated_ns) == ("away", None)
    status.record_result(RuleResult([], took_ms=1.0), CHEAP, 0.0, 8)
    assert (status.due, status.error, status.failures) == (pytest.approx(0.04), "", 0)
