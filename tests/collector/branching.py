"""A run whose middle step may not do its work: `assess`, then `review`, then `close`, which waits for both of them."""

from runtime import semconv
from runtime.causality import identity
from runtime.semconv import NodeKind
from tests.collector.story import PRODUCER, Story, Value, place, uid

WORKFLOW = "claim"


def branching(number: int, review: str, *, close: str = "ok") -> Story:
    """One run.

    Args:
        number: tells it from others, and has it begin so many tenths of a second later.
        review: how its middle step ended: its outcome.
        close: how the last one ended. Where that failed, the run did.
    """
    story, run, start = Story("claims"), uid(f"claim-{number}"), number * 100
    trace, steps = f"claim-{number}", {name: identity.step_id(run, name) for name in ("assess", "review", "close")}
    told: dict[str, Value] = {semconv.WORKFLOW: WORKFLOW, semconv.RUN_ID: str(run)}
    story.node(NodeKind.RUN, run, "start", place(trace, "start"), at=start, span_kind=PRODUCER, more=told)
    ended = "failed" if close == "failed" else "ok"
    story.node(
        NodeKind.RUN,
        run,
        "invoke",
        place(trace, "invoke"),
        at=start,
        lasts=60,
        parent=place(trace, "start"),
        more={**told, semconv.OPERATION: "invoke_workflow", semconv.OUTCOME: ended},
    )
    said = (
        ("assess", 5, 10, "ok", [], ["claim"]),
        ("review", 20, 10, review, ["assess"], ["assess"]),
        ("close", 40, 10, close, ["review"], ["claim"]),
    )
    for name, at, lasts, outcome, causes, reads in said:
        more = {
            **told,
            semconv.AGENT: name,
            semconv.STEP: name,
            semconv.ATTEMPT: 1,
            semconv.OUTCOME: outcome,
            semconv.KEYS_READ: reads,
            semconv.CAUSES: [str(steps[cause]) for cause in causes],
        }
        story.node(
            NodeKind.STEP,
            steps[name],
            f"step {name}",
            place(trace, name),
            cause=run,
            at=start + at,
            lasts=lasts,
            parent=place(trace, "invoke"),
            more=more,
            failed="no" if outcome == "failed" else "",
        )
    return story
