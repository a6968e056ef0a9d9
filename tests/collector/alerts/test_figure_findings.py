"""What rules find in what apps told: each fires when it has lasted, and is resolved when it has been well."""

import pytest

from collector.models import RuleState
from collector.store.queries import Query
from tests.collector.alerts import happened
from tests.collector.alerts.guarded import Guard
from tests.collector.story import Story, place

HOUR = 3_600.0


async def over(guard: Guard, rule: str, window: float) -> None:
    """Makes sure that a rule resolves what it found once its window has passed."""
    await guard.look(after=window)
    await guard.lasting(90)
    assert guard.firing(rule) == []
    assert [alert.ended_as for alert in guard.all.items] == ["well"]
    assert guard.rule(rule).state is RuleState.OK


async def test_a_step_that_fails_often(guard: Guard) -> None:
    """Not one that failed two times, however small the number of all; only after a minute."""
    guard.tell(happened.attempts(30, failed=6))
    await guard.look(after=1)
    assert (guard.firing("error_rate"), guard.rule("error_rate").state) == ([], RuleState.PENDING)
    await guard.lasting(60)
    (alert,) = guard.firing()
    assert alert.title == "20 % of pay (order) failed"
    assert alert.detail == "6 of 30 in 15 min."
    assert (alert.about, alert.unit, alert.threshold) == ({"workflow": "order", "step": "pay"}, "share", 0.1)
    assert (alert.view, alert.params["workflow"], alert.value) == ("steps", "order", 0.2)
    await over(guard, "error_rate", 900)


@pytest.mark.parametrize(("many", "failed"), [(30, 2), (10, 9)])
async def test_a_step_that_fails_seldom_or_did_little(guard: Guard, many: int, failed: int) -> None:
    """Few observations say little."""
    guard.tell(happened.attempts(many, failed=failed))
    await guard.lasting(60)
    assert guard.firing() == []


async def test_a_service_of_others_that_fails(guard: Guard) -> None:
    """By the requests that it was sent."""
    guard.tell(happened.foreign(40, failed=20))
    await guard.lasting(70)
    (alert,) = guard.firing()
    assert (alert.title, alert.about) == ("50 % of django failed", {"app": "django"})


async def test_a_step_that_is_slow(guard: Guard) -> None:
    """By p95."""
    guard.tell(happened.attempts(25, seconds=90, at=0))
    await guard.look(after=200)
    await guard.lasting(60)
    (alert,) = guard.firing()
    assert alert.title == "One in twenty of pay (order) takes 1.5 min or longer"
    assert (alert.kind, alert.value) == ("latency", 90.0)
    await over(guard, "latency", 900)


async def test_answers_that_are_wrong_by_the_name_of_their_score(guard: Guard) -> None:
    """Another score of the same step is right, and says nothing."""
    guard.tell(happened.attempts(40, score=0.0, named="grounded"))
    guard.tell(happened.attempts(40, score=1.0, named="polite"))
    await guard.look(after=5)
    (alert,) = guard.firing()
    assert alert.title == "pay (order) is right in only 0 % by grounded"
    assert alert.about == {"workflow": "order", "step": "pay", "score": "grounded"}
    await over(guard, "accuracy", HOUR)


async def test_a_filter_by_score(guard: Guard) -> None:
    """And a threshold of its own."""
    guard.say('[rules.accuracy]\nenabled = false\n[rules.polite]\nwhen = "accuracy"\nscore = "pol*"\nthreshold = "50%"')
    guard.tell(happened.attempts(40, score=0.0, named="grounded"))
    guard.tell(happened.attempts(40, score=0.0, named="polite"))
    await guard.look(after=5)
    assert [(alert.rule, alert.about["score"]) for alert in guard.firing()] == [("polite", "polite")]


async def test_an_attempt_that_hangs(guard: Guard) -> None:
    """Until it ends."""
    guard.tell(happened.running())
    await guard.look(after=60)
    assert guard.firing() == []
    await guard.look(after=1_800)
    (alert,) = guard.firing()
    assert alert.title == "An attempt of pay (order) has gone on for 31 min"
    assert alert.view == "event"
    with guard.database.writing() as session:
        session.run(Query.INGEST_PURGE_PENDING)
    assert guard.firing() == [alert]


async def test_a_clock_that_is_ahead_until_it_sends_no_more_such_spans(guard: Guard) -> None:
    """Though those that it sent lie ahead for ever."""
    story = Story("late")
    story.add("work", place("ahead", "1"), at=100 * HOUR * 1_000)
    guard.tell(story)
    await guard.look(after=1)
    (alert,) = guard.firing()
    assert (alert.title, alert.about) == ("The clock of late is ahead by 4.2 d", {"app": "late"})
    await over(guard, "clock_ahead", 960)
