"""A misspelled parameter is told, in place of an answer with everything."""

import httpx
import pytest

from tests.collector.live import LiveCollector


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("/api/runs?statuz=running", "/api/runs takes no parameter 'statuz'; did you mean 'status'?"),
        ("/api/events?last=1h&chanel=orders", "/api/events takes no parameter 'chanel'; did you mean 'channel'?"),
        ("/api/nodes/x/causality?Direction=whole", "takes no parameter 'Direction'; did you mean 'direction'?"),
        ("/api/traces?q=x&limt=5", "/api/traces takes no parameter 'limt'; did you mean 'limit'?"),
        ("/api/dead-letters?zzz=1", "/api/dead-letters takes no parameter 'zzz'; it takes "),
        ("/api/node?id=x&text=whole", "/api/node takes no parameter 'text'; "),
        ("/api/workers?ap=x", "/api/workers takes no parameter 'ap'; did you mean 'app'?"),
    ],
)
def test_an_unknown_parameter_is_refused_by_name(standing: LiveCollector, target: str, said: str) -> None:
    """With the nearest that there is."""
    response = httpx.get(f"{standing.url}{target}", trust_env=False, timeout=60)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (422, "bad_request")
    assert said in error["message"]


def test_every_parameter_of_the_document_is_known(standing: LiveCollector) -> None:
    """Those of dependencies, such as a time range, as well."""
    paths = httpx.get(f"{standing.url}/openapi.json", trust_env=False, timeout=60).json()["paths"]
    for path, operations in paths.items():
        for one in operations.get("get", {}).get("parameters", []):
            if one["in"] == "query" and path.startswith("/api/"):
                answer = httpx.get(f"{standing.url}{path}", params={one["name"]: "1"}, trust_env=False, timeout=60)
                assert "takes no parameter" not in answer.text, (path, one["name"])


@pytest.mark.parametrize("name", ["full", "whole"])
def test_how_much_is_told_can_be_asked_of_every_route(standing: LiveCollector, name: str) -> None:
    """Though no route looks at it: answers are cut behind them all."""
    answer = httpx.get(f"{standing.url}/api/events?{name}=1", trust_env=False, timeout=60)
    assert answer.status_code == 200
