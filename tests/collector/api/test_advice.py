"""What each step should be, over the API: of a real program of LangGraph, and of shipments."""

from itertools import islice

import pytest

from collector.client import ApiError, CollectorClient
from collector.models import Leaning, StepAdvice, Verdict
from collector.otlp.decode import spans
from collector.store.records import RecordWriter
from tests.collector.agents.programs import ORDERS
from tests.collector.agents.recording import read
from tests.collector.branching import branching
from tests.collector.live import LiveCollector
from tests.collector.shipment import Shipment


def advised(client: CollectorClient, asked_ms: float | None = None) -> dict[str, StepAdvice]:
    """Advice by step."""
    return {each.step: each for each in client.advice(asked_ms=asked_ms, last="all").items}


@pytest.fixture
def orders(collector: LiveCollector) -> list[str]:
    """How 48 orders of a real LangGraph ended, whose steps the collector knows."""
    request, journal = read(ORDERS.name)
    with collector.database.writing() as session:
        RecordWriter(collector.database).write(session, spans.decode(request.SerializeToString()))
    return [entry["status"] for entry in journal]


def test_a_real_graph_is_advised_rightly(client: CollectorClient, orders: list[str]) -> None:
    """Payment and validation are waited for; the notification is waited for by the run alone; what nobody can see is
    said: whether a log is a gate, and whether whoever starts the run reads the parcel."""
    found = advised(client)
    assert {name: each.verdict for name, each in found.items()} == {
        "validate": Verdict.ORCHESTRATE,
        "pay": Verdict.ORCHESTRATE,
        "notify": Verdict.CHOREOGRAPH,
        "log": Verdict.UNCLEAR,
        "ship": Verdict.UNCLEAR,
    }
    assert {name for name, each in found.items() if each.is_critical} == {"validate", "pay"}
    assert all(each.n == 48 and each.source == "openinference.instrumentation.langchain" for each in found.values())
    whole = client.advice(last="all")
    assert (whole.judged, whole.critical, whole.least) == (5, 2, 30)
    assert 0 < (whole.critical_work or 0) < 0.6
    assert whole.items[0].step == "notify"


def test_every_claim_says_of_how_many_and_shows_its_rows(client: CollectorClient, orders: list[str]) -> None:
    """What failed alone is counted as the program itself counts it, and the runs that are named are those."""
    notify = advised(client)["notify"]
    grounds = {ground.row: ground for ground in notify.grounds}
    failed = orders.count("failed")
    recovery = grounds["recovery"]
    assert recovery.share is not None
    assert (recovery.n, round((recovery.share.value or 0) * 48), failed) == (48, 6, 6)
    assert recovery.share.low is not None
    assert recovery.share.low < 6 / 48 < (recovery.share.high or 0)
    assert recovery.leans == Leaning.CHOREOGRAPH
    assert [client.run(run).run.status for run in recovery.runs] == ["failed"] * 5
    path = grounds["path"]
    assert path.milliseconds is not None
    assert path.milliseconds > 5
    assert all(ground.runs and ground.says for ground in notify.grounds)
    assert "it alone failed 6 of 48 runs" in notify.because


def test_the_latency_that_is_asked_for_is_weighed(client: CollectorClient, orders: list[str]) -> None:
    """Without one nothing is claimed of it; one that can't be is refused."""
    plain, quick = (
        {ground.row: ground for ground in advised(client, asked)["notify"].grounds}["latency"] for asked in (None, 20)
    )
    assert (plain.leans, quick.leans) == (Leaning.UNKNOWN, Leaning.CHOREOGRAPH)
    assert "nobody says within what time" in plain.says
    with pytest.raises(ApiError):
        client.advice(asked_ms=-1)


def test_nothing_is_advised_of_a_few_runs(collector: LiveCollector, client: CollectorClient) -> None:
    """And the answer says how many there are; of thirty on it is."""
    collector.tell(*(Shipment(number, number * 200).story for number in range(3)))
    few = client.advice(last="all")
    assert {each.verdict for each in few.items} == {Verdict.TOO_FEW}
    assert few.judged == few.critical == 0
    assert {ground.leans for each in few.items for ground in each.grounds} == {Leaning.UNKNOWN}
    assert "ended in 3 runs" in few.items[0].because


def test_ours_are_advised_beside_others(collector: LiveCollector, client: CollectorClient) -> None:
    """Each step of forty shipments: what waits for it is in its spans."""
    collector.tell(*(Shipment(number, number * 200).story for number in range(40)))
    found = advised(client)
    assert [found[name].verdict for name in ("pickup", "sorting", "transit")] == [Verdict.ORCHESTRATE] * 3
    assert found["delivery"].verdict == Verdict.UNCLEAR
    assert found["pickup"].because == "later steps wait for it in 40 of 40 runs that ended well"
    shown = list(islice(found["pickup"].grounds[0].runs, 1))
    assert client.run(shown[0]).run.workflow == "shipment"


@pytest.mark.parametrize("outcome", ["skipped", "moved"])
def test_a_result_that_only_a_condition_or_an_event_is_given_is_used(
    collector: LiveCollector, client: CollectorClient, outcome: str
) -> None:
    """What is skipped, or done by its successor, was waited for none the less, and what comes behind it waits for what
    it waited for. It is in no figure itself."""
    collector.tell(*(branching(number, outcome) for number in range(40)))
    found = advised(client)
    assert set(found) == {"assess", "close"}
    assert found["assess"].verdict == Verdict.ORCHESTRATE
    assert found["assess"].because == "a later step uses its result in 40 of 40 runs that ended well"
    grounds = {ground.row: ground for ground in found["assess"].grounds}
    assert "the end of 40 of 40 runs waited for it" in grounds["path"].says
    assert grounds["agents"].says == "2 agents work in its runs"


def test_an_attempt_that_was_cut_off_has_not_ended(collector: LiveCollector, client: CollectorClient) -> None:
    """When its run failed, say: nobody knows how it would have gone."""
    runs = [branching(number, "stale" if number < 5 else "ok", close="failed") for number in range(40)]
    collector.tell(*runs)
    found = advised(client)
    assert (found["review"].n, found["assess"].n, found["close"].n) == (35, 40, 40)
    recovery = {ground.row: ground for ground in found["review"].grounds}["recovery"]
    assert recovery.says == "it failed for good in 0 of 35 runs, alone, and its run with it, in 0"
