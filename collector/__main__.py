"""`python -m collector`: receives spans and answers questions about them, until it is told to end."""

import os
import socket
import sys
from pathlib import Path

from collector import server, settings
from collector.access import Access
from collector.api import app
from collector.api.guard import Guard
from collector.api.services import Services
from collector.errors import SettingsError, StartError
from collector.hosts import AllowedHosts, is_loopback, names, origins
from collector.operations.link import OperationsLink, connector
from collector.operations.watch import Watch
from collector.otlp.budget import Budget
from collector.otlp.receiver import Receiver
from collector.store.database import Database
from collector.store.writer import Writer
from collector.tls import Tls
from runtime import private
from runtime.tokens import Register, RegisterError

#: Exit status when something outside has to be put right first.
CANNOT_START = 2

_MIB = 2**20

#: Whatever this process writes, nobody else reads.
_UMASK = 0o077


def main() -> int:
    """Runs the collector.

    Returns:
        The exit status: 0 after a clean end, 2 when it could not start; then one line on stderr says why.
    """
    try:
        chosen = settings.load()
        guard = _guard(chosen)
        os.umask(_UMASK)
        listener = server.bind(chosen.collector_host, chosen.collector_port)
        with listener:
            database = Database.open(chosen.database)
            private.repair((chosen.database, Path(f"{chosen.database}.wal")))
            _run(chosen, database, listener, guard)
    except (SettingsError, StartError) as error:
        print(f"causeline collector: {error}", file=sys.stderr)
        return CANNOT_START
    return 0


def _guard(chosen: settings.Settings) -> Guard:
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
        AllowedHosts.of(chosen.collector_host, names(chosen.allowed_hosts)),
        frozenset(origins(chosen.allowed_origins)),
        Tls.of(chosen.tls_cert, chosen.tls_key),
    )


def _run(chosen: settings.Settings, database: Database, listener: socket.socket, guard: Guard) -> None:
    writer = Writer(database, chosen.queue_limit)
    writer.start()
    link = OperationsLink(connector(chosen.redis_url))
    services = Services(database, link, Watch(link))
    host, port = listener.getsockname()[:2]
    try:
        grpc_port = server.choose_grpc_port(chosen.collector_host, chosen.grpc_port, port)
        print(
            f"causeline collector: listening on {'https' if guard.tls else 'http'}://{host}:{port} "
            f"(gRPC: {grpc_port}), storing in {chosen.database}, {_letting_in(chosen, guard)}",
            flush=True,
        )
        receiver = Receiver(writer, chosen.request_limit_mib * _MIB, Budget(chosen.queue_limit_mib * _MIB))
        application = app.create(services, receiver, guard, (host, grpc_port))
        server.serve(application, listener, chosen.parent_fd, guard.tls)
    finally:
        writer.close()
        database.close()


def _letting_in(chosen: settings.Settings, guard: Guard) -> str:
    if guard.access.is_needed():
        return "asking for tokens"
    return "letting in all of this machine" if is_loopback(chosen.collector_host) else "LETTING IN EVERYBODY (insecure)"


if __name__ == "__main__":
    sys.exit(main())
