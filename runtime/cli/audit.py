"""`causeline audit`: what operators did."""

import asyncio
from typing import Annotated

import typer

from runtime.cli.tables import audit_table
from runtime.cli.terminal import screen


def audit(
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """Show who replayed and discarded what, newest first."""
    from runtime.admin import Admin  # heavy; the other commands do without

    async def show() -> None:
        admin = await Admin.connect()
        try:
            page = await admin.audit(limit=limit, cursor=cursor)
        finally:
            await admin.close()
        screen.print(audit_table(page.items))
        if page.next:
            screen.print(f"more: --cursor {page.next}")

    asyncio.run(show())
