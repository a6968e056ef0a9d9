"""Steps with a successor over the API: who does each, how far the two agree, and what operators do with them."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from collector.client import ApiError, CollectorClient
from runtime.admin import Comparison, Difference, Disagreement
from runtime.vocabulary import ShadowVerdict
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.operations.memory_shadows import BEGAN_MS
from tests.collector.story import uid

ORIGIN = datetime(2026, 1, 1, tzinfo=UTC)


def wrong(error: str = "") -> Disagreement:
    """A comparison that did not agree, or failed."""
    differences = () if error else (Difference("fee", "1", "2"),)
    verdict = ShadowVerdict.FAILED if error else ShadowVerdict.DISAGREED
    one = Comparison(
        delivery=uid("delivery"),
        verdict=verdict,
        version="1",
        node=uid("step"),
        event=uid("event"),
        correlation=uid("correlation"),
        subject="P7",
        differences=differences,
        error=error,
    )
    return Disagreement(BEGAN_MS + 9, one)


def test_steps_are_listed_with_how_far_they_agree_and_of_how_much(client: CollectorClient, bus: MemoryBus) -> None:
    """Coverage counts what could have been compared; what did not agree leads to its event."""
    bus.shadowed("receipt", agreed=8, disagreed=2, failed=3, left_out=4, waiting=3, last=(wrong(),))
    bus.shadowed("loyalty", agreed=0, mode="moved", since_ms=BEGAN_MS, by="ada", reason="a week is over")

    loyalty, receipt = client.shadows().items

    assert (receipt.app, receipt.workflow, receipt.step) == ("bank", "payment", "receipt")
    assert (receipt.agreement.n, receipt.agreement.value, receipt.coverage) == (10, 0.8, 0.5)
    assert receipt.agreement.low == pytest.approx(0.4902, abs=1e-4)
    last = receipt.last[0]
    assert (last.at, last.event_id, last.subject) == (ORIGIN + timedelta(milliseconds=9), str(uid("event")), "P7")
    assert [(one.field, one.step, one.successor) for one in last.differences] == [("fee", "1", "2")]
    assert (loyalty.mode, loyalty.since, loyalty.by, loyalty.agreement.value) == ("moved", ORIGIN, "ada", None)


def test_a_step_is_switched_by_somebody_with_a_reason(client: CollectorClient, bus: MemoryBus) -> None:
    """Who and why are passed on; to what it is already it does not change."""
    bus.shadowed("receipt")
    moved = client.switch_step("bank", "payment", "receipt", "moved", "ada", "a week is over")
    again = client.switch_step("bank", "payment", "receipt", "moved", "ada")
    assert (moved.step.mode, moved.changed, again.changed) == ("moved", True, False)
    assert client.compare_anew("bank", "payment", "receipt", "ada", "mended").agreement.n == 0
    assert bus.switched == [
        ("receipt", "moved", "ada", "a week is over"),
        ("receipt", "moved", "ada", ""),
        ("receipt", "anew", "ada", "mended"),
    ]
    switches = client.shadow("bank", "payment", "receipt").switches
    assert [(one.mode, one.by, one.reason) for one in switches][-1] == ("moved", "ada", "a week is over")
    assert client.shadows().items[0].switches == []


def test_a_step_that_is_not_there_is_not_found(client: CollectorClient) -> None:
    """Nor switched."""
    for ask in (
        lambda: client.shadow("bank", "payment", "nobody"),
        lambda: client.switch_step("bank", "payment", "nobody", "moved", "ada"),
        lambda: client.compare_anew("bank", "payment", "nobody", "ada"),
    ):
        with pytest.raises(ApiError) as missing:
            ask()
        assert (missing.value.status, missing.value.code) == (404, "not_found")
        assert missing.value.hint == "see /api/shadows for what there is"


def test_what_is_no_request_is_refused_by_name(collector: LiveCollector, bus: MemoryBus) -> None:
    """And changes nothing."""
    bus.shadowed("receipt")
    place = {"app": "bank", "workflow": "payment", "step": "receipt"}
    for body, said in ((place, "mode: "), (place | {"mode": "gone"}, "mode: "), ({"mode": "moved"}, "app: ")):
        answer = httpx.post(f"{collector.url}/api/shadows/switch", json=body, trust_env=False, timeout=60)
        assert answer.status_code == 422
        assert said in answer.json()["error"]["message"]
    assert bus.switched == []


def test_why_a_successor_failed_is_told_without_secrets(client: CollectorClient, bus: MemoryBus) -> None:
    """Errors of users' code may hold some."""
    bus.shadowed("receipt", failed=1, last=(wrong("OSError: away, password=hunter2"),))
    told = [client.shadows(), client.shadow("bank", "payment", "receipt")]
    assert not any("hunter2" in one.model_dump_json() for one in told)
    assert "OSError: away" in told[0].model_dump_json()
