"""What the contestants of a run share: a Redis server, a receiver of spans, a folder, another checkout to compare."""

import tempfile
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from benchmarks import environments
from benchmarks.postgres_server import DurablePostgres, postgres
from benchmarks.processes import Program
from benchmarks.rabbit_server import BusyRabbit, rabbit
from benchmarks.receiver import Receiver
from benchmarks.redis_server import RedisServer

#: The checkout that these benchmarks are part of.
ROOT: Final = Path(__file__).resolve().parents[1]


class Testbed:
    """Started when it is first asked for; ended when the block is left.

    Args:
        before: another checkout of Causeline, whose runtime takes part as `before`; None for none.
        store: a database that `store_filler` has filled, for rows that ask about one, whatever their size; None for
            one that is filled in each run.
    """

    def __init__(self, before: Path | None = None, store: Path | None = None) -> None:
        self.before = before
        self.store = store
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @cached_property
    def folder(self) -> Path:
        """A folder that is removed at the end."""
        return Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="causeline-bench-")))

    @cached_property
    def redis(self) -> RedisServer:
        """A server of the benchmark's own, `appendfsync everysec`, on loopback."""
        return self._stack.enter_context(RedisServer(self.folder / "redis"))

    @cached_property
    def postgres(self) -> DurablePostgres:
        """A server of the benchmark's own, which writes to disk before it acknowledges, on loopback."""
        return self._stack.enter_context(postgres())

    @cached_property
    def rabbit(self) -> BusyRabbit:
        """A server of the benchmark's own, on loopback."""
        return self._stack.enter_context(rabbit())

    @cached_property
    def receiver(self) -> Receiver:
        """Takes OTLP over HTTP and drops it."""
        return self._stack.enter_context(Receiver())

    def ours(
        self,
        module: str,
        *arguments: object,
        traced: bool = True,
        before: bool = False,
        state_url: str = "",
        rabbitmq_url: str = "",
        slots: int | None = None,
    ) -> Program:
        """A program of ours, `benchmarks.programs.<module>`.

        Args:
            module: its name.
            arguments: of the program.
            traced: whether it makes spans.
            before: whether it runs with the runtime of the other checkout.
            state_url: of the database that keeps its runs; the server does without one.
            rabbitmq_url: of the RabbitMQ server that its app names.
            slots: steps whose code it runs at once; by default the runtime's own number.
        """
        folders = [str(self.before)] if before and self.before else []
        variables = {
            "PYTHONPATH": ":".join([*folders, str(ROOT)]),
            "CAUSELINE_REDIS_URL": self.redis.url,
            "CAUSELINE_COLLECTOR_URL": self.receiver.url,
            "CAUSELINE_HOME": str(self.folder / "home"),
            "CAUSELINE_TELEMETRY": str(traced).lower(),
            "CAUSELINE_STATE_URL": state_url,
            "CAUSELINE_RABBITMQ_URL": rabbitmq_url,
            "CAUSELINE_CONCURRENCY": str(slots or ""),
        }
        return Program([environments.OURS, "-m", f"benchmarks.programs.{module}", *arguments], variables, self.folder)

    def peer(
        self, environment: str, script: str, *arguments: object, traced: bool = False, rabbitmq_url: str = ""
    ) -> Program:
        """A program of a peer, `benchmarks/peers/<script>.py`, in that peer's virtual environment."""
        variables = {
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": self.redis.url,
            "OTLP_URL": self.receiver.url if traced else "",
            "RABBITMQ_URL": rabbitmq_url,
        }
        python = environments.python_of(environment)
        return Program([python, ROOT / "benchmarks" / "peers" / f"{script}.py", *arguments], variables, self.folder)
