"""What stands still, and what only looks like it."""

from typing import Any

import pytest

from collector.models import (
    AppBacklog,
    Breaker,
    ChannelBacklog,
    GroupBacklog,
    Severity,
    UnservedAgent,
    WaitingKey,
    WaitingStep,
)
from collector.questions import standstill

ALONE = "Their worker is gone, and each runs alone in a process of its own."
LONGEST = "Step pay of a run of order has waited the longest:"
MORE_SLOTS = "give them a timeout, raise CAUSELINE_CONCURRENCY, or start another worker."
UNREAD = "1 worker is alive, but its breaker may be open, or code may keep the event loop busy: see the workers' logs."
TURN = (
    "It waits for a turn of agent research: its limit is reached, or 0, or its workers are busy. `causeline workers` "
    "says what they do."
)
UNTAKEN = (
    "their code may not know this step of order (is it of another version?), or keep the event loop busy. See their "
    "logs, or start them again."
)


def group(**facts: Any) -> ChannelBacklog:
    """Channel `c` with group `g` of app `shop`, whose only worker is alive."""
    known = {
        "group": "g",
        "owed": 9,
        "done": 0,
        "pending": 0,
        "retrying": 0,
        "dead": 0,
        "discarded": 0,
        "consumers": 1,
        "app": "shop",
        "silent_seconds": 1.0,
    }
    return ChannelBacklog(channel="c", published=9, groups=[GroupBacklog(**known | facts)])


def app(**facts: Any) -> AppBacklog:
    """App `shop` with one worker of four slots."""
    known = {"app": "shop", "workers": 1, "slots": 4, "due": 0, "under_way": 0, "suspects": 0}
    return AppBacklog(**known | facts)


def step(seconds: float, agent: str | None = None) -> WaitingStep:
    """A step that has been due for so long, in the lane of an agent if it is in one."""
    return WaitingStep(run_id="r", workflow="order", step="pay", seconds=seconds, agent=agent)


def waits(agent: str, tenant: str) -> WaitingKey:
    """Steps of a tenant that take turns."""
    return WaitingKey(agent=agent, by={"tenant": tenant}, due=3, seconds=40)


def unserved(oldest: WaitingStep) -> UnservedAgent:
    """Two steps that are due for an agent which has no worker."""
    return UnservedAgent(agent="research", due=2, oldest=oldest)


@pytest.mark.parametrize(
    "channel",
    [
        group(),
        group(consumers=0),
        group(pending=3, oldest_unprocessed_seconds=10, unmoved_seconds=10),
        group(pending=900, oldest_unprocessed_seconds=200, unmoved_seconds=1),
        group(pending=900, oldest_unprocessed_seconds=200, unmoved_seconds=None),
        group(pending=2, under_way=2, oldest_unprocessed_seconds=200, unmoved_seconds=200),
        group(retrying=2, oldest_unprocessed_seconds=200, unmoved_seconds=200),
        group(retrying=2, oldest_unprocessed_seconds=200, unmoved_seconds=200, overdue_seconds=2),
        group(pending=3, consumers=0, silent_seconds=None, oldest_unprocessed_seconds=4),
    ],
    ids=["idle", "unused", "young", "moving", "just seen", "slow", "between tries", "retry just due", "restarting"],
)
def test_a_group_that_is_busy_is_no_problem(channel: ChannelBacklog) -> None:
    """However long its queue is, or its handlers take."""
    assert standstill.find_standstills([channel], []) == []


@pytest.mark.parametrize(
    "backlog",
    [
        app(),
        app(workers=0, slots=0),
        app(due=900, under_way=4, oldest=step(200), unmoved_seconds=2),
        app(due=900, under_way=4, oldest=step(200)),
        app(due=1, oldest=step(5), unmoved_seconds=5),
        app(workers=0, slots=0, due=1, oldest=step(5), unmoved_seconds=5),
        app(suspects=2, oldest_suspect=step(200), suspects_unmoved_seconds=3),
    ],
    ids=["idle", "unused", "moving", "just seen", "young", "restarting", "one after the other"],
)
def test_an_app_that_is_busy_is_no_problem(backlog: AppBacklog) -> None:
    """Its queue is long, but another is its first each time."""
    assert standstill.find_standstills([], [backlog]) == []


def test_a_group_that_nobody_serves_says_whose_it_is_and_since_when() -> None:
    """What to do is one of two things."""
    channel = group(pending=3, retrying=1, consumers=0, silent_seconds=7200, oldest_unprocessed_seconds=600)
    (problem,) = standstill.find_standstills([channel], [])
    assert problem.title == "Nobody serves g of c"
    assert problem.detail == (
        "4 events wait, 1 of them between attempts, the oldest for 10 min; a worker was last heard of 2 h ago. "
        "Start a worker of shop, or retire the group if no code serves it any more."
    )
    assert problem.severity == Severity.WARNING
    assert (problem.view, problem.params) == ("groups", {"channel": "c", "group": "g"})


def test_a_group_that_nobody_was_ever_heard_of_is_unserved_once_an_event_has_waited() -> None:
    """Its app may not be known either."""
    channel = group(pending=1, consumers=0, silent_seconds=None, oldest_unprocessed_seconds=40, app="")
    (problem,) = standstill.find_standstills([channel], [])
    assert problem.detail == (
        "1 event waits, the oldest for 40 s; nobody remembers a worker of it. "
        "Start a worker of its app, or retire the group if no code serves it any more."
    )


@pytest.mark.parametrize(
    ("facts", "title", "why"),
    [
        (
            {"pending": 9, "under_way": 4},
            "9 events on c wait for g, and nothing moves",
            f"All 4 slots of its workers are taken, by handlers that go on: {MORE_SLOTS}",
        ),
        (
            {"pending": 9, "under_way": 1},
            "9 events on c wait for g, and nothing moves",
            UNREAD,
        ),
        (
            {"retrying": 1, "overdue_seconds": 40},
            "1 event on c waits for g, and nothing moves",
            UNREAD,
        ),
        (
            {"pending": 3, "under_way": 1, "suspects": 2},
            "2 events on c wait for a cell of g",
            f"{ALONE} The logs of its workers say why no cell takes them.",
        ),
    ],
)
def test_a_group_that_stands_says_why_as_far_as_is_known(facts: dict[str, Any], title: str, why: str) -> None:
    """For how long, and what to do."""
    channel = group(**facts, oldest_unprocessed_seconds=90, unmoved_seconds=45)
    (problem,) = standstill.find_standstills([channel], [app()])
    assert problem.title == title
    assert problem.detail == f"For 45 s none has begun or ended, and the oldest has waited 1 min. {why}"
    assert problem.params == {"channel": "c", "group": "g"}


def test_a_group_that_a_breaker_holds_back_does_not_stand_still() -> None:
    """It leaves in its channel what it would only put off; one that nobody serves is a problem all the same."""
    held = Breaker(name="carrier", state="open", guards={"shop": ["step 'pay' of order", "group g of c"]})
    other = Breaker(name="bank", state="open", guards={"shop": ["group h of c", "group g of d"]})
    waiting = {"pending": 3, "oldest_unprocessed_seconds": 400, "unmoved_seconds": 400}
    assert standstill.find_standstills([group(**waiting)], [app()], [held]) == []
    assert len(standstill.find_standstills([group(**waiting)], [app()], [other])) == 1
    assert len(standstill.find_standstills([group(**waiting, consumers=0)], [app()], [held])) == 1


def test_an_event_that_is_old_is_a_problem_though_others_move() -> None:
    """After five minutes."""
    channel = group(pending=3, retrying=2, under_way=1, oldest_unprocessed_seconds=301, unmoved_seconds=0)
    (problem,) = standstill.find_standstills([channel], [])
    assert problem.title == "An event on c has waited 5 min for g"


@pytest.mark.parametrize(
    ("facts", "severity", "title", "detail"),
    [
        (
            {"workers": 0, "slots": 0, "due": 2, "suspects": 1, "oldest": step(31), "oldest_suspect": step(90)},
            "error",
            "Nobody works for shop, and 3 steps wait",
            f"{LONGEST} 1 min. None of its workers is alive: start one.",
        ),
        (
            {"due": 7, "under_way": 4, "oldest": step(40), "unmoved_seconds": 40},
            "warning",
            "7 steps of shop wait, and nobody takes the first",
            f"{LONGEST} 40 s. All 4 slots of 1 worker are taken, by 4 attempts that go on: {MORE_SLOTS}",
        ),
        (
            {"due": 1, "under_way": 1, "oldest": step(40), "unmoved_seconds": 40},
            "warning",
            "1 step of shop waits, and nobody takes the first",
            f"{LONGEST} 40 s. 3 of 4 slots of 1 worker are free: {UNTAKEN}",
        ),
        (
            {"due": 3, "oldest": step(90), "unmoved_seconds": 90, "unserved": [unserved(step(90))]},
            "error",
            "No worker of shop serves agent research, and 2 steps wait",
            f"{LONGEST} 1 min. Start a worker with --agent research, or one that does all.",
        ),
        (
            {"due": 7, "under_way": 4, "oldest": step(40, agent="research"), "unmoved_seconds": 40},
            "warning",
            "7 steps of shop wait, and nobody takes the first",
            f"{LONGEST} 40 s. {TURN}",
        ),
        (
            {
                "due": 7,
                "under_way": 4,
                "oldest": step(40, agent="research"),
                "unmoved_seconds": 40,
                "waiting_keys": [waits("review", "bode"), waits("research", "acme"), waits("research", "cato")],
            },
            "warning",
            "7 steps of shop wait, and nobody takes the first",
            f"{LONGEST} 40 s. "
            + TURN.replace(". `", ". Of what takes turns by key, tenant acme has waited the longest. `"),
        ),
        (
            {"suspects": 2, "oldest_suspect": step(40), "suspects_unmoved_seconds": 31},
            "warning",
            "2 steps of shop wait for a cell",
            f"{ALONE} {LONGEST} 40 s. The logs of the workers say why no cell takes it; start one of them again.",
        ),
    ],
)
def test_steps_that_stand_say_why_as_far_as_is_known(
    facts: dict[str, Any], severity: str, title: str, detail: str
) -> None:
    """Nobody is there, no slot is free, nobody takes it, or a cell is missing."""
    (problem,) = standstill.find_standstills([], [app(**facts)])
    assert (problem.severity, problem.title, problem.detail) == (severity, title, detail)
    assert (problem.view, problem.params) == ("workers", {"app": "shop"})
