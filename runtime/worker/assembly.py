"""A worker, or cell, as others see it, and what it has to do work with."""

import os
import socket

from runtime.client.session import Session
from runtime.dead_letters.reports import LetterReports
from runtime.definitions.serving import ALL, Serving
from runtime.runs.end_reports import EndReports
from runtime.runs.ticks import TickStarter
from runtime.state.presence import WorkerRecord
from runtime.worker.heartbeat import Heartbeat
from runtime.worker.loop import StopEvent
from runtime.worker.schedule_loop import ScheduleLoop, schedule_rules
from runtime.worker.work import Equipment


def describe_worker(
    session: Session,
    consumer: str,
    size: int,
    *,
    cells: bool = False,
    is_cell: bool = False,
    serving: Serving = ALL,
) -> WorkerRecord:
    """A worker, or cell, as others see it."""
    app = session.app
    return WorkerRecord(
        consumer=consumer,
        host=socket.gethostname(),
        pid=os.getpid(),
        concurrency=size,
        version=session.app.version,
        started_ms=session.clock.now_ns() // 1_000_000,
        cells=cells,
        is_cell=is_cell,
        schedules=() if is_cell else schedule_rules(session.app.schedules),
        agents=tuple(sorted(serving.agents)),
        only=serving.only,
        serves=tuple(serving.served_agents(app)),
        limits=tuple(app.limits.values()),
    )


def build_schedule_loop(session: Session, equipment: Equipment, stopping: StopEvent) -> ScheduleLoop:
    """What attends to the schedules of a session's app."""
    app, store, book = session.app, session.store, session.schedules
    starter = TickStarter(
        store, book, session.accounts, session.observer, app.name, app.version, session.settings.sample_ratio
    )
    return ScheduleLoop(app.name, app.schedules, store, book, session.presence, starter, equipment.ends, stopping)


def build_equipment(session: Session, consumer: str, heartbeat: Heartbeat, *, isolated: bool) -> Equipment:
    """What a worker, or cell, of a session has to do work with."""
    agents = {(one.channel, one.group): one.agent for one in session.app.subscriptions}
    return Equipment(
        app=session.app.name,
        consumer=consumer,
        isolated=isolated,
        lease_ms=int(session.settings.lease * 1000),
        sample_ratio=session.settings.sample_ratio,
        bus=session.bus,
        store=session.store,
        breakers=session.breakers,
        accounts=session.accounts,
        shadows=session.shadows,
        version=session.app.version,
        relay=session.relay,
        observer=session.observer,
        clock=session.clock,
        heartbeat=heartbeat,
        ends=EndReports(session.store, session.observer),
        letters=LetterReports(session.server.client, session.observer, agents),
        reached=session.backend.probe_connection,
        redactor=session.settings.redactor(),
        inboxes=session.inboxes,
        key_bytes=session.settings.key_kib * 1024,
    )
