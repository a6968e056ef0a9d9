"""Who operates, and the connection for the length of a command."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from runtime.cli.terminal import operator_name

if TYPE_CHECKING:  # heavy; most commands do without
    from runtime.admin import Admin

Answer = TypeVar("Answer")

Operator = Annotated[str, typer.Option("--by", default_factory=operator_name, help="Who says so, for the audit.")]


@asynccontextmanager
async def connect_admin() -> AsyncIterator["Admin"]:
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


def call_admin(question: "Callable[[Admin], Awaitable[Answer]]") -> Answer:
    """The answer to the one thing that a command asks.

    Raises:
        CauselineError: as what is asked does.
        ServerError: the server is not there.
    """

    async def ask() -> Answer:
        async with connect_admin() as admin:
            return await question(admin)

    return asyncio.run(ask())
