"""What tests of questions ask with."""

import pytest

from tests.collector.questions.scans import Scans


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The most rows of any table that one scan of each statement reads."""
    return Scans(monkeypatch).most
