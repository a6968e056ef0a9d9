"""Work keeps its secrets, for it needs them; whoever asks about it is not told them."""

import json
from dataclasses import replace

import httpx

from collector.client import CollectorClient
from collector.models import RunOnServer
from collector.operations.redaction import redact_answer
from runtime.admin import AttemptRecord
from runtime.redaction.redactor import IDLE, Redactor
from tests.collector.api.test_operations import letter
from tests.collector.live import LiveCollector
from tests.collector.operations.memory import MemoryBus
from tests.collector.story import MS, ORIGIN_NS
from tests.runtime.redaction.samples import SECRET, TEXTS

DATA = {"clientSecret": SECRET, "text": TEXTS[0], "number": 5}


def test_of_a_letter(collector: LiveCollector, client: CollectorClient, bus: MemoryBus) -> None:
    """Neither of its payload, nor of an error that an older worker wrote down; it is replayed as it was."""
    began = ORIGIN_NS // MS
    attempt = AttemptRecord(1, 0, began, began + 5, "w1", "ab", "cd", "OSError", TEXTS[1], f"Traceback\n{TEXTS[2]}")
    envelope = json.dumps({"id": "1", "data": DATA})
    kept = replace(letter(1), envelope=envelope, message=TEXTS[1], history=(attempt,))
    bus.put(kept)

    detail = client.dead_letter(str(kept.id))
    assert json.loads(detail.payload or "")["number"] == 5
    assert "[redacted]" in detail.envelope
    for path in ("", f"/{kept.id}"):
        told = httpx.get(f"{collector.url}/api/dead-letters{path}", trust_env=False, timeout=60)
        assert told.status_code == 200
        assert SECRET not in told.text
    assert bus.letters[kept.id].envelope == envelope


def test_of_a_run_that_the_server_knows() -> None:
    """Why it failed, as its step said it."""
    run = RunOnServer.model_construct(error=f"OSError: {TEXTS[1]}", subject="S-1")
    assert SECRET not in (redact_answer(run, Redactor()).error or "")
    assert redact_answer(run, Redactor()).subject == "S-1"


def test_all_is_told_where_it_is_turned_off() -> None:
    """As the operator chose."""
    run = RunOnServer.model_construct(error=TEXTS[1])
    assert redact_answer(run, IDLE) is run
