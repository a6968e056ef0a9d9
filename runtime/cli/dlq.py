"""`causeline dlq`: see dead letters, send them again, or give them up."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict
from uuid import UUID

import typer

from runtime.cli.operating import Operator, connected
from runtime.cli.tables import letter_page, letters_table, settlements_table
from runtime.cli.terminal import screen
from runtime.errors import LetterNotFoundError, QueryError

if TYPE_CHECKING:  # heavy; the other commands do without
    from runtime.admin import Admin
    from runtime.bus.records import Settlement

dlq = typer.Typer(help="Dead letters: see them, send them again, give them up.", no_args_is_help=True)

State = Annotated[Literal["dead", "replayed", "discarded", "all"], typer.Option(help="Only in this state.")]
Channel = Annotated[str | None, typer.Option(help="Only of this channel.")]
Group = Annotated[str | None, typer.Option(help="Only of this group.")]
Reason = Annotated[str | None, typer.Option(help="Only with this reason.")]
Query = Annotated[str | None, typer.Option("--q", help="Only with this text in ids, subject, error or payload.")]
Ids = Annotated[list[UUID] | None, typer.Argument(metavar="[ID]...", help="Ids of dead letters.")]
All = Annotated[bool, typer.Option("--all", help="All that wait and match, instead of ids.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

_PAGE = 200


class Filters(TypedDict):
    """Which letters; None lets all through."""

    channel: str | None
    group: str | None
    reason: str | None
    q: str | None


@dlq.command("list")
def list_(
    state: State = "dead",
    channel: Channel = None,
    group: Group = None,
    reason: Reason = None,
    q: Query = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where the page before ended.")] = None,
) -> None:
    """List dead letters, newest first."""

    async def show() -> None:
        async with connected() as admin:
            page = await admin.dead_letters(
                state=state, channel=channel, group=group, reason=reason, q=q, limit=limit, cursor=cursor
            )
        narrowed = state in ("replayed", "discarded") or any((channel, group, reason, q, cursor))
        screen.print(letters_table(page.items, narrowed=narrowed))
        if page.next:
            screen.print(f"more: --cursor {page.next}")

    asyncio.run(show())


@dlq.command()
def show(id_: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Show one dead letter: its payload, and every attempt's error."""

    async def read() -> None:
        async with connected() as admin:
            letter = await admin.dead_letter(id_)
        if letter is None:
            raise _unknown([id_])
        screen.print(letter_page(letter))

    asyncio.run(read())


@dlq.command()
def replay(
    ids: Ids = None,
    *,
    all_: All = False,
    channel: Channel = None,
    group: Group = None,
    reason: Reason = None,
    q: Query = None,
    by: Operator,
    yes: Yes = False,
) -> None:
    """Send dead letters again, each to the group that failed and to no other."""

    async def send() -> "list[Settlement]":
        async with connected() as admin:
            chosen = await _chosen(
                admin, ids, everything=all_, filters=Filters(channel=channel, group=group, reason=reason, q=q)
            )
            _confirm(f"Replay {_count(chosen)}?", asked=bool(chosen) and all_ and not yes)
            return await admin.replay(chosen, by)

    _report(asyncio.run(send()))


@dlq.command()
def discard(
    ids: Ids = None,
    *,
    because: Annotated[str, typer.Option(help="Why, for the audit.")],
    all_: All = False,
    channel: Channel = None,
    group: Group = None,
    reason: Reason = None,
    q: Query = None,
    by: Operator,
    yes: Yes = False,
) -> None:
    """Give dead letters up for good; they stay readable."""

    async def drop() -> "list[Settlement]":
        async with connected() as admin:
            chosen = await _chosen(
                admin, ids, everything=all_, filters=Filters(channel=channel, group=group, reason=reason, q=q)
            )
            _confirm(f"Discard {_count(chosen)} for good?", asked=bool(chosen) and not yes)
            return await admin.discard(chosen, by, because)

    _report(asyncio.run(drop()))


async def _chosen(admin: "Admin", ids: list[UUID] | None, *, everything: bool, filters: Filters) -> list[UUID]:
    """The letters that a command is about: those named, or all that wait and match."""
    narrowed = any(value is not None for value in filters.values())
    if ids and (everything or narrowed):
        raise QueryError("ids and --all clash, as do ids and filters: name ids, or say --all")
    if not ids and not everything:
        raise QueryError("name ids, or say --all (with --channel, --group, --reason or --q to narrow it)")
    found, cursor = list(ids or ()), None
    while everything:
        page = await admin.dead_letters(limit=_PAGE, cursor=cursor, **filters)
        found += [letter.id for letter in page.items]
        cursor = page.next
        everything = cursor is not None
    return found


def _confirm(question: str, *, asked: bool) -> None:
    if asked:
        typer.confirm(question, abort=True)


def _count(ids: Sequence[UUID]) -> str:
    return f"{len(ids)} dead letter{'' if len(ids) == 1 else 's'}"


def _report(settlements: "Sequence[Settlement]") -> None:
    found = [settlement for settlement in settlements if settlement.status != "not_found"]
    if found or not settlements:
        screen.print(settlements_table(found))
    if len(found) != len(settlements):
        raise _unknown([settlement.dead_letter_id for settlement in settlements if settlement.status == "not_found"])


def _unknown(ids: Sequence[UUID]) -> LetterNotFoundError:
    names = ", ".join(map(str, ids))
    return LetterNotFoundError(f"no dead letter has the id {names}: `causeline dlq list --state all` shows them")
