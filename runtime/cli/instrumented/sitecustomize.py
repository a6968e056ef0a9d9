"""Python imports it before a program: it sends the program's spans, with all instrumentations that are there.

It runs in the program's own environment, where nothing of ours is, and whatever goes wrong, the program runs. Where two
instrumentations are of one library, one is turned on: both would tell of each call.
"""

import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Container, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Final

GROUPS: Final = ("openinference_instrumentor", "opentelemetry_instrumentor")

#: Libraries of agents by their distributions: the name under which they are instrumented, and what does that.
KNOWN: Final = {
    "langchain-core": ("langchain", "openinference-instrumentation-langchain"),
    "openai-agents": ("openai_agents", "openinference-instrumentation-openai-agents"),
    "crewai": ("crewai", "openinference-instrumentation-crewai"),
    "autogen-agentchat": ("autogen_agentchat", "openinference-instrumentation-autogen-agentchat"),
    "llama-index-core": ("llama_index", "openinference-instrumentation-llama-index"),
    "smolagents": ("smolagents", "openinference-instrumentation-smolagents"),
    "dspy": ("dspy", "openinference-instrumentation-dspy"),
    "openai": ("openai", "openinference-instrumentation-openai"),
    "anthropic": ("anthropic", "openinference-instrumentation-anthropic"),
    "google-genai": ("google_genai", "openinference-instrumentation-google-genai"),
    "celery": ("celery", "opentelemetry-instrumentation-celery"),
}

#: Clients of models: what traces the agents that use them tells of their calls.
CLIENTS: Final = ("openai", "anthropic", "google-genai")

#: What the SDK needs to send anything.
NEEDS: Final = "opentelemetry-sdk opentelemetry-exporter-otlp-proto-http"

SAID: Final = "CAUSELINE_INSTRUMENT_SAID"
CONTENT: Final = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
DISABLED: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"


def choose_instrumentations(
    entries: Iterable[metadata.EntryPoint], disabled: Iterable[str] = ()
) -> dict[str, metadata.EntryPoint]:
    """Returns one instrumentation for each library, by the name of that: OpenInference's where there are several, for
    it tells the most of agents.

    Args:
        entries: those that are installed.
        disabled: names that are left out.
    """
    found: dict[str, metadata.EntryPoint] = {}
    for entry in entries:
        if entry.name not in disabled and (entry.name not in found or entry.value.startswith("openinference.")):
            found[entry.name] = entry
    return found


def find_untraced(installed: Container[str], traced: Iterable[str]) -> dict[str, str]:
    """Returns libraries of agents that nothing traces, each with what would.

    Args:
        installed: distributions that are there, in lower case.
        traced: names under which libraries are instrumented.
    """
    told = set(traced)
    agents = told & {name for library, (name, _) in KNOWN.items() if library not in CLIENTS}
    wanted = (library for library in KNOWN if library in installed and not (agents and library in CLIENTS))
    return {library: KNOWN[library][1] for library in wanted if KNOWN[library][0] not in told}


def _start() -> None:
    """Sets up the SDK, turns on instrumentations, and says so once for all processes of a program."""
    try:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        _say(f"nothing is traced, for {error.name} is not in {sys.prefix}: pip install {NEEDS}")
        return
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    traced, failed = _instrument()
    if _instrument_pydantic_ai(provider):
        traced.append("pydantic_ai")
    here = {str(found.metadata["Name"]).lower() for found in metadata.distributions()}
    untraced = find_untraced(here, [*traced, *failed])
    words = [f"traces {', '.join(sorted(traced))}" if traced else "traces what the program itself tells"]
    words += [f"{name} can't be traced ({why})" for name, why in failed.items()]
    if untraced:
        words.append(f"not {', '.join(untraced)}: pip install {' '.join(untraced.values())}")
    _say("; ".join(words))


def _instrument() -> tuple[list[str], dict[str, str]]:
    traced: list[str] = []
    failed: dict[str, str] = {}
    entries = (entry for group in GROUPS for entry in metadata.entry_points(group=group))
    disabled = [name.strip() for name in os.environ.get(DISABLED, "").split(",")]
    for name, entry in choose_instrumentations(entries, disabled).items():
        try:
            made: Any = entry.load()()
            made.instrument()  # tells in the log, and does nothing, where the library is not there
            if made.is_instrumented_by_opentelemetry:
                traced.append(name)
        except Exception as error:  # noqa: BLE001 - of whatever kind: an instrumentation must not end the program
            failed[name] = f"{type(error).__name__}: {error}"
    return traced, failed


def _instrument_pydantic_ai(provider: object) -> bool:
    """Turns on Pydantic AI's own instrumentation, where that is there."""
    if importlib.util.find_spec("pydantic_ai") is None:
        return False
    pydantic_ai: Any = importlib.import_module("pydantic_ai")
    content = os.environ.get(CONTENT, "").lower() not in ("", "false", "no_content")
    settings = pydantic_ai.InstrumentationSettings(tracer_provider=provider, include_content=content)
    pydantic_ai.Agent.instrument_all(settings)
    return True


def _say(words: str) -> None:
    if not os.environ.get(SAID):
        os.environ[SAID] = "1"
        print(f"causeline: {words}", file=sys.stderr)


def _run_next_sitecustomize() -> None:
    """Runs the module of this name that would have been imported without us."""
    here = Path(__file__).resolve().parent
    paths = [path for path in sys.path if Path(path or ".").resolve() != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", paths)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if __name__ == "sitecustomize":
    _run_next_sitecustomize()
    try:
        _start()
    except Exception as error:  # noqa: BLE001 - whatever it is, the program runs
        _say(f"nothing is traced: {type(error).__name__}: {error}")
