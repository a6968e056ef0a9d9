"""`causeline collector`: become the collector, or look after what it stores."""

from typing import Annotated, Final

import typer

from runtime.cli.environment import Ports
from runtime.cli.servers import exec_package
from runtime.supervisor.ports import require_free

collector = typer.Typer(help="Receive spans over OTLP, store them, and answer questions about them.")

Collector = Annotated[str | None, typer.Option(metavar="URL", help="Ask this collector, not the database's file.")]

_PLACE: Final = "FILE.tar|FOLDER"


@collector.callback(invoke_without_command=True)
def serve(context: typer.Context) -> None:
    """Receive spans over OTLP, store them, and answer questions about them."""
    if context.invoked_subcommand is None:
        ports = Ports.load()
        require_free(ports.collector_host, ports.collector_port, "CAUSELINE_COLLECTOR")  # says whose it is that has it
        exec_package("collector")


@collector.command()
def vacuum() -> None:
    """Give room back that nothing takes any more; no collector may run meanwhile."""
    exec_package("collector", "vacuum")


@collector.command()
def export(
    target: Annotated[str, typer.Argument(metavar=_PLACE)],
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Such as 7d, for 7 days ago, or 2026-05-01.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Exclusive; now, where it is left out.")] = None,
    collector: Collector = None,
) -> None:
    """Write what began in a range of time into Parquet files; also while the collector runs."""
    exec_package("collector", "export", *_options(since=since, until=until, collector=collector), "--", target)


@collector.command("import")
def import_(source: Annotated[str, typer.Argument(metavar=_PLACE)], collector: Collector = None) -> None:
    """Take an export in; what is stored already is left out."""
    exec_package("collector", "import", *_options(collector=collector), "--", source)


def _options(**values: str | None) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items() if value is not None]
