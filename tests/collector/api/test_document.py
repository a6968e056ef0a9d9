"""The API describes itself whole: a program can be made from what it says."""

from typing import Any

import pytest

from collector.client import CollectorClient
from collector.models import API_VERSION
from tests.collector.live import LiveCollector

Operations = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def schema(collector: LiveCollector) -> dict[str, Any]:
    """What is served at /openapi.json."""
    return collector.application.openapi()


@pytest.fixture
def operations(schema: dict[str, Any]) -> Operations:
    """Every operation, by method and path."""
    return {(method, path): told for path, methods in schema["paths"].items() for method, told in methods.items()}


def test_every_operation_says_what_it_does_and_with_what(operations: Operations) -> None:
    """Each parameter too."""
    assert len(operations) > 20
    for where, told in operations.items():
        assert told["description"], where
        for parameter in told.get("parameters", ()):
            assert parameter.get("description"), (where, parameter["name"])


def test_every_operation_says_what_it_answers(schema: dict[str, Any], operations: Operations) -> None:
    """A shape that is described, and each error in the one shape."""
    shapes = schema["components"]["schemas"]
    for where, told in operations.items():
        content = told["responses"]["200"]["content"]
        if not {"application/x-tar", "text/event-stream"} & content.keys():  # a file, or one event after the other
            name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
            assert shapes[name]["description"], where
        assert {"422", "503"} <= told["responses"].keys(), where
        for status, response in told["responses"].items():
            assert response["description"], (where, status)
            if status not in ("200", "304"):
                assert response["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorAnswer"), where
    for name, shape in shapes.items():
        assert shape.get("description"), name
    assert "HTTPValidationError" not in str(schema)


def test_operations_have_names_of_their_own(operations: Operations) -> None:
    """Words that code can be made of."""
    names = [told["operationId"] for told in operations.values()]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "").isalpha() for name in names), names


def test_the_version_is_said_everywhere(schema: dict[str, Any], client: CollectorClient) -> None:
    """And what it promises."""
    assert (schema["info"]["version"], client.health().api_version) == (API_VERSION, API_VERSION)
    assert "Promise" in schema["info"]["description"]


def test_every_list_takes_a_limit_a_cursor_and_a_time(operations: Operations) -> None:
    """Where it is of a moment, it says of which instead; a search is of all time, and says how far back it looked."""
    for (method, path), told in operations.items():
        names = {parameter["name"] for parameter in told.get("parameters", ())}
        if "cursor" in names:
            assert "limit" in names, path
            timeless = path in ("/api/channels", "/api/ledger", "/api/workers", "/api/schedules", "/api/search")
            assert ({"start", "end", "last"} <= names) is not timeless, path
        tables = "application/vnd.apache.arrow.stream" in told["responses"]["200"]["content"]
        assert not ("cursor" in names and method == "get") or tables, path
