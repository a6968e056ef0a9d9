"""What `causeline trace` prints beside the picture: what the runs in it wait for."""

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from runtime.cli import trace as command
from tests.impostor import answering

_RUN = "0190c0de-0000-7000-8000-000000000001"
_NODE = {"id": _RUN, "kind": "run", "name": "shipment", "status": "running"}


def test_why_nobody_knows_what_runs_wait_for_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing printed would mean that they wait for nothing."""
    graph: dict[str, Any] = {"focus": _RUN, "nodes": [_NODE], "edges": [], "holes": []}
    refusal = {"error": {"code": "busy", "message": "there is too much to do", "hint": "ask again"}}

    def answer(request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        is_graph = request.path.startswith("/api/causality")
        return (200, json.dumps(graph).encode()) if is_graph else (503, json.dumps(refusal).encode())

    with answering(answer) as url:
        monkeypatch.setenv("CAUSELINE_COLLECTOR_URL", url)
        command.trace(_RUN)
    said = " ".join(capsys.readouterr().out.split())
    assert "shipment" in said
    assert "what these runs wait for is not known: there is too much to do: ask again" in said
