"""`causeline state`: which keys a run has, how large they are, who wrote and who reads them; the value of one."""

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from runtime import settings
from runtime.cli.admin_connection import connect_admin
from runtime.cli.collector_answers import RunDetail, RunStep
from runtime.cli.collector_api import ask_collector
from runtime.cli.run_ids import RunId
from runtime.cli.state_table import state_table
from runtime.cli.terminal import plain, screen
from runtime.errors import RunNotFoundError, ServerError, StateKeyNotFoundError

if TYPE_CHECKING:  # only names in signatures; they bring the store along
    from runtime.runs.registry import FoundRun
    from runtime.state.runs import KeptKey

state = typer.Typer(help="What runs keep: their keys, and who reads them.", no_args_is_help=True)

#: Keys of each kind that are listed.
_MOST: Final = 1000


@state.callback()
def _several() -> None:
    """More commands than one may come."""


@state.command()
def show(
    id_: RunId,
    key: Annotated[str | None, typer.Option(help="Print the value of this key alone, as JSON.")] = None,
) -> None:
    """Show the keys of a run, with their sizes, who wrote and who reads them; or the value of one of them."""
    if key is not None:
        _print_value(id_, key)
        return

    async def read() -> "tuple[FoundRun, list[KeptKey]]":
        async with connect_admin() as admin:
            found = await _find_run(admin, id_)
            return found, await admin.kept_keys(found, _MOST)

    found, kept = asyncio.run(read())
    steps: list[RunStep] = []
    missing = ""
    try:
        steps = ask_collector(settings.load().collector_url, f"/api/runs/{id_}", RunDetail)["steps"]
    except ServerError as error:  # what the server keeps is shown all the same
        missing = f"who reads and writes them is not known: {error}"
    screen.print(state_table(found.record.inputs, kept, steps))
    if max(sum(one.kind == kind for one in kept) for kind in ("result", "state")) == _MOST:
        screen.print(plain(f"of each kind the first {_MOST} by name are listed"))
    if missing:
        screen.print(plain(missing))


def _print_value(id_: Any, key: str) -> None:
    from runtime.codec.masking import mask_stored_text  # heavy; as in `causeline runs show`

    async def read() -> list[str]:
        async with connect_admin() as admin:
            found = await _find_run(admin, id_)
            texts = [found.record.inputs.get(key)]
            texts += [await admin.kept_value(found, _make_key(kind, key)) for kind in ("result", "state")]
            return [text for text in texts if text]

    texts = asyncio.run(read())
    if not texts:
        raise StateKeyNotFoundError(f"run {id_} has no key {key!r}: `causeline state show {id_}` lists those it has")
    redactor = settings.load().redactor()
    for text in texts:  # an input or a step, and a key of its state, may be called alike
        value = redactor.value(key, mask_stored_text(text))
        screen.print(plain(json.dumps(value, indent=2, ensure_ascii=False)), soft_wrap=True)


def _make_key(kind: Any, name: str) -> "KeptKey":
    from runtime.state.runs import KeptKey  # heavy, as above

    return KeptKey(kind, name, 0)


async def _find_run(admin: Any, id_: Any) -> "FoundRun":
    found: FoundRun | None = await admin.run(id_)
    if found is None:
        raise RunNotFoundError(f"no app has a run {id_} on this server: `causeline runs list` shows those there were")
    return found
