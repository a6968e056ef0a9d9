"""`python -m collector`: receives spans and answers questions about them, until it is told to end; or a command."""

import argparse
import os
import socket
import sys
from collections.abc import Sequence

from collector import server, settings
from collector.api import app
from collector.api.services import Services
from collector.commands import arguments, exchange, vacuum
from collector.errors import ArchiveError, SettingsError, StartError, StoreError
from collector.operations.link import OperationsLink, connector
from collector.operations.watch import Watch
from collector.otlp.budget import Budget
from collector.otlp.receiver import Receiver
from collector.store import vacuum as vacuums
from collector.store.database import Database
from collector.store.exchange import workspace
from collector.store.retention.keeper import Keeper
from collector.store.retention.policy import Policy
from collector.store.writer import Writer
from collector.transport import ApiError

#: Exit status when something outside has to be put right first.
CANNOT_START = 2

_MIB = 2**20


def main(words: Sequence[str] | None = None) -> int:
    """Runs the collector, or a command that looks after what it stores.

    Args:
        words: of the command line; None for those of the process.

    Returns:
        The exit status: 0 after a clean end, 2 when it could not start; then one line on stderr says why.
    """
    wanted = arguments.parser().parse_args(words)
    try:
        chosen = settings.load()
        if wanted.command is not None:
            print(_perform(wanted, chosen))
            return 0
        listener = server.bind(chosen.collector_host, chosen.collector_port)
        with listener:
            database = Database.open(chosen.database)
            vacuums.remove_leftovers(database.path)
            workspace.remove_leftovers(database.path)
            _run(chosen, database, listener)
    except ApiError as error:
        print(f"causeline collector: {error.message}{f': {error.hint}' if error.hint else ''}", file=sys.stderr)
        return CANNOT_START
    except (SettingsError, StartError, ArchiveError, StoreError) as error:
        print(f"causeline collector: {error}", file=sys.stderr)
        return CANNOT_START
    return 0


def _perform(wanted: argparse.Namespace, chosen: settings.Settings) -> str:
    os.umask(0o077)  # what these write is for their user alone
    if wanted.command == "vacuum":
        return vacuum.vacuum(chosen.database)
    url = wanted.collector or chosen.collector_url
    place = exchange.Place(chosen.database, url, wanted.collector is not None, chosen.retention_days)
    if wanted.command == "export":
        return exchange.export(place, wanted.target, wanted.since, wanted.until)
    return exchange.import_(place, wanted.source)


def _run(chosen: settings.Settings, database: Database, listener: socket.socket) -> None:
    writer = Writer(database, chosen.queue_limit)
    writer.start()
    link = OperationsLink(connector(chosen.redis_url))
    policy = Policy(chosen.retention_days, chosen.retention_gib, chosen.retention_metrics_days)
    keeper = Keeper(database, policy, chosen.retention_interval)
    services = Services(database, link, Watch(link), keeper)
    host, port = listener.getsockname()[:2]
    try:
        grpc_port = server.choose_grpc_port(chosen.collector_host, chosen.grpc_port, port)
        print(
            f"causeline collector: listening on http://{host}:{port} (gRPC: {grpc_port}), storing in {chosen.database}",
            flush=True,
        )
        receiver = Receiver(writer, chosen.request_limit_mib * _MIB, Budget(chosen.queue_limit_mib * _MIB))
        application = app.create(services, receiver, host, (host, grpc_port))
        keeper.start()
        server.serve(application, listener, chosen.parent_fd)
    finally:
        keeper.close()
        writer.close()
        database.close()


if __name__ == "__main__":
    sys.exit(main())
