"""Spans of an author's own: below the attempt, on its way, and silent where it is."""

import asyncio
from dataclasses import replace
from pathlib import Path

from opentelemetry.sdk.trace import TracerProvider

from runtime import get_tracer
from runtime.settings import Settings
from runtime.silent import SilentObserver
from runtime.telemetry.setup import build_observer
from tests.runtime.telemetry import samples
from tests.runtime.telemetry.conftest import Recorder
from tests.runtime.telemetry.receiver import Receiver


def test_inside_an_attempt_they_are_children_of_its_span(recorder: Recorder) -> None:
    """Made by the provider of the attempt, under the name of who asks."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate(), get_tracer("model", "2").start_as_current_span("chat"):
        pass
    attempt.end(samples.step_ended())
    chat, step = recorder.spans
    assert (chat.parent and chat.parent.span_id) == step.get_span_context().span_id
    assert (chat.instrumentation_scope.name, chat.instrumentation_scope.version) == ("model", "2")


async def test_they_are_in_threads_that_the_code_starts_too(recorder: Recorder) -> None:
    """Clients of models often block."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate():
        await asyncio.to_thread(lambda: get_tracer("model").start_span("chat").end())
    assert recorder.only.parent is not None


def test_outside_of_one_it_is_the_global_provider_that_is_asked(recorder: Recorder) -> None:
    """Also within an attempt that nobody watches; nobody has set a provider here."""
    get_tracer("model").start_span("chat").end()
    with SilentObserver().open(samples.step_begun()).activate():
        get_tracer("model").start_span("chat").end()
    assert recorder.spans == ()


def test_with_the_apps_own_way_they_reach_the_collector_without_secrets(receiver: Receiver, tmp_path: Path) -> None:
    """By the same exporter; where the attempt is not kept, what is below it is not kept either."""
    observer = build_observer("logistics", Settings(), tmp_path, endpoint=receiver.url)
    begun = samples.step_begun()
    for sampled in (True, False):
        attempt = observer.open(replace(begun, span=replace(begun.span, sampled=sampled)))
        with attempt.activate():
            get_tracer("model").start_span("chat", attributes={"api_key": "hush", "kept": sampled}).end()
        attempt.end(samples.step_ended())
    assert observer.flush(10)
    observer.close()
    (chat,) = [span for span in receiver.spans if span.name == "chat"]
    said = {one.key: one.value for one in chat.attributes}
    assert said["kept"].bool_value is True
    assert "hush" not in said["api_key"].string_value


def test_a_provider_of_the_authors_own_makes_them(recorder: Recorder) -> None:
    """The same that exports the app's spans."""
    attempt = recorder.observer.open(samples.step_begun())
    with attempt.activate():
        assert get_tracer("model").resource == recorder.provider.resource  # type: ignore[attr-defined] # the SDK's
    assert isinstance(recorder.provider, TracerProvider)
