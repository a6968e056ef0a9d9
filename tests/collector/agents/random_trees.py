"""Traces such as no sound program sends, with calls of models that are told of twice, in one trace or in two."""

import random

from tests.collector.agents.sent import MS, SentTrace, Value


def random_trees(random_: random.Random, count: int) -> list[SentTrace]:
    """Returns traces with the numbers from 1 on, each of an app of its own, every second when the
    one before it was sent."""
    traces = [SentTrace(number, service=f"app-{number}") for number in range(1, count + 1)]
    before: list[dict[str, Value]] = []
    for trace in traces:
        chance(random_, trace, before)
        before = sent(trace)
        if trace.number % 2 == 0:
            at_the_same_time(trace)
    return traces


def chance(random_: random.Random, trace: SentTrace, before: list[dict[str, Value]]) -> None:
    """A tree of spans such as no sound program sends, with calls that are told of twice, also in the trace before."""
    ids, spoke = [0], spoken(random_)
    for _ in range(random_.randint(5, 25)):
        kind = random_.choice(
            ["chat", "chat", "chat", "embeddings", "execute_tool", "invoke_agent", "CHAIN", "", "LLM"]
        )
        said: dict[str, Value] = {"openinference.span.kind": kind} if kind.isupper() else {}
        if kind and not said:
            said["gen_ai.operation.name"] = kind
        if kind == "invoke_agent" or random_.random() < 0.1:
            said["gen_ai.agent.name"] = random_.choice("ab")
        if kind not in ("", "execute_tool") and random_.random() < 0.8:
            spoke = spoke if random_.random() < 0.3 else spoken(random_)
            said |= random_.choice(before) if before and random_.random() < 0.3 else spoke
        parent = random_.choice(ids[-4:])
        ids.append(
            trace.add(
                kind or "plain",
                parent,
                said,
                scope=random_.choice(["one", "two", "three"]),
                took=random_.choice([0, 5, 15, 50]),
                failed=random_.random() < 0.2,
            )
        )


def spoken(random_: random.Random) -> dict[str, Value]:
    """What a call says of itself, often half, sometimes nonsense."""
    some: dict[str, Value] = {
        "gen_ai.request.model": random_.choice(["m", "n", "own", "m-mini", "unknown"]),
        "gen_ai.response.model": random_.choice(["m", "m-2026-01-02"]),
        "gen_ai.response.id": random_.choice("xyz"),
        "gen_ai.usage.input_tokens": random_.choice([0, 7, 90, 150]),
        "gen_ai.usage.output_tokens": random_.choice([0, 3, 40]),
        "gen_ai.usage.total_tokens": random_.choice([10, 93, 190]),
        "gen_ai.usage.cache_read.input_tokens": random_.choice([0, 5, 100]),
        "gen_ai.usage.cache_write.input_tokens": random_.choice([0, 6]),
        "gen_ai.usage.reasoning.output_tokens": random_.choice([0, 2, 60]),
        "openai.response.service_tier": random_.choice(["flex", "default", "scale"]),
        "llm.cost.total": random_.choice([0.0, 0.5, -1.0]),
    }
    likely = {"gen_ai.request.model": 0.9, "gen_ai.usage.input_tokens": 0.9, "gen_ai.usage.output_tokens": 0.9}
    return {name: value for name, value in some.items() if random_.random() < likely.get(name, 0.25)}


def sent(trace: SentTrace) -> list[dict[str, Value]]:
    """What the calls of a trace that tell the id of their answer say of themselves."""
    spans = [span for resource in trace.request.resource_spans for span in resource.scope_spans[0].spans]
    told = [
        {each.key: getattr(each.value, str(each.value.WhichOneof("value"))) for each in span.attributes}
        for span in spans
    ]
    about = ("gen_ai.usage.", "gen_ai.request.", "gen_ai.response.")
    return [
        {key: value for key, value in each.items() if key.startswith(about)}
        for each in told
        if "gen_ai.response.id" in each
    ]


def at_the_same_time(trace: SentTrace) -> None:
    """Moves a trace to when the one before it was sent."""
    for resource in trace.request.resource_spans:
        for span in resource.scope_spans[0].spans:
            span.start_time_unix_nano -= 1_000 * MS
            span.end_time_unix_nano -= 1_000 * MS if span.end_time_unix_nano else 0
