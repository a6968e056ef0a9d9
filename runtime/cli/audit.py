"""`causeline audit`: what operators did."""

import asyncio
from typing import Annotated

import typer

from runtime.cli.operating import connected
from runtime.cli.tables import audit_table
from runtime.cli.terminal import screen


def audit(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """Show what operators did to dead letters, runs and groups, newest first."""

    async def show() -> None:
        async with connected() as admin:
            page = await admin.audit(limit=limit, cursor=cursor)
        screen.print(audit_table(page.items))
        if page.next:
            screen.print(f"more: --cursor {page.next}")

    asyncio.run(show())
