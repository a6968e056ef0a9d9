"""Spans of an author's own, such as of calls of a model: told together with those of the attempt they belong to."""

from dataclasses import dataclass
from typing import Final

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Tracer, TracerProvider

from runtime.telemetry.direct_recorder import DirectRecorder

_PROVIDER: Final = context.create_key("causeline-tracer-provider")


@dataclass(frozen=True, slots=True)
class Tracers:
    """What makes spans: `ours` those of the runtime, `provider` those of whoever works inside of them. `straight`
    records those of the runtime that are over, where nobody but our own pipeline is told of spans."""

    ours: Tracer
    provider: TracerProvider
    straight: DirectRecorder | None = None


def get_tracer(name: str, version: str = "") -> Tracer:
    """A tracer for the current code's own spans.

    Inside a step or handler they are children of the attempt's span and take its way to the collector: secrets are
    taken out, and they wait on disk while it is away. Elsewhere, and where telemetry is turned off, it is a tracer of
    OpenTelemetry's global provider. Ask for it where it is used, not when a module is imported.

    Args:
        name: of what is instrumented, such as a package's.
        version: of that; empty where nobody counts.
    """
    provider = context.get_value(_PROVIDER)
    if isinstance(provider, TracerProvider):
        return provider.get_tracer(name, version or None)
    return trace.get_tracer(name, version or None)


def context_with_provider(provider: TracerProvider, within: Context) -> Context:
    """A context in which `get_tracer` asks that provider."""
    return context.set_value(_PROVIDER, provider, within)
