"""A call of a model is a `gen_ai` span below its step, and comes again when the endpoint says so."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from opentelemetry import context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import NonRetryableError
from runtime.telemetry.tracers import context_with_provider
from sample_agents.accuracy.calls import PATIENCE, TRIES, call
from sample_agents.accuracy.endpoint import Endpoint
from sample_agents.accuracy.model import ModelError
from sample_agents.accuracy.simulation import SimulatedModel, one
from tests.sample_agents.accuracy.completions import Completions, Said, streamed

KEY = "sk-of-nobody"
SLOW = Said("slow down", 429, headers={"Retry-After": "2"})


class Spans:
    """What was told, and how long was waited between requests."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider(shutdown_on_exit=False)
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    @property
    def all(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()


@pytest.fixture
def spans() -> Iterator[Spans]:
    """As within an attempt."""
    recorded = Spans()
    token = context.attach(context_with_provider(recorded.provider, context.get_current()))
    yield recorded
    context.detach(token)


def at(server: Completions) -> Endpoint:
    return Endpoint(server.url, "tiny", KEY, timeout=10)


def test_prompt_answer_and_tokens_are_told_in_the_words_of_the_conventions(spans: Spans) -> None:
    """Messages as JSON of parts."""
    reply = asyncio.run(
        call(SimulatedModel(100), one("The trailer of line-1 is trailer-2.\nWhat is the trailer of line-1?"))
    )
    (span,) = spans.all
    said = dict(span.attributes or {})
    assert (span.name, span.kind.name) == ("chat simulated-attention-100", "CLIENT")
    (output,) = json.loads(str(said.pop("gen_ai.output.messages")))
    assert output == {
        "role": "assistant",
        "parts": [{"type": "text", "content": reply.text}],
        "finish_reason": "stop",
    }
    (message,) = json.loads(str(said.pop("gen_ai.input.messages")))
    assert message["parts"][0]["content"].startswith("The trailer")
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "causeline.simulation",
        "gen_ai.request.model": "simulated-attention-100",
        "gen_ai.response.model": "simulated-attention-100",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": reply.input_tokens,
        "gen_ai.usage.output_tokens": reply.output_tokens,
        "gen_ai.usage.cost": 0.0,
    }


def test_an_endpoint_that_names_a_time_is_asked_again_then(spans: Spans) -> None:
    """Each request is a span of its own; the key is in none of them."""
    server = Completions([SLOW, SLOW, streamed("a", usage={"prompt_tokens": 1, "completion_tokens": 1})])
    try:
        reply = asyncio.run(call(at(server), one("?"), spans.sleep))
    finally:
        server.close()
    assert (reply.text, spans.waits) == ("a", [2, 2])
    assert [(span.attributes or {}).get("error.type") for span in spans.all] == ["429", "429", None]
    assert (spans.all[-1].attributes or {})["gen_ai.response.time_to_first_chunk"] == reply.first_chunk_seconds
    assert KEY not in "".join(span.to_json() for span in spans.all)


@pytest.mark.parametrize(
    ("answers", "waits"),
    [
        ([SLOW] * TRIES, TRIES - 1),
        ([Said("", 500)], 0),
        ([Said("", 429, headers={"Retry-After": str(PATIENCE + 1)})], 0),
    ],
    ids=["again and again", "names no time", "names one that is far"],
)
def test_what_has_no_end_is_left_to_the_runtimes_retry(spans: Spans, answers: list[Said], waits: int) -> None:
    """The attempt fails, and another comes."""
    server = Completions(answers)
    try:
        with pytest.raises(ModelError):
            asyncio.run(call(at(server), one("?"), spans.sleep))
    finally:
        server.close()
    assert len(spans.waits) == waits
    assert len(spans.all) == len(answers)


def test_a_wrong_key_ends_the_attempts(spans: Spans) -> None:
    """Nobody pays for four tries of the same refusal."""
    server = Completions([Said("", 401)])
    try:
        with pytest.raises(NonRetryableError):
            asyncio.run(call(at(server), one("?"), spans.sleep))
    finally:
        server.close()
