"""Questions over many spans, warm: how long the API takes to answer each, alone and while spans come in."""

import json
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.assistants import LONG, LONG_AGENT, LONG_TALK
from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.ground import ROOT, Ground

#: How often each question is asked in one run; the first answer is not counted.
_TIMES: Final = 6

#: Which entry of a list the questions about one thing are about.
_PLACE: Final = 5

#: Requests of spans that come in beside the questions, over one connection; enough to last longer than they do.
_BESIDE: Final = 400


def _ask(*, before: bool = False, busy: bool = False) -> Callable[[Ground, int], Figures]:
    def run(ground: Ground, size: int) -> Figures:
        checkout = ground.before if before and ground.before else ROOT
        folder = home(ground, size, before=before)
        with ExitStack() as stack:
            collector = stack.enter_context(CollectorServer(folder, checkout))
            paths = _paths(collector.url)
            if busy:
                sender = ground.ours("span_sender", collector.url, "protobuf", 1, _BESIDE, 512)
                stack.enter_context(sender).ready().go()
            figures: dict[str, float] = {}
            for name, path in paths.items():
                figures[name], figures[f"{name}: CPU"] = _taken(collector, path)
            figures["MiB at most"] = collector.peak_mib()
        shutil.rmtree(folder)
        return figures

    return run


def home(ground: Ground, size: int, *, before: bool) -> Path:
    """A home of its own for a collector that holds so many spans."""
    stored = filled(ground, size, before=before)
    folder = ground.folder / f"{stored.stem}-{time.time_ns()}"
    folder.mkdir(mode=0o700)
    shutil.copy(stored, folder / "causeline.duckdb")
    return folder


def filled(ground: Ground, size: int, *, before: bool) -> Path:
    """A database of so many spans, filled once in a run of the benchmarks, by the checkout that reads it; or that which
    was given."""
    if ground.store is not None:
        return ground.store
    file = ground.folder / f"{'before' if before else 'ours'}-{size}.duckdb"
    if not file.exists():
        with ground.ours("store_filler", file, size, before=before) as filler:
            filler.figures()
    return file


def _paths(url: str) -> dict[str, str]:
    """The questions, by what they are called; ids are of what is there."""
    event = _answer(f"{url}/api/events?limit=50")["items"][_PLACE]
    run = _answer(f"{url}/api/runs?source=own&limit=50")["items"][_PLACE]
    other = _answer(f"{url}/api/runs?source=others&limit=50")["items"][_PLACE]
    trace = _answer(f"{url}/api/traces?limit=50")["items"][_PLACE]
    subject = urllib.parse.quote(event["subject"])
    talk = _answer(f"{url}/api/sessions?limit=50")["items"][_PLACE]["session"]
    tireless = _answer(f"{url}/api/runs?source=others&limit=1&last=all&agent={LONG_AGENT}")["items"][0]["run_id"]
    return {
        "overview": "/api/overview",
        "steps": "/api/steps",
        "steps, everything": "/api/steps?last=all",
        "one step": "/api/steps/one?workflow=order&step=step-3",
        "runs": "/api/runs?limit=50",
        "runs of others": "/api/runs?limit=50&source=others",
        "runs by subject": f"/api/runs?limit=50&q={subject}",
        "events": "/api/events?limit=50",
        "events by text": f"/api/events?limit=50&q={subject}",
        "cone": f"/api/nodes/{event['event_id']}/causality",
        "cone of others": f"/api/nodes/{other['run_id']}/causality",
        "panel": f"/api/nodes/{event['event_id']}",
        "trace": f"/api/traces/{trace['trace_id']}",
        "run": f"/api/runs/{run['run_id']}",
        "ledger": "/api/ledger",
        "sessions": "/api/sessions?limit=50",
        "sessions by text": f"/api/sessions?limit=50&q={talk}",
        "a session": f"/api/sessions/one?session={talk}",
        f"a session of {LONG} runs": f"/api/sessions/one?session={LONG_TALK}",
        "its runs": f"/api/runs?limit=50&session={LONG_TALK}",
        f"a conversation of {LONG} turns": f"/api/runs/{tireless}/conversation",
        "its last page": f"/api/runs/{tireless}/conversation?first={LONG - 50}&limit=50",
        "costs": "/api/calls/figures",
        "costs, everything": "/api/calls/figures?last=all",
        "costs by agent": "/api/calls/figures?by=agent",
        "costs by session": "/api/calls/figures?by=session",
        "steps of others": "/api/steps?last=1h&source=others",
    }


def _taken(collector: CollectorServer, path: str) -> tuple[float, float]:
    """Milliseconds until the question is answered, the median of several times; and of the collector's CPU, of all
    that it does meanwhile."""
    _answer(collector.url + path)
    taken = []
    cpu = collector.cpu_s()
    for _ in range(_TIMES):
        begun = time.perf_counter()
        _answer(collector.url + path)
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken), (collector.cpu_s() - cpu) / _TIMES * 1000


def _answer(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 our own address
        return json.loads(answer.read())


ROWS = (
    Row(
        "questions",
        "Questions over 300,000 spans of a day, warm, in ms and of the collector's CPU; busy: while spans come in",
        "overview, steps 400 (all 1,000), one step 300, lists 100, by text 500, cone, panel 150, at ten million, busy",
        (
            Contestant("ours", _ask()),
            Contestant("before", _ask(before=True)),
            Contestant("ours, busy", _ask(busy=True)),
            Contestant("before, busy", _ask(before=True, busy=True)),
        ),
        size=300_000,
        quick_size=20_000,
    ),
)
