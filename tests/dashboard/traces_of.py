"""What a collector tells of the traces of a `World`: two of other programs, one of which failed."""

from datetime import datetime, timedelta

from collector import models as api
from tests.dashboard.world import World

OK, FAILED = "0a" * 16, "0b" * 16
SERVICES = {OK: "shop", FAILED: "assistant"}


def briefs(world: World, params: dict[str, str]) -> api.TracePage:
    """The list, filtered."""
    found = [_brief(world, trace_id) for trace_id in (FAILED, OK)] if world.events else []
    found = [
        each
        for each in found
        if params.get("service") in (None, each.service)
        and params.get("status") in (None, each.status)
        and params.get("q", "").lower() in f"{each.name} {each.service} {each.trace_id}".lower()
    ]
    window = api.Window(start=world.now - timedelta(hours=1), end=world.now)
    return api.TracePage(items=found, window=None if params.get("q") else window)


def trace(world: World, trace_id: str) -> api.Trace:
    """One of them, span by span."""
    if trace_id not in SERVICES:
        raise KeyError(trace_id)
    begin = world.now - timedelta(minutes=5)
    failed = trace_id == FAILED
    spans = [
        ("01", "", "invoke_agent helper", 0, 900, failed),
        ("02", "01", "chat", 20, 300, False),
        ("03", "02", "POST /v1/chat", 30, 250, False),
        ("04", "01", "execute_tool look_up", 400, 100, failed),
    ]
    return api.Trace(
        spans=[
            api.Span(
                trace_id=trace_id,
                span_id=span_id * 8,
                parent_span_id=parent * 8 or None,
                name=name,
                kind="internal",
                start=_text(begin + timedelta(milliseconds=at)),
                end=_text(begin + timedelta(milliseconds=at + took)),
                status="error" if bad else "ok",
                status_message="the tool is away" if bad else "",
                attributes={"gen_ai.operation.name": name.split()[0]},
                service=SERVICES[trace_id],
                node_id=f"00000000-0000-8000-8000-0000000000{span_id}",
                node_kind="span",
            )
            for span_id, parent, name, at, took, bad in spans
        ]
    )


def _brief(world: World, trace_id: str) -> api.TraceBrief:
    spans = trace(world, trace_id).spans
    errors = sum(span.status == "error" for span in spans)
    return api.TraceBrief(
        trace_id=trace_id,
        name=spans[0].name,
        service=spans[0].service,
        node_id=spans[0].node_id or "",
        start=world.now - timedelta(minutes=5),
        duration_ms=900,
        status="error" if errors else "ok",
        spans=len(spans),
        errors=errors,
        services=[spans[0].service],
    )


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}000Z"
