"""Work on the store that nobody waits for goes on, whatever it meets."""

import threading

import pytest

from collector.store import background
from collector.store.background import Background
from collector.store.database import Database


def test_a_failure_that_nobody_thought_of_does_not_end_the_work(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Else nothing old would be removed until the next start; the log says where it was."""
    monkeypatch.setattr(background, "AFTER_FAULT", 0.0)
    tries: list[int] = []
    again = threading.Event()

    def broken() -> float:
        tries.append(1)
        if len(tries) == 2:
            again.set()
            return 60.0
        raise LookupError("a row that nobody knows")

    work = Background("retention", database, broken, 0.0)
    work.start()
    assert again.wait(10)
    work.close()
    assert "retention failed in a way that nobody thought of" in caplog.text
    assert "a row that nobody knows" in caplog.text
