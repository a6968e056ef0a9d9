"""`causeline token`: make, list and revoke what lets programs and people in at the collector of this home."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from runtime import private, settings
from runtime.cli.terminal import format_moment, plain, say, screen
from runtime.errors import QueryError
from runtime.home import find_home
from runtime.tokens import Register, Scope, Token, create, revoke

token = typer.Typer(help="Tokens: who may send telemetry, read, and operate.", no_args_is_help=True)

_LONGEST = 100

Name = Annotated[str, typer.Option("--name", help="Whose it is; the audit names them so.")]
Scopes = Annotated[list[Scope], typer.Option("--scope", help="What it is good for; may be given several times.")]
Days = Annotated[float | None, typer.Option(min=0.001, help="Days that it is good for; by default for ever.")]
To = Annotated[Path | None, typer.Option(help="File to write it to, for its user alone, instead of showing it.")]
Keep = Annotated[bool, typer.Option("--keep", help="Do nothing where that file is there already.")]


@token.command("create")
def create_(name: Name, scope: Scopes, *, days: Days = None, to: To = None, keep: Keep = False) -> None:
    """Make a token, and show it once. A collector that runs takes it from now on; the first one makes it ask for
    tokens."""
    home = _find_home()
    if to is not None and keep:
        if to.exists():
            return
        if any(one.name == name and one.is_valid(time.time()) for one in Register(home).tokens()):
            revoke(home, name)  # its file is gone, and nobody can present it
    if not name.strip() or len(name) > _LONGEST or not name.isprintable():
        raise QueryError(f"a token's name has 1 to {_LONGEST} characters that can be printed")
    shown = create(home, name.strip(), scope, days)
    if to is not None:
        private.write(to, f"{shown}\n")
        return
    typer.echo(shown)  # alone on stdout, for scripts
    typer.echo("Keep it: only its hash is stored. Programs find it in CAUSELINE_TOKEN.", err=True)


@token.command("list")
def list_() -> None:
    """List all tokens, also those that are good for nothing any more."""
    found = Register(_find_home()).tokens()
    if not found:
        say("no tokens: everybody of this machine is let in")
        return
    table = Table("name", "id", "scopes", "made", "state", box=None, header_style="dim")
    for one in found:
        made = format_moment(one.created_at * 1000)
        table.add_row(plain(one.name), one.id, ", ".join(sorted(one.scopes)), made, _describe_state(one))
    screen.print(table)


@token.command("revoke")
def revoke_(which: Annotated[str, typer.Argument(metavar="NAME", help="Its name, or its id.")]) -> None:
    """End a token at once, for collectors that run, too."""
    for ended in revoke(_find_home(), which):
        say(f"revoked: {ended.name} ({ended.id})")


def _find_home() -> Path:
    return find_home(settings.load().home)


def _describe_state(one: Token) -> str:
    if one.revoked_at:
        return f"revoked {format_moment(one.revoked_at * 1000)}"
    if not one.expires_at:
        return "in use"
    return f"{'until' if one.is_valid(time.time()) else 'over since'} {format_moment(one.expires_at * 1000)}"
