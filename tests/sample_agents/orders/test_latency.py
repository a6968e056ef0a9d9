"""The measurement of the critical path: which numbers are tried, and when somebody has waited."""

from sample_agents.orders import latency
from sample_agents.orders.audience import SLOW, audience, is_slow
from sample_agents.orders.latency import Stage

FLAT = [Stage(1, (40, 50, 60)), Stage(50, (45, 52, 200))]


def test_some_numbers_between_the_least_and_the_most_are_tried() -> None:
    """The ends always are."""
    assert latency.stages(1, 50) == [1, 2, 5, 10, 20, 50]
    assert latency.stages(3, 12) == [3, 5, 10, 12]
    assert latency.stages(4, 4) == [4]


def test_a_critical_path_that_waits_for_one_subscriber_is_found() -> None:
    """By its median: a single slow order is the machine's."""
    assert latency.find_slowdowns(FLAT) == []
    waited = round(SLOW * 1000)
    (words,) = latency.find_slowdowns([FLAT[0], Stage(50, tuple(one + waited for one in FLAT[1].durations))])
    assert words == "with 50 slow subscribers the critical path takes 552 ms, with 1 it took 50 ms: it has waited"


def test_the_table_has_a_row_for_each_number() -> None:
    """With what each subscriber takes, and all of them."""
    told = latency.table(FLAT)
    assert [len(row) for row in told["rows"]] == [len(told["columns"])] * 2
    assert told["rows"][0] == ["1", "3", "50 ms", "59 ms", "500 ms", "0.5 s"]
    assert told["rows"][1][-1] == "25.0 s"


def test_an_audience_is_so_many_groups_of_the_same_channel() -> None:
    """They hear of what comes from now on, and are told from the four that belong to the demo."""
    built = audience(3).build()
    assert [(one.channel, one.group, one.start) for one in built.subscriptions] == [
        ("order_processed", f"slow-0{place}", "latest") for place in (1, 2, 3)
    ]
    assert is_slow("slow-01")
    assert not is_slow("fraud")
