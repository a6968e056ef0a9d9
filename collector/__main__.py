"""`python -m collector`: receives spans and answers questions about them, until it is told to end; or a command."""

import argparse
import gc
import os
import socket
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    gc.disable()  # what imports make stays: to look through it again and again took a quarter of a second

from collector import allocator, server, settings, unused_imports
from collector.access import Access
from collector.alerts.bus_reader import BusReader
from collector.alerts.engine import AlertEngine
from collector.alerts.rule_file import RuleFile
from collector.api import app
from collector.api.guard import Guard
from collector.api.open_questions import OpenQuestions
from collector.api.services import Services
from collector.api.too_many_connections import make_too_many_answer
from collector.client import CollectorClient
from collector.commands import arguments, exchange, vacuum
from collector.connections import Connections
from collector.errors import ArchiveError, SettingsError, StartError, StoreError
from collector.hosts import AllowedHosts, is_loopback, parse_hosts, parse_origins
from collector.operations.backlog_watch import BacklogWatch
from collector.operations.link import OperationsLink, make_connector
from collector.otlp.budget import Budget
from collector.otlp.intake import CountedReceiver
from collector.otlp.parcel import Limits
from collector.prices.price_file import PriceFile
from collector.replies import ApiError
from collector.shutdown_guard import ShutdownGuard
from collector.store import materialized, rereading, text_loading
from collector.store import vacuum as vacuums
from collector.store.background import create_room_keeper
from collector.store.database import Database
from collector.store.exchange import workspace
from collector.store.retention.keeper import Keeper
from collector.store.retention.policy import Policy
from collector.store.writer import Writer
from collector.tls import Tls
from runtime import private
from runtime.admin import Admin
from runtime.tokens import OwnToken, Register, RegisterError

#: Exit status when something outside has to be put right first.
CANNOT_START = 2

_MIB = 2**20

#: Whatever this process writes, nobody else reads.
_UMASK = 0o077

#: Seconds that are left for what waits to be stored when it ends; nobody was told yet that it is.
_LAST_COMMITS = 2.0


def main(words: Sequence[str] | None = None) -> int:
    """Runs the collector, or a command that looks after what it stores.

    Args:
        words: of the command line; None for those of the process.

    Returns:
        The exit status: 0 after a clean end, 2 when it could not start; then one line on stderr says why.
    """
    wanted = arguments.make_parser().parse_args(words)
    ending = ShutdownGuard()
    try:
        chosen = settings.load()
        os.umask(_UMASK)
        if wanted.command is not None:
            print(_run_command(wanted, chosen))
            return 0
        allocator.keep_few_arenas()
        guard = _make_guard(chosen)
        listener = server.bind_socket(chosen.collector_host, chosen.collector_port)
        with listener:
            database = Database.open(chosen.database, chosen.memory_mib)
            private.repair((chosen.database, Path(f"{chosen.database}.wal")))
            vacuums.remove_leftovers(database.path)
            workspace.remove_leftovers(database.path)
            _run(chosen, database, listener, guard, ending)
    except ApiError as error:
        print(f"causeline collector: {error.message}{f': {error.hint}' if error.hint else ''}", file=sys.stderr)
        return CANNOT_START
    except (SettingsError, StartError, ArchiveError, StoreError) as error:
        print(f"causeline collector: {error}", file=sys.stderr)
        return CANNOT_START
    ending.finish()
    return 0


def _run_command(wanted: argparse.Namespace, chosen: settings.Settings) -> str:
    if wanted.command == "vacuum":
        return vacuum.vacuum(chosen.database)
    url = wanted.collector or chosen.collector_url
    own = OwnToken.find(chosen.home.expanduser(), url, chosen.token.get_secret_value(), chosen.token_file)
    ca = chosen.tls_ca.expanduser() if chosen.tls_ca else None
    place = exchange.StoreLocation(
        chosen.database,
        url,
        lambda: CollectorClient(url, token=own.text, ca=ca),
        asked=wanted.collector is not None,
        kept_days=chosen.retention_days,
    )
    if wanted.command == "export":
        return exchange.export(place, wanted.target, wanted.since, wanted.until)
    return exchange.import_(place, wanted.source)


def _make_guard(chosen: settings.Settings) -> Guard:
    """Who is let in.

    Raises:
        StartError: when that would be anybody, or nobody can tell.
    """
    register = Register(chosen.home.expanduser())
    try:
        register.tokens()
    except RegisterError as error:
        raise StartError(str(error)) from None
    beyond = not is_loopback(chosen.collector_host)
    if beyond and not register.exists() and not chosen.insecure:
        raise StartError(
            f"on {chosen.collector_host} others could read and operate, and no token was made yet: make one with "
            "`causeline token create --name NAME --scope ingest`, or set CAUSELINE_INSECURE=1 to let everybody in"
        )
    return Guard(
        Access(register, always=chosen.require_tokens or (beyond and not chosen.insecure)),
        AllowedHosts.of(chosen.collector_host, parse_hosts(chosen.allowed_hosts)),
        frozenset(parse_origins(chosen.allowed_origins)),
        Tls.of(chosen.tls_cert, chosen.tls_key),
    )


def _run(
    chosen: settings.Settings, database: Database, listener: socket.socket, guard: Guard, ending: ShutdownGuard
) -> None:
    writer = Writer(database, chosen.queue_limit)
    writer.start()
    redactor = chosen.redactor()
    link = OperationsLink(make_connector(chosen.redis_url, redactor))
    policy = Policy(chosen.retention_days, chosen.retention_gib, chosen.retention_metrics_days)
    keeper = Keeper(database, policy, chosen.retention_interval)
    works = (
        keeper,
        rereading.background(database),
        materialized.background(database),
        text_loading.background(database, may_begin=lambda: writer.has_loaded_ids),
        create_room_keeper(database),
    )
    watch = BacklogWatch(link)
    reader = BusReader(link, watch, partial(Admin.is_there, chosen.redis_url))
    prices = PriceFile(chosen.prices_file, is_named=chosen.prices is not None)
    alerts = AlertEngine(
        database, reader, RuleFile(chosen.alerts_file, is_named=chosen.alerts is not None), chosen.dashboard_url
    )
    alerts.prices = prices.current
    prices.current()  # what is wrong with the file is told at the start
    services = Services(
        database, link, watch, alerts, keeper, redactor, prices, str(chosen.home.expanduser().resolve())
    )
    host, port = listener.getsockname()[:2]
    try:
        grpc_port = server.choose_grpc_port(chosen.collector_host, chosen.grpc_port, port)
        said = (
            f"causeline collector: listening on {'https' if guard.tls else 'http'}://{host}:{port} "
            f"(gRPC: {grpc_port}), storing in {chosen.database}, {_describe_access(chosen, guard)}"
        )
        budget = Budget(chosen.queue_limit_mib * _MIB)
        receiver = CountedReceiver(writer, _make_limits(chosen), budget, redactor)
        asking = OpenQuestions(chosen.question_limit)
        application = app.create(services, receiver, guard, (host, grpc_port), asking)
        tls = guard.tls.context() if guard.tls else None
        connections = Connections(chosen.connection_limit, chosen.stall_limit, tls, make_too_many_answer)
        for work in works:
            work.start()
        ready = partial(print, said, flush=True)
        server.serve(application, listener, connections, (asking.end, ending.begin), chosen.parent_fd, ready)
    finally:
        for work in reversed(works):
            work.close()
        writer.close(_LAST_COMMITS)
        database.close()


def _describe_access(chosen: settings.Settings, guard: Guard) -> str:
    if guard.access.is_needed():
        return "asking for tokens"
    return "letting in all of this machine" if is_loopback(chosen.collector_host) else "LETTING IN EVERYBODY (insecure)"


def _make_limits(chosen: settings.Settings) -> Limits:
    return Limits(
        chosen.request_limit_mib * _MIB, chosen.request_limit_items, chosen.stall_limit, chosen.connection_limit
    )


if __name__ == "__main__":
    gc.enable()
    unused_imports.block_unused_imports()
    sys.exit(main())
