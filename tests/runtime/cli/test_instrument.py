"""What a program is given under `causeline instrument`, and what is turned on in it."""

from importlib.metadata import EntryPoint

import pytest

from runtime.cli.instrument import build_variables, program_name
from runtime.cli.instrumented import sitecustomize

URL = "http://127.0.0.1:4318"
COMMAND = ["python", "app.py"]


def test_a_program_sends_to_our_collector_and_presents_our_token() -> None:
    """As OpenTelemetry's variables say it."""
    told = build_variables(COMMAND, {}, URL, "secret token")
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == URL
    assert told["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"
    assert told["OTEL_EXPORTER_OTLP_HEADERS"] == "authorization=Bearer%20secret%20token"
    assert told["OTEL_SERVICE_NAME"] == "app"
    assert "OTEL_EXPORTER_OTLP_HEADERS" not in build_variables(COMMAND, {}, URL, "")


def test_what_is_set_already_stays() -> None:
    """And our token goes to nobody else."""
    set_already = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "https://elsewhere.example",
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=mine",
        "OPENINFERENCE_HIDE_INPUTS": "false",
        "PYTHONPATH": "/lib",
    }
    told = build_variables(COMMAND, set_already, URL, "secret")
    assert not {"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME"} & set(told)
    assert "OPENINFERENCE_HIDE_INPUTS" not in told
    assert told["PYTHONPATH"].endswith(":/lib")
    assert build_variables(COMMAND, set_already, URL, "", service="other")["OTEL_SERVICE_NAME"] == "other"


def test_what_people_and_models_say_is_sent_only_if_that_is_asked_for() -> None:
    """By each convention's own variable."""
    without, with_it = build_variables(COMMAND, {}, URL, ""), build_variables(COMMAND, {}, URL, "", content=True)
    name = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
    assert (without[name], with_it[name]) == ("NO_CONTENT", "SPAN_ONLY")
    assert (without["TRACELOOP_TRACE_CONTENT"], with_it["TRACELOOP_TRACE_CONTENT"]) == ("false", "true")
    assert (without["OPENINFERENCE_HIDE_OUTPUTS"], with_it["OPENINFERENCE_HIDE_OUTPUTS"]) == ("true", "false")


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python app.py --port 1", "app"),
        ("python src/shop/main.py", "shop"),
        ("python main.py", "main"),
        ("python -m shop.worker", "shop.worker"),
        ("/usr/bin/celery -A shop worker", "celery"),
    ],
)
def test_a_service_is_named_after_its_program(command: str, name: str) -> None:
    """So that it is found again."""
    assert program_name(command.split()) == name


def test_of_two_instrumentations_of_one_library_one_is_turned_on() -> None:
    """Both would tell of each call."""
    theirs = EntryPoint("langchain", "opentelemetry.instrumentation.langchain:X", "opentelemetry_instrumentor")
    ours = EntryPoint("langchain", "openinference.instrumentation.langchain:Y", "opentelemetry_instrumentor")
    other = EntryPoint("redis", "opentelemetry.instrumentation.redis:Z", "opentelemetry_instrumentor")
    for entries in ([theirs, ours, other], [ours, theirs, other]):
        assert sitecustomize.choose_instrumentations(entries) == {"langchain": ours, "redis": other}
    assert sitecustomize.choose_instrumentations([theirs, other], ["redis"]) == {"langchain": theirs}


def test_libraries_that_nothing_traces_are_named_with_what_would() -> None:
    """A client of models is traced by what traces the agents that use it."""
    installed = {"openai", "openai-agents", "crewai"}
    assert set(sitecustomize.find_untraced(installed, ["openai_agents"])) == {"crewai"}
    assert sitecustomize.find_untraced({"openai"}, []) == {"openai": "openinference-instrumentation-openai"}
