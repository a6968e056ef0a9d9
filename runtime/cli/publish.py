"""`causeline publish`: publish an event from outside, at once or for later."""

import asyncio
import json
from typing import Annotated

import typer

from runtime.cli.apps import load
from runtime.cli.terminal import plain, screen
from runtime.errors import DefinitionError


def publish(
    target: Annotated[str, typer.Argument(metavar="APP", help="module:app, or file.py, or file.py:app")],
    channel: Annotated[str, typer.Argument(help="The channel's name.")],
    data: Annotated[str, typer.Argument(help="The payload, as JSON.")] = "null",
    subject: Annotated[str, typer.Option(help="What the event is about.")] = "",
    key: Annotated[str, typer.Option(help="Your own; published again with it within a day, nothing is added.")] = "",
    delay: Annotated[float | None, typer.Option(help="Seconds that it is held back.")] = None,
    expires: Annotated[float | None, typer.Option(help="Seconds after which no group begins with it.")] = None,
) -> None:
    """Publish an event in the name of an app, and print its id."""
    app = load(target)
    try:
        payload = json.loads(data)
    except ValueError as error:
        raise DefinitionError(
            f"the payload for channel {channel} is not valid JSON ({error}): quote it, as in '{{\"n\": 1}}'"
        ) from None

    async def send() -> None:
        async with app.client():
            id_ = await app.publish(channel, payload, subject=subject, key=key, delay=delay, expires=expires)
        screen.print(plain(f"event {id_}"))

    asyncio.run(send())
