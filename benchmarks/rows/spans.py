"""What a span costs its maker."""

from collections.abc import Callable

from benchmarks.contest import Contestant, Figures, Row
from benchmarks.testbed import Testbed


def _spans(whose: str, *, before: bool = False) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        with ground.ours("spans", whose, size, before=before) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"CPU us to record": done["recorded"], "CPU us with its export": done["whole"]}

    return run


ROWS = (
    Row(
        "span",
        "A span of ours, of an attempt with 14 attributes, beside one of the SDK with the same",
        "1.1 of the SDK's",
        (
            Contestant("ours", _spans("ours")),
            Contestant("before", _spans("ours", before=True)),
            Contestant("OpenTelemetry SDK, BatchSpanProcessor", _spans("sdk")),
        ),
        size=20_000,
        quick_size=1000,
    ),
)
