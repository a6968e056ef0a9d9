"""How each process of the demo and of `dev` is started, and how long it has to end."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from runtime import settings
from runtime.cli import imports
from runtime.cli.environment import Ports, build_environment
from runtime.supervisor.child import Plan
from runtime.supervisor.ports import require_free
from runtime.supervisor.python import python_command

#: Seconds for the first answer of a server; a cold disk is slow.
COLLECTOR_START: Final = 30.0
DASHBOARD_START: Final = 60.0

#: Seconds for an orderly end. A worker ends by itself in its time to shut down; the collector commits what
#: it holds.
_WORKER_SLACK: Final = 5.0
_COLLECTOR_END: Final = 20.0
_DASHBOARD_END: Final = 5.0
_PRODUCER_END: Final = 10.0


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of one home."""

    home: Path
    ports: Ports
    settings: Mapping[str, str]

    @classmethod
    def load(cls, *, with_dashboard: bool = True) -> "Plans":
        """From the environment, once the ports are known to be free.

        Raises:
            SettingsError: when a variable does not parse, or a port is in use.
        """
        plans = cls.from_environment()
        ports = plans.ports
        require_free(ports.collector_host, ports.collector_port, "CAUSELINE_COLLECTOR")
        if with_dashboard:
            require_free(ports.dashboard_host, ports.dashboard_port, "CAUSELINE_DASHBOARD")
        return plans

    @classmethod
    def from_environment(cls) -> "Plans":
        """From the environment, where others listen on the ports already.

        Raises:
            SettingsError: when a variable does not parse.
        """
        home, settings = build_environment()
        return cls(home, Ports.load(), settings)

    @property
    def api(self) -> str:
        """Where the dashboard asks, and anybody should who wants to know what it shows."""
        return self.settings["CAUSELINE_COLLECTOR_URL"]

    @property
    def collector_health(self) -> str:
        return f"{self.ports.collector_url}/healthz"

    @property
    def dashboard_health(self) -> str:
        return f"{self.ports.dashboard_url}/_stcore/health"

    def collector(self) -> Plan:
        return Plan("collector", python_command("collector"), self.settings, _COLLECTOR_END, log=self._log("collector"))

    def dashboard(self) -> Plan:
        return Plan("dashboard", python_command("dashboard"), self.settings, _DASHBOARD_END, log=self._log("dashboard"))

    def worker(self, target: str, number: int) -> Plan:
        name = f"worker-{number}"
        return Plan(
            name, python_command("runtime.cli", "worker", target), self.settings, self._worker_end, log=self._log(name)
        )

    @property
    def _worker_end(self) -> float:
        return settings.load().shutdown + _WORKER_SLACK

    def loud_worker(self, target: str, notes: Path) -> Plan:
        """A worker whose output goes to the terminal, and which notes in a file what it imports."""
        variables = {**self.settings, imports.VARIABLE: str(notes)}
        return Plan("worker", python_command("runtime.cli", "worker", target), variables, self._worker_end)

    def workload(self, module: str, options: Mapping[str, int | str]) -> Plan:
        words = [
            word
            for name, value in options.items()
            for word in ((f"--{name}",) if value is True else (f"--{name}", str(value)))
        ]
        command = python_command(module, *words)
        return Plan("workload", command, self.settings, _PRODUCER_END, speaks=True, log=self._log("workload"))

    def _log(self, name: str) -> Path:
        return self.home / "logs" / f"{name}.log"
