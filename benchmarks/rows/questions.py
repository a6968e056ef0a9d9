"""Questions over many spans, warm: how long the API takes to answer each, alone and while spans come in."""

import json
import math
import shutil
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import chains
from benchmarks.assistants import LONG, LONG_AGENT, LONG_TALK
from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import Program, ProgramError
from benchmarks.programs.talk import percentile
from benchmarks.testbed import ROOT, Testbed

#: How often each question is asked in one run; the first answer is not counted.
_TIMES: Final = 6

#: Of how many events, each asked for once, the cones' p95 is.
_CONES: Final = 60

#: Which entry of a list the questions about one thing are about.
_PLACE: Final = 5

#: Spans a second that come in beside the questions, over so many connections, and requests of them: for 450 seconds,
#: longer than the questions take.
_RATE: Final = 5_000
_CONNECTIONS: Final = 4
_REQUEST: Final = 512
_BESIDE: Final = 4_400

#: Of each so many of these requests one is of chains of ours, of which figures have to be worked out; the others are of
#: spans of others, a trace each.
_CHAINS_EVERY: Final = 2

#: Seconds after which a question is not asked once more.
_LONG_S: Final = 10.0

#: Nanoseconds that the last hour of questions goes on behind the newest span, so that what comes in lies in it.
_ON_NS: Final = 450 * 10**9


def _ask(*, before: bool = False, busy: bool = False) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        checkout = ground.before if before and ground.before else ROOT
        folder = make_collector_home(ground, size, before=before)
        with ExitStack() as stack:
            collector = stack.enter_context(CollectorServer(folder, checkout))
            begun_ns = newest_ns(collector.url)
            paths = _paths(collector.url, begun_ns + _ON_NS)
            cones = _cones(collector.url)
            collector.wait_until_idle()
            sender: Program | None = None
            if busy:
                beside = (collector.url, "protobuf", _CONNECTIONS, _BESIDE, _REQUEST, _RATE, begun_ns, _CHAINS_EVERY)
                sender = stack.enter_context(ground.ours("span_sender", *beside)).wait_until_ready().start()
            figures: dict[str, float] = {}
            for name, path in paths.items():
                figures[name], figures[f"{name}: CPU"] = _measure_question(collector, path)
            figures["cones of different events, p95"] = _measure_percentile_ms(collector.url, cones, 0.95)
            figures["MiB at most"] = collector.peak_mib()
            if sender is not None:
                figures |= _get_sender_figures(sender)
            stored = _fetch_json(f"{collector.url}/api/overview?last=1h")["spans_stored"]
            figures["bytes a span on disk"] = collector.disk_bytes() / stored
        shutil.rmtree(folder)
        return figures

    return run


def _get_sender_figures(sender: Program) -> dict[str, float]:
    """How what came in beside the questions fared; it ends with them."""
    done = sender.start().read_figures()
    if done["spans"] >= _BESIDE * _REQUEST:
        raise ProgramError("nothing came in any more when the last questions were asked: send for longer (_BESIDE)")
    return {
        "spans/s beside": done["spans"] / done["s"],
        "seconds beside": done["s"],
        "acknowledged, p50 ms": done["p50"],
        "acknowledged, p99 ms": done["p99"],
    }


def make_collector_home(ground: Testbed, size: int, *, before: bool) -> Path:
    """A home of its own for a collector that holds so many spans."""
    stored = provide_database(ground, size, before=before)
    folder = ground.folder / f"{stored.stem}-{time.time_ns()}"
    folder.mkdir(mode=0o700)
    shutil.copy(stored, folder / "causeline.duckdb")
    return folder


def provide_database(ground: Testbed, size: int, *, before: bool) -> Path:
    """A database of so many spans, filled once in a run of the benchmarks, by the checkout that reads it; or that which
    was given."""
    if ground.store is not None:
        return ground.store
    file = ground.folder / f"{'before' if before else 'ours'}-{size}.duckdb"
    if not file.exists():
        with ground.ours("store_filler", file, size, before=before) as filler:
            filler.read_figures()
    return file


def newest_ns(url: str) -> int:
    """When the newest run of ours began: a store that was filled yesterday has its last hour then."""
    newest = _fetch_json(f"{url}/api/runs?source=own&limit=1")["items"][0]["start"]
    return int(datetime.fromisoformat(newest).timestamp() * 10**9)


def _paths(url: str, end_ns: int) -> dict[str, str]:
    """The questions, by what they are called; ids are of what is there, and the last hour ends at a time."""
    end = datetime.fromtimestamp(end_ns / 10**9, UTC).replace(tzinfo=None)
    hour = f"start={(end - timedelta(hours=1)).isoformat()}Z&end={end.isoformat()}Z"
    event = _fetch_json(f"{url}/api/events?limit=50")["items"][_PLACE]
    run = _fetch_json(f"{url}/api/runs?source=own&limit=50")["items"][_PLACE]
    other = _fetch_json(f"{url}/api/runs?source=others&limit=50")["items"][_PLACE]
    trace = _fetch_json(f"{url}/api/traces?limit=50")["items"][_PLACE]
    subject = urllib.parse.quote(event["subject"])
    talk = _fetch_json(f"{url}/api/sessions?limit=50")["items"][_PLACE]["session"]
    tireless = _fetch_json(f"{url}/api/runs?source=others&limit=1&last=all&agent={LONG_AGENT}")["items"][0]["run_id"]
    return {
        "overview": f"/api/overview?{hour}",
        "steps": f"/api/steps?{hour}",
        "accuracy along the chain": f"/api/steps/accuracy?{hour}",
        "steps, everything": "/api/steps?last=all",
        "one step": f"/api/steps/one?workflow=order&step=step-3&{hour}",
        "runs": "/api/runs?limit=50",
        "runs of others": "/api/runs?limit=50&source=others",
        "runs by subject": f"/api/runs?limit=50&q={subject}",
        "runs by an id": f"/api/runs?limit=50&q={run['run_id']}",
        "runs by a part of an id": f"/api/runs?limit=50&q={run['run_id'][-9:]}",
        "runs by a text that none says": "/api/runs?limit=50&q=nobody-says-this",
        "runs that none is": "/api/runs?limit=50&status=undoing",
        "runs that go on": "/api/runs?limit=50&source=own&status=running",
        "runs that failed": "/api/runs?limit=50&status=failed",
        "runs of a workflow that none is of": "/api/runs?limit=50&workflow=nobody",
        "runs of an app that none is of": "/api/runs?limit=50&app=nobody",
        "runs of an agent that none is of": "/api/runs?limit=50&agent=nobody",
        "runs of a model that none calls": "/api/runs?limit=50&model=nobody",
        "runs of ours of an agent of others": "/api/runs?limit=50&source=own&agent=desk",
        "runs of an agent that many are of": "/api/runs?limit=50&source=others&agent=desk",
        "runs of a model that many call": "/api/runs?limit=50&source=others&model=gpt-4o",
        "events": "/api/events?limit=50",
        "events by text": f"/api/events?limit=50&q={subject}",
        "events that failed": "/api/events?limit=50&status=failed",
        "events that are tried again": "/api/events?limit=50&status=retrying",
        "events that gave up": "/api/events?limit=50&status=dead",
        "events that were replayed": "/api/events?limit=50&status=replayed",
        "events that nobody received": "/api/events?limit=50&status=unreceived",
        "events by an id": f"/api/events?limit=50&q={event['event_id']}",
        "events by a part of an id": f"/api/events?limit=50&q={event['event_id'][-9:]}",
        "events of a channel that none names": "/api/events?limit=50&channel=nobody",
        "events of a channel": "/api/events?limit=50&channel=orders.3",
        "cone": f"/api/nodes/{event['event_id']}/causality",
        "cone of a run of others": f"/api/nodes/{other['run_id']}/causality",
        "cone of others": f"/api/nodes/{_random(url)}/causality",
        **_list_look_ups_in_the_middle(url, end_ns),
        "panel": f"/api/nodes/{event['event_id']}",
        "trace": f"/api/traces/{trace['trace_id']}",
        "run": f"/api/runs/{run['run_id']}",
        "traces": "/api/traces?limit=50",
        "traces by text": f"/api/traces?limit=50&q={subject}",
        "traces by an id": f"/api/traces?limit=50&q={trace['trace_id']}",
        "traces by a part of an id": f"/api/traces?limit=50&q={trace['trace_id'][:9]}",
        "traces of a service that none is of": "/api/traces?limit=50&service=nobody",
        "traces that failed": "/api/traces?limit=50&status=error",
        "search of an id": f"/api/search?q={event['event_id']}",
        "search of everything": f"/api/search?q={subject}",
        "topology": f"/api/topology?{hour}",
        "advice": f"/api/advice?{hour}",
        "ledger": "/api/ledger",
        "sessions": "/api/sessions?limit=50",
        "sessions by text": f"/api/sessions?limit=50&q={talk}",
        "a session": f"/api/sessions/one?session={talk}",
        f"a session of {LONG} runs": f"/api/sessions/one?session={LONG_TALK}",
        "its runs": f"/api/runs?limit=50&session={LONG_TALK}",
        f"a conversation of {LONG} turns": f"/api/runs/{tireless}/conversation",
        "its last page": f"/api/runs/{tireless}/conversation?first={LONG - 50}&limit=50",
        "trends": f"/api/overview/trends?{hour}",
        "costs": f"/api/calls/figures?{hour}",
        "costs, everything": "/api/calls/figures?last=all",
        "costs by agent": f"/api/calls/figures?by=agent&{hour}",
        "costs by session": f"/api/calls/figures?by=session&{hour}",
        "steps of others": f"/api/steps?{hour}&source=others",
    }


def _list_look_ups_in_the_middle(url: str, end_ns: int) -> dict[str, str]:
    """Questions about what is neither new nor old: of the middle of the time in which spans are stored."""
    kept_since = datetime.fromisoformat(_fetch_json(f"{url}/api/sessions?limit=1")["kept_since"])
    middle = datetime.fromtimestamp((kept_since.timestamp() + end_ns / 10**9) / 2, UTC).replace(tzinfo=None)
    until = f"start={(middle - timedelta(hours=1)).isoformat()}Z&end={middle.isoformat()}Z"
    event = _fetch_json(f"{url}/api/events?limit=50&{until}")["items"][_PLACE]["event_id"]
    run = _fetch_json(f"{url}/api/runs?source=own&limit=50&{until}")["items"][_PLACE]["run_id"]
    trace = _fetch_json(f"{url}/api/traces?limit=50&{until}")["items"][_PLACE]["trace_id"]
    return {
        "cone of the middle": f"/api/nodes/{event}/causality",
        "cone of others of the middle": f"/api/nodes/{_random(url, until)}/causality",
        "panel of the middle": f"/api/nodes/{event}",
        "trace of the middle": f"/api/traces/{trace}",
        "run of the middle": f"/api/runs/{run}",
    }


def _random(url: str, within: str = "") -> str:
    """The node of a span of others that is alone in its trace: its random id does not tell when it was stored."""
    path = f"/api/traces?limit=50&q={urllib.parse.quote(chains.FOREIGN)}&{within}"
    trace = _fetch_json(url + path)["items"][_PLACE]
    node: str = _fetch_json(f"{url}/api/traces/{trace['trace_id']}")["spans"][0]["node_id"]
    return node


def _cones(url: str) -> list[str]:
    """The cones of many events, each of which nobody has asked for."""
    events = _fetch_json(f"{url}/api/events?limit={_CONES + 50}")["items"][50:]
    return [f"/api/nodes/{event['event_id']}/causality" for event in events]


def _measure_percentile_ms(url: str, paths: Sequence[str], share: float) -> float:
    """Milliseconds within which that share of some questions is answered, each asked once."""
    taken: list[float] = []
    for path in paths:
        begun = time.perf_counter()
        _fetch_json(url + path)
        taken.append((time.perf_counter() - begun) * 1000)
    return percentile(sorted(taken), share)


def _measure_question(collector: CollectorServer, path: str) -> tuple[float, float]:
    """Milliseconds until the question is answered, the median of several times; and of the collector's CPU, of all
    that it does meanwhile. Infinite where it is given up."""
    try:
        _warm(collector.url + path)
        taken: list[float] = []
        cpu, whole = collector.cpu_s(), time.perf_counter()
        while len(taken) < _TIMES and time.perf_counter() - whole < _LONG_S:
            begun = time.perf_counter()
            _fetch_json(collector.url + path)
            taken.append((time.perf_counter() - begun) * 1000)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return math.inf, math.inf
    return median(taken), (collector.cpu_s() - cpu) / len(taken) * 1000


def _warm(url: str) -> None:
    """Asks once, and once more where that is given up: what was worked out by then is remembered."""
    try:
        _fetch_json(url)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        _fetch_json(url)


def _fetch_json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 our own address
        return json.loads(answer.read())


ROWS = (
    Row(
        "questions",
        "Questions over `STORE`, or 300,000 spans of a day; warm; ms, the collector's CPU; busy: while spans come in",
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
