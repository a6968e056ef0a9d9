"""`causeline dlq`: see dead letters, send them again, or give them up."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict
from uuid import UUID

import typer

from runtime.cli.admin_connection import Operator, call_admin, connect_admin
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


@dataclass(frozen=True, slots=True)
class LetterSelection:
    """The letters that a command is about: those named, or everything that waits and matches."""

    ids: Sequence[UUID]
    everything: bool
    filters: Filters


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
    page = call_admin(
        lambda admin: admin.dead_letters(
            state=state, channel=channel, group=group, reason=reason, q=q, limit=limit, cursor=cursor
        )
    )
    narrowed = state in ("replayed", "discarded") or any((channel, group, reason, q, cursor))
    screen.print(letters_table(page.items, narrowed=narrowed))
    if page.next:
        screen.print(f"more: --cursor {page.next}")


@dlq.command()
def show(id_: Annotated[UUID, typer.Argument(metavar="ID")]) -> None:
    """Show one dead letter: its payload, and every attempt's error."""
    letter = call_admin(lambda admin: admin.dead_letter(id_))
    if letter is None:
        raise _letter_not_found([id_])
    screen.print(letter_page(letter))


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
    wanted = LetterSelection(ids or (), all_, Filters(channel=channel, group=group, reason=reason, q=q))
    question = "" if yes or not all_ else "Replay {}?"
    _settle(wanted, question, lambda admin, chosen: admin.replay(chosen, by))


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
    wanted = LetterSelection(ids or (), all_, Filters(channel=channel, group=group, reason=reason, q=q))
    question = "" if yes else "Discard {} for good?"
    _settle(wanted, question, lambda admin, chosen: admin.discard(chosen, by, because))


def _settle(
    wanted: LetterSelection, question: str, settle: "Callable[[Admin, list[UUID]], Awaitable[list[Settlement]]]"
) -> None:
    """Settles the letters that a command is about, and shows what became of them; `question` is asked before, of how
    many, unless it is empty."""

    async def act() -> "list[Settlement]":
        async with connect_admin() as admin:
            chosen = await _select_ids(admin, wanted)
            if question and chosen:
                typer.confirm(question.format(_format_count(chosen)), abort=True)
            return await settle(admin, chosen)

    _report(asyncio.run(act()))


async def _select_ids(admin: "Admin", wanted: LetterSelection) -> list[UUID]:
    narrowed = any(value is not None for value in wanted.filters.values())
    if wanted.ids and (wanted.everything or narrowed):
        raise QueryError("ids and --all clash, as do ids and filters: name ids, or say --all")
    if not wanted.ids and not wanted.everything:
        raise QueryError("name ids, or say --all (with --channel, --group, --reason or --q to narrow it)")
    return [*wanted.ids, *(await _find_matching(admin, wanted.filters) if wanted.everything else ())]


async def _find_matching(admin: "Admin", filters: Filters) -> list[UUID]:
    """All letters that wait and match, oldest first: a group that keeps an order gets them in theirs."""
    page = await admin.dead_letters(limit=_PAGE, **filters)
    found = [letter.id for letter in page.items]
    while page.next is not None:
        page = await admin.dead_letters(limit=_PAGE, cursor=page.next, **filters)
        found += [letter.id for letter in page.items]
    return found[::-1]


def _format_count(ids: Sequence[UUID]) -> str:
    return f"{len(ids)} dead letter{'' if len(ids) == 1 else 's'}"


def _report(settlements: "Sequence[Settlement]") -> None:
    found = [settlement for settlement in settlements if settlement.status != "not_found"]
    if found or not settlements:
        screen.print(settlements_table(found))
    if len(found) != len(settlements):
        raise _letter_not_found(
            [settlement.dead_letter_id for settlement in settlements if settlement.status == "not_found"]
        )


def _letter_not_found(ids: Sequence[UUID]) -> LetterNotFoundError:
    names = ", ".join(map(str, ids))
    return LetterNotFoundError(f"no dead letter has the id {names}: `causeline dlq list --state all` shows them")
