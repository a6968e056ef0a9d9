"""A secret in an error, a payload or a user's own attribute leaves a process nowhere but with the work itself."""

import gzip
import json
import logging
from pathlib import Path

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import App, Context, NonRetryableError
from runtime.causality.error_info import ErrorInfo
from runtime.cli.log_defaults import log_by_default
from runtime.codec.encoded import Encoded
from runtime.errors import RunFailedError
from runtime.redaction.redactor import Redactor
from runtime.semconv import RunOutcome, StepOutcome
from runtime.settings import Settings
from runtime.telemetry.setup import build_observer
from runtime.testing import harness
from tests.runtime.redaction.samples import KEYS, PRIVATE_KEY, SECRET, TEXTS
from tests.runtime.telemetry import samples

ERROR = ErrorInfo("OSError", TEXTS[0], f"Traceback\n{PRIVATE_KEY}\n{TEXTS[3]}")


def told(home: Path | None, provider: TracerProvider | None = None) -> None:
    """What happened, with secrets in it, to a collector that is away."""
    observer = build_observer("shop", Settings(), home, provider=provider, endpoint="http://127.0.0.1:9")
    payload = {"password": SECRET, "note": TEXTS[0], "long": "x" * 9000}
    observer.emit(samples.event_published(data=json.dumps(payload)))
    observer.emit(samples.run_ended(outcome=RunOutcome.FAILED, error_type="OSError", error_message=TEXTS[1]))
    observer.emit(samples.discarded(reason=TEXTS[2]))
    inputs = {"order": Encoded({"password": SECRET, "note": TEXTS[0]}), "long": Encoded(["x" * 9000, TEXTS[0]])}
    attempt = observer.open(samples.step_begun(inputs=inputs))
    with attempt.activate():
        trace.get_current_span().set_attributes({"X-Api-Key": f"own {SECRET}", "note": [TEXTS[0]], "n": 1})
        trace.get_current_span().add_event("asked", {"answer": TEXTS[6]})
    attempt.pending()
    attempt.end(samples.step_ended(outcome=StepOutcome.FAILED, error=ERROR, result=Encoded([TEXTS[0]])))
    observer.open(samples.delivery_begun()).end(samples.delivery_ended(result={"password": SECRET, "a": TEXTS[1]}))
    observer.close()


def test_a_secret_is_not_in_the_spool(tmp_path: Path) -> None:
    """Nor what the user's own code wrote on our spans."""
    told(tmp_path)
    waiting = b"".join(gzip.decompress(path.read_bytes()) for path in (tmp_path / "spool").glob("*.otlp.gz"))
    assert b"[redacted]" in waiting
    assert SECRET.encode() not in waiting


def test_a_secret_is_not_in_what_a_users_own_provider_exports() -> None:
    """Of ours; what others write is theirs."""
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    told(None, provider)
    ours = [
        repr((span.attributes, span.status.description, [(one.name, one.attributes) for one in span.events]))
        for span in kept.get_finished_spans()
        if not span.attributes or "note" not in span.attributes
    ]
    assert len(ours) == 5
    assert SECRET not in "".join(ours)


@pytest.mark.redis
async def test_a_secret_in_an_error_is_not_on_the_server() -> None:
    """Where errors of steps and of dead letters are written down; nor in what is told to whoever waits."""
    app = App("shop")
    pay = app.workflow("pay")

    @pay.step
    def ask(ctx: Context) -> str:
        raise NonRetryableError(f"{TEXTS[0]} and {KEYS['openai']}")

    @app.subscribe("bills", group="mail")
    def mail(bill: int) -> None:
        raise NonRetryableError(TEXTS[2])

    async with harness(app) as tested:
        with pytest.raises(RunFailedError) as failed:
            await tested.run(pay)
        assert (await tested.deliver(mail, 5)).outcome == "dead_letter"
        client = tested.app.session.server.client
        kept = [key + await client.dump(key) async for key in client.scan_iter("*")]
        facts = repr(tested.facts.attempts)
    assert kept
    for seen in (str(failed.value), facts, *map(str, kept)):
        assert SECRET not in seen
        assert KEYS["openai"] not in seen


def test_a_secret_is_not_in_what_a_worker_logs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tracebacks included."""
    monkeypatch.setattr(logging, "lastResort", logging.lastResort)
    log_by_default(Redactor())
    record = logging.LogRecord("causeline", logging.ERROR, "", 1, "asked with %s", (TEXTS[0],), None)
    record.exc_text = f"Traceback\n{TEXTS[3]}"
    assert logging.lastResort is not None
    logging.lastResort.handle(record)
    said = capsys.readouterr().err
    assert "[redacted]" in said
    assert SECRET not in said
