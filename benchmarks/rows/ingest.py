"""Spans in: how many are committed, how soon a sender is answered, and what a million of them takes."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.collector_server import CollectorServer
from benchmarks.contest import Contestant, Figures, Row
from benchmarks.processes import PATIENCE, ProgramError
from benchmarks.programs.talk import percentile
from benchmarks.testbed import ROOT, Testbed

#: Spans of a request.
_SPANS = 512

#: Seconds between two looks at a log, and the share of the longest one with which a collector is killed.
_LOOK_S = 0.02
_LONG = 0.9

#: Spans by which the peak rate is found out.
_PEAK = 60_000


def _collector(ground: Testbed, *, before: bool, is_empty: bool = False) -> CollectorServer:
    """One of a checkout, over a copy of the store that is given, if any is."""
    checkout = ground.before if before and ground.before else ROOT
    folder = Path(tempfile.mkdtemp(dir=ground.folder))
    if ground.store is not None and not is_empty:
        shutil.copy(ground.store, folder / "causeline.duckdb")
    return CollectorServer(folder, checkout)


def _rate(connections: int, encoding: str = "protobuf", *, before: bool = False) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        requests = max(connections, size // _SPANS)
        with _collector(ground, before=before) as collector:
            where = collector.grpc if encoding == "grpc" else collector.url
            warm = ("span_sender", where, encoding, 1, 4, _SPANS)
            with ground.ours(*warm) as sender:
                sender.wait_until_ready().start().read_figures()
            collector.wait_until_idle()
            with ground.ours("span_sender", where, encoding, connections, requests, _SPANS) as sender:
                sender.wait_until_ready()
                cpu = collector.cpu_s()
                done = sender.start().read_figures()
            stored = requests * _SPANS
            used = (collector.cpu_s() - cpu) / stored * 1e6
        return {"spans/s": stored / done["s"], "CPU us/span": used, "p50 ms": done["p50"], "p99 ms": done["p99"]}

    return run


def _measure_at_half_rate(*, before: bool) -> Callable[[Testbed, int], Figures]:
    """Spans come in over four connections as fast as they go, and then so many at half of that rate."""

    def run(ground: Testbed, size: int) -> Figures:
        with _collector(ground, before=before) as collector:
            collector.wait_until_idle()
            peak = min(size, _PEAK) // _SPANS + 4
            with ground.ours("span_sender", collector.url, "protobuf", 4, peak, _SPANS) as sender:
                rate = peak * _SPANS / sender.wait_until_ready().start().read_figures()["s"] / 2
            answers = ground.folder / f"answers-{time.time_ns()}"
            paced = ("span_sender", collector.url, "protobuf", 4, size // _SPANS, _SPANS, int(rate), 0, 0, answers)
            with ground.ours(*paced) as sender, _CheckpointWatch(collector) as checkpoints:
                done = sender.wait_until_ready().start().read_figures()
        return {
            "spans/s": done["spans"] / done["s"],
            "p50 ms": done["p50"],
            "p99 ms": done["p99"],
            "greatest ms": done["greatest"],
            "checkpoints": len(checkpoints.ends),
            **_split_by_checkpoints(answers, checkpoints.ends),
        }

    return run


def _split_by_checkpoints(answers: Path, ends: Sequence[float]) -> dict[str, float]:
    """How long requests took that were under way while a checkpoint ended, and all others."""
    both: dict[bool, list[float]] = {True: [], False: []}
    for line in answers.read_text().splitlines():
        due, answered = map(float, line.split())
        both[any(due <= end <= answered + _LOOK_S for end in ends)].append(answered - due)
    return {
        f"{name} ms, {words}": percentile(sorted(taken), share) * 1000
        for words, taken in (("beside a checkpoint", both[True]), ("beside none", both[False]))
        for name, share in (("p50", 0.5), ("p99", 0.99))
        if taken
    }


class _CheckpointWatch:
    """When a collector's log was folded into its file within the block: then it is shorter than before."""

    def __init__(self, collector: CollectorServer) -> None:
        self.ends: list[float] = []
        self._collector = collector
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        before = 0.0
        while not self._over.wait(_LOOK_S):
            now = self._collector.log_mib
            if now < before:
                self.ends.append(time.perf_counter())
            before = now


def _limit(threads: int) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        with ground.ours("duckdb_limit", ground.folder, threads, size) as program:
            done = program.wait_until_ready().start().read_figures()
        return {"spans/s": done["per_s"], "CPU us/span": done["cpu"], "bytes/span on disk": done["bytes"]}

    return run


def _answer(*, before: bool) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        with _collector(ground, before=before) as collector:
            with ground.ours("span_sender", collector.url, "protobuf", 1, 10, 20) as sender:
                sender.wait_until_ready().start().read_figures()
            collector.wait_until_idle()
            with ground.ours("span_sender", collector.url, "protobuf", 1, size, 20) as sender:
                sender.wait_until_ready()
                cpu = collector.cpu_s()
                done = sender.start().read_figures()
            used = (collector.cpu_s() - cpu) / size * 1000
        return {"p50 ms": done["p50"], "p99 ms": done["p99"], "CPU ms/request": used}

    return run


def _measure_storage(*, before: bool) -> Callable[[Testbed, int], Figures]:
    def run(ground: Testbed, size: int) -> Figures:
        collector = _collector(ground, before=before, is_empty=True)
        with collector:
            stored = 0
            while stored < size:
                requests = min(200, -(-(size - stored) // _SPANS))
                with ground.ours("span_sender", collector.url, "protobuf", 4, requests, _SPANS) as sender:
                    sender.wait_until_ready().start().read_figures()
                stored += requests * _SPANS
            peak = collector.peak_mib()
            collector.end()
            return {"MiB at most": peak, "bytes/span on disk": collector.disk_bytes() / stored}

    return run


def _recovery(*, before: bool) -> Callable[[Testbed, int], Figures]:
    """Killed while spans come in over four connections, with about the longest log that they leave behind.

    Where a store is given, they come to what it holds.
    """

    def run(ground: Testbed, size: int) -> Figures:
        collector = _collector(ground, before=before)
        beginning = time.perf_counter()
        with collector:
            started, longest = time.perf_counter() - beginning, 0.0
            with ground.ours("span_sender", collector.url, "protobuf", 4, size // _SPANS, _SPANS) as sender:
                sending = threading.Thread(target=sender.wait_until_ready().start().read_figures)
                sending.start()
                while sending.is_alive():
                    longest = max(longest, collector.log_mib)
                    sending.join(_LOOK_S)
            with ground.ours("span_sender", collector.url, "protobuf", 4, size // _SPANS, _SPANS) as sender:
                begun_with, over = collector.log_mib, time.monotonic() + PATIENCE
                sender.wait_until_ready().start()
                while (log := collector.log_mib) == begun_with or log < _LONG * longest:
                    if time.monotonic() > over:
                        raise ProgramError(f"the log did not grow to {_LONG * longest:.0f} MiB again")
                    time.sleep(_LOOK_S)
                collector.kill()
            with ground.ours("span_sender", collector.url, "protobuf", 1, 1, 20) as sender:
                first = sender.wait_until_ready()
                begun = time.perf_counter()
                collector.start()
                answers = time.perf_counter() - begun
                first.start().read_figures()
                acknowledges = time.perf_counter() - begun
            return {
                "s until it answers": answers,
                "s until it acknowledges spans": acknowledges,
                "s without a log": started,
                "MiB of its log": log,
            }

    return run


def _both(measure: Callable[..., Callable[[Testbed, int], Figures]], *given: object) -> tuple[Contestant, ...]:
    return Contestant("ours", measure(*given, before=False)), Contestant("before", measure(*given, before=True))


ROWS = (
    Row(
        "ingest4",
        "Spans committed and visible, HTTP/protobuf, 4 connections, 512 spans a request",
        "0.6 of DuckDB alone",
        (*_both(_rate, 4), Contestant("limit: DuckDB alone, ready Arrow", _limit(2))),
        size=60_000,
        quick_size=2_048,
    ),
    Row(
        "ingest32",
        "The same over 32 connections",
        "0.7 of DuckDB alone, and 0.9 of it with one thread",
        (
            *_both(_rate, 32),
            Contestant("limit: DuckDB alone, ready Arrow", _limit(2)),
            Contestant("limit, one thread", _limit(1)),
        ),
        size=120_000,
        quick_size=2_048,
    ),
    Row(
        "paced",
        "Spans at half of the peak rate, 4 connections, until each request is answered, checkpoints and all",
        "p50 100 ms, p99 500 ms; checkpoints don't show",
        _both(_measure_at_half_rate),
        size=600_000,
        quick_size=4_096,
    ),
    Row(
        "answer",
        "One request of 20 spans after the other, until each is answered",
        "25 ms",
        _both(_answer),
        size=100,
        quick_size=5,
    ),
    Row(
        "encodings",
        "The same spans as protobuf, JSON and over gRPC, 4 connections",
        "gRPC 0.8 of HTTP/protobuf, JSON 0.4",
        (
            Contestant("HTTP/protobuf", _rate(4)),
            Contestant("gRPC", _rate(4, "grpc")),
            Contestant("HTTP/JSON", _rate(4, "json")),
        ),
        size=60_000,
        quick_size=2_048,
    ),
    Row(
        "held",
        "What a collector holds after a million spans, and what each takes on disk",
        "572 MiB (600 MB), 120 bytes",
        _both(_measure_storage),
        size=1_000_000,
        quick_size=2_048,
    ),
    Row(
        "recovery",
        "Killed under load (kill -9), until it answers again",
        "5 s",
        _both(_recovery),
        size=300_000,
        quick_size=4_096,
    ),
)
