"""Builds the observer of one process: provider, sampler, pipeline, exporter, spool."""

import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.trace.sampling import DEFAULT_ON
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from runtime.clock import Clock, SystemClock
from runtime.embedded import locks
from runtime.facts import Observer
from runtime.redaction.redactor import IDLE
from runtime.semconv import SCHEMA_VERSION, SCOPE
from runtime.settings import Settings
from runtime.silent import SilentObserver
from runtime.telemetry.copies import Copies
from runtime.telemetry.direct_recorder import DirectRecorder
from runtime.telemetry.endpoint import resolve_endpoint
from runtime.telemetry.exporter import SpoolingExporter
from runtime.telemetry.losses import Losses
from runtime.telemetry.observer import SpanObserver
from runtime.telemetry.pause import Pause
from runtime.telemetry.pipeline import BatchSettings, Pipeline
from runtime.telemetry.seeds import SeededIds, SeededSampler
from runtime.telemetry.spool import DiskSpool, MemorySpool, Spool
from runtime.telemetry.tracers import Tracers
from runtime.telemetry.transport import HttpTransport
from runtime.tokens import OwnToken
from runtime.tokens.own_token import is_same_server

#: Folder of the spool, in the home folder.
SPOOL: Final = "spool"

#: Seconds that closing may spend on flushing a provider that is not ours.
CLOSE_TIMEOUT: Final = 3.0

_MIB: Final = 1024 * 1024


def build_observer(
    service: str,
    settings: Settings,
    home: Path | None,
    *,
    provider: TracerProvider | None = None,
    endpoint: str | None = None,
    clock: Clock | None = None,
    version: str = "",
) -> Observer:
    """The observer of a process.

    Args:
        service: `service.name`, unless `OTEL_SERVICE_NAME` or `OTEL_RESOURCE_ATTRIBUTES` say otherwise.
        settings: whether and what to tell, and how much may wait on disk.
        home: folder below which spans wait while the collector is away; in memory where it is None, and on systems
            without file locks.
        provider: the user's own provider, which then exports our spans; it is flushed but never shut down.
        endpoint: base address of the receiver, or its whole address ending in `/v1/traces`; default: the setting's.
            `OTEL_EXPORTER_OTLP_*` variables win over both.
        clock: by default the machine's.
        version: `service.version`; empty where nobody named one.

    Returns:
        An observer that makes spans, or one that tells nobody where telemetry is turned off (the setting,
        `OTEL_SDK_DISABLED=true`, `OTEL_TRACES_EXPORTER=none`).
    """
    if not settings.telemetry or _is_disabled(os.environ):
        return SilentObserver()
    clock = clock or SystemClock()
    redactor = settings.redactor()
    copies = Copies(redactor, settings.payloads, settings.values)
    if provider is not None:
        close = partial(_flush, provider, CLOSE_TIMEOUT)
        return SpanObserver(_build_tracers(provider), clock, redactor, copies, partial(_flush, provider), close)
    losses = Losses(clock)
    transport = _build_transport(settings, home, endpoint)
    exporter = SpoolingExporter(transport, _build_spool(settings, home, losses), Pause(clock), losses, redactor)
    pipeline = Pipeline(exporter, losses, BatchSettings.from_environ(os.environ))
    own = _build_provider(_build_resource(service, version), pipeline)
    scope = InstrumentationScope(SCOPE, str(SCHEMA_VERSION))
    tracers = replace(
        _build_tracers(own), straight=DirectRecorder.create_within_limits(SpanLimits(), own.resource, scope, pipeline)
    )
    # The exporter takes secrets out of all that our provider makes.
    return SpanObserver(tracers, clock, IDLE, copies, partial(_flush, own), own.shutdown, lambda: losses.unsaved)


def _build_tracers(provider: TracerProvider) -> Tracers:
    """Our tracer of a provider, and the provider.

    Only this tracer obeys seeds. Changing the provider itself was refused: its other tracers belong to the user.
    """
    tracer = provider.get_tracer(SCOPE, str(SCHEMA_VERSION))
    if isinstance(tracer, SdkTracer) and not isinstance(tracer.id_generator, SeededIds):
        tracer.id_generator = SeededIds(tracer.id_generator)
        tracer.sampler = SeededSampler(tracer.sampler)
    return Tracers(tracer, provider)


def _build_provider(resource: Resource, pipeline: Pipeline) -> TracerProvider:
    provider = TracerProvider(sampler=SeededSampler(DEFAULT_ON), resource=resource, id_generator=SeededIds())
    provider.add_span_processor(pipeline)
    return provider


def _build_transport(settings: Settings, home: Path | None, endpoint: str | None) -> HttpTransport:
    """A client of whatever takes our spans; only to our own collector it presents our token."""
    found = resolve_endpoint(os.environ, endpoint or settings.collector_url)
    if not is_same_server(found.url, settings.collector_url):
        return HttpTransport(found)
    if settings.tls_ca and not found.certificate:
        found = replace(found, certificate=str(settings.tls_ca.expanduser()))
    token = OwnToken.find(home, settings.collector_url, settings.token.get_secret_value(), settings.token_file)
    return HttpTransport(found, token)


def _build_spool(settings: Settings, home: Path | None, losses: Losses) -> Spool:
    """Where spans wait; in memory where nothing can be locked, for two processes would send what lies in one folder."""
    limit = settings.spool_limit_mib * _MIB
    if home is None or not locks.AVAILABLE:
        return MemorySpool(limit, losses)
    return DiskSpool(home / SPOOL, limit, losses)


def _build_resource(service: str, version: str) -> Resource:
    """Who makes the spans; what the environment says wins, for it is the operator who speaks there."""
    instance = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    described = {"service.name": service, "service.instance.id": instance} | (
        {"service.version": version} if version else {}
    )
    ours = Resource.create(described)
    return ours.merge(OTELResourceDetector().detect())


def _flush(provider: TracerProvider, timeout: float) -> bool:
    return provider.force_flush(max(1, round(timeout * 1000)))


def _is_disabled(environ: Mapping[str, str]) -> bool:
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return disabled or environ.get("OTEL_TRACES_EXPORTER", "").strip().lower() == "none"
