"""The client: typed answers, one kind of error, and nothing but httpx."""

import importlib
import re
import socket
import subprocess
import sys
from io import BytesIO
from uuid import UUID

import httpx
import pytest

from collector.client import ApiError, CollectorClient, CollectorSlow, CollectorUnavailable
from runtime.admin import OpenWait, TickResult
from tests.collector.agents.talk import Agent, text
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.shipment import Shipment


def test_it_needs_neither_store_nor_server() -> None:
    """A dashboard is installed without them."""
    script = (
        "import sys; import collector.client, collector.models; "
        "print([m for m in ('duckdb', 'fastapi', 'pyarrow', 'ptars', 'uvicorn', 'redis') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


#: The same as routes that take ids as parameters, for programs that have none but plain ones.
FOR_PATHS = ("/api/events/{event_id}", "/api/nodes/{node_id}", "/api/nodes/{node_id}/causality")


def test_every_route_has_a_method(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """Every operation that the application documents was called by some method, and none beside them."""
    shipment = Shipment()
    bus.accept(shipment.run, status="failed")
    bus.waiting[shipment.run] = [OpenWait("size", "", "sorting", 0, None, "{}")]
    bus.owe("c", "g", consumers=0)
    bus.plan(workers=0)
    budget = str(bus.grant("debate").id)
    bus.guard("carrier")
    bus.shadowed("receipt")
    bus.passed = TickResult("skipped", run=shipment.run)
    collector.tell(shipment.story)
    talk = Agent()
    talk.chat(talk.begin(), [], text("assistant", "Hello."))
    collector.post(talk.request.SerializeToString()).raise_for_status()
    call = next(span for span in client.trace(UUID(int=talk.number).hex).spans if span.name == "chat m").node_id
    asked: set[tuple[str, str]] = set()
    client._api._http.event_hooks["request"].append(lambda request: asked.add((request.method, request.url.path)))
    event, run, step = str(shipment.event), str(shipment.run), str(shipment.steps["sorting"])

    answers = [
        client.health(),
        client.access(),
        client.search(event),
        client.overview(),
        client.storage(),
        client.runs(),
        client.run(run),
        client.waits(),
        client.conversation(run),
        client.call(call),
        client.sessions(),
        client.session("s/1"),
        client.events(),
        client.event(event),
        client.trends(),
        client.node(step),
        client.causality(event),
        client.traces(),
        client.logs(),
        client.trace(shipment.story.spans[0].trace_id.hex()),
        client.steps(),
        client.step("shipment", "sorting"),
        client.accuracy(),
        client.call_figures(),
        client.channels(),
        client.ledger(),
        client.audit(),
        client.dead_letters(),
        client.dead_letter_summary(),
        client.replay([event], "ada"),
        client.discard([event], "ada", "no use"),
        client.resume_run(run, "ada"),
        client.answer_run(run, "size", 7, "ada"),
        client.cancel_run(run, "ada"),
        client.run_streamed(run),
        list(client.stream_run(run)),
        client.undo_run(run, "ada"),
        client.retire_group("c", "g", "ada", "renamed"),
        client.workers(),
        client.topology(),
        client.advice(),
        client.schedules(),
        client.pause_schedule("shop", "nightly", "ada"),
        client.unpause_schedule("shop", "nightly", "ada"),
        client.run_schedule("shop", "nightly", "ada"),
        client.remove_schedule("shop", "nightly", "ada"),
        client.budgets(),
        client.budget(budget),
        client.raise_budget(budget, "ada", hops=1),
        client.cancel_budget(budget, "ada"),
        client.breakers(),
        client.breaker("carrier"),
        client.open_breaker("carrier", "ada"),
        client.hold_breaker("carrier", "ada"),
        client.close_breaker("carrier", "ada"),
        client.shadows(),
        client.shadow("bank", "payment", "receipt"),
        client.switch_step("bank", "payment", "receipt", "moved", "ada"),
        client.compare_anew("bank", "payment", "receipt", "ada"),
        client.export(file := BytesIO()),
        client.import_(BytesIO(file.getvalue())),
        client.alerts(),
        silence := client.silence("unprocessed", "ada", "planned", seconds=60),
        client.unsilence(silence.id, "ada"),
    ]
    with pytest.raises(ApiError):
        client.dead_letter(event)

    operations = collector.application.openapi()["paths"]
    offered = {
        (method.upper(), path)
        for path, methods in operations.items()
        for method, told in methods.items()
        if not told.get("deprecated") and path not in FOR_PATHS
    }
    assert len(asked) == len(offered) == len(answers) + 1
    for method, path in offered:
        pattern = re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path))
        assert any(method == verb and pattern.fullmatch(target) for verb, target in asked), path


def test_a_collector_that_is_away_is_unavailable() -> None:
    """With a hint how to start it."""
    with CollectorClient("http://127.0.0.1:1") as client, pytest.raises(CollectorUnavailable) as raised:
        client.health()
    assert raised.value.code == "collector_unavailable"
    assert "causeline collector" in raised.value.hint


def test_a_collector_that_is_too_slow_is_unavailable(collector: LiveCollector) -> None:
    """The same to whoever waits."""
    with CollectorClient(collector.url, timeout=1e-6) as client, pytest.raises(CollectorUnavailable):
        client.overview()


def test_a_collector_that_has_taken_a_question_and_says_nothing_is_slow() -> None:
    """Not away: nobody needs to start it."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with CollectorClient(url, timeout=0.05) as client, pytest.raises(CollectorSlow) as raised:
            client.health()
    assert raised.value.code == "collector_slow"


def test_names_with_slashes_and_signs_stay_one_segment(client: CollectorClient) -> None:
    """A workflow may be called anything."""
    with pytest.raises(ApiError) as raised:
        client.step("a/b?c", "d#e f")
    assert raised.value.code == "not_found"
    assert "a/b?c/d#e f" in raised.value.message


def test_an_answer_of_something_else_is_an_error_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy's page, say."""
    with CollectorClient("http://collector") as client:
        client._api._http = httpx.Client(
            base_url="http://collector",
            transport=httpx.MockTransport(lambda _: httpx.Response(500, text="<html>")),
            timeout=60,
        )
        with pytest.raises(ApiError) as raised:
            client.health()
    assert (raised.value.code, raised.value.status) == ("unexpected_answer", 500)


def test_a_program_of_an_earlier_release_finds_it_where_it_was() -> None:
    """Programs of others import it from there."""
    earlier = importlib.import_module("collector.api.client")
    assert (earlier.CollectorClient, earlier.ApiError) == (CollectorClient, ApiError)
