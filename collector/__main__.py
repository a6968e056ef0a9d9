"""`python -m collector`: receives spans and answers questions about them, until it is told to end."""

import socket
import sys

from collector import server, settings
from collector.api import app
from collector.api.asking import Asking
from collector.api.services import Services
from collector.connections import Connections
from collector.ending import Ending
from collector.errors import SettingsError, StartError
from collector.operations.link import OperationsLink, connector
from collector.operations.watch import Watch
from collector.otlp.budget import Budget
from collector.otlp.parcel import Limits
from collector.otlp.receiver import Receiver
from collector.store.database import Database
from collector.store.writer import Writer

#: Exit status when something outside has to be put right first.
CANNOT_START = 2

_MIB = 2**20

#: Seconds that are left for what waits to be stored when it ends; nobody was told yet that it is.
_LAST_COMMITS = 2.0


def main() -> int:
    """Runs the collector.

    Returns:
        The exit status: 0 after a clean end, 2 when it could not start; then one line on stderr says why.
    """
    ending = Ending()
    try:
        chosen = settings.load()
        listener = server.bind(chosen.collector_host, chosen.collector_port)
        with listener:
            database = Database.open(chosen.database)
            _run(chosen, database, listener, ending)
    except (SettingsError, StartError) as error:
        print(f"causeline collector: {error}", file=sys.stderr)
        return CANNOT_START
    ending.over()
    return 0


def _run(chosen: settings.Settings, database: Database, listener: socket.socket, ending: Ending) -> None:
    writer = Writer(database, chosen.queue_limit)
    writer.start()
    link = OperationsLink(connector(chosen.redis_url))
    services = Services(database, link, Watch(link))
    host, port = listener.getsockname()[:2]
    try:
        grpc_port = server.choose_grpc_port(chosen.collector_host, chosen.grpc_port, port)
        print(
            f"causeline collector: listening on http://{host}:{port} (gRPC: {grpc_port}), storing in {chosen.database}",
            flush=True,
        )
        budget = Budget(chosen.queue_limit_mib * _MIB)
        receiver = Receiver(writer, _limits(chosen), budget)
        asking = Asking(chosen.question_limit)
        application = app.create(services, receiver, host, (host, grpc_port), asking)
        connections = Connections(chosen.connection_limit, chosen.stall_limit)
        server.serve(application, listener, connections, (asking.end, ending.begin), chosen.parent_fd)
    finally:
        writer.close(_LAST_COMMITS)
        database.close()


def _limits(chosen: settings.Settings) -> Limits:
    return Limits(
        chosen.request_limit_mib * _MIB, chosen.request_limit_items, chosen.stall_limit, chosen.connection_limit
    )


if __name__ == "__main__":
    sys.exit(main())
