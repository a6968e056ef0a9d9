"""Where something else answers in the collector's place, every page says so in plain words."""

from collections.abc import Mapping

import pytest

from dashboard import selection
from tests.dashboard.views.drawing import draw, text_of
from tests.impostor import impostor

_VIEWS = (selection.OVERVIEW, selection.RUNS, selection.GROUPS, selection.TOPOLOGY, selection.DEAD_LETTERS)
_ANSWERS: dict[str, tuple[int, bytes, Mapping[str, str]]] = {
    "a page to sign in": (200, b"<html>", {"content-type": "text/html"}),
    "a redirect": (302, b"", {"location": "/login"}),
    "no gzip": (200, b"{}", {"content-encoding": "gzip"}),
    "another shape": (200, b'{"items": 7}', {"content-type": "application/json"}),
}


@pytest.mark.parametrize("view", _VIEWS)
@pytest.mark.parametrize("answer", _ANSWERS.values(), ids=_ANSWERS)
def test_a_page_says_that_what_answers_is_no_collector(
    answer: tuple[int, bytes, Mapping[str, str]], view: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is, and which setting names another; no traceback."""
    with impostor(*answer) as url:
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", url)
        said = text_of(draw(view)).replace("\\", "")
    assert "answered, but" in said
    assert url.removeprefix("http://") in said
    assert "CAUSELINE_COLLECTOR_URL" in said
