"""Who operates, and the connection for the length of a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from runtime.cli.terminal import operator

if TYPE_CHECKING:  # heavy; most commands do without
    from runtime.admin import Admin

Operator = Annotated[str, typer.Option("--by", default_factory=operator, help="Who says so, for the audit.")]


@asynccontextmanager
async def connected() -> AsyncIterator["Admin"]:
    """The live bus and its runs.

    Raises:
        ServerError: the server is not there.
    """
    from runtime.admin import Admin  # heavy; most commands do without

    admin = await Admin.connect()
    try:
        yield admin
    finally:
        await admin.close()
