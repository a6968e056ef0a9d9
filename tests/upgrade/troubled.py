"""The app as the workers of `make_home.py` run it: work fails, hangs and kills where the home is to show it.

Loaded by `causeline worker` as a file, with the release that makes the home on the path.
"""

import asyncio
import os
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import parcels
from conditions import LIMIT, until

from runtime import Context, NonRetryableError
from runtime.bus.redis import RedisBus
from runtime.state.redis import RedisState

FOLDER: Final = "MAKING_FOLDER"
"""Variable with the path of a folder that workers and their maker tell each other things in."""

HOST: Final = "depot"
"""What the home calls the machine that it is made on."""

#: What becomes of one attempt after the other; those that follow go well. By work and subject; with a round where that
#: is not 0.
TROUBLES: Final[Mapping[str, tuple[str, ...]]] = {
    "transit failed": ("give up",),
    "weighing cancelled": ("fail",),
    "weighing crossing": ("fail",),
    "weighing retry": ("fail",),
    "transit crossing": ("hold",),
    "sorting mid": ("hold",),
    "delivery arrived": ("hold",),
    "check lost-child": ("wait",),
    "pay lost-child": ("fail", "fail", "fail"),
    "send_sms sms-down": ("fail", "fail", "fail"),
    "send_sms no-number": ("fail", "give up"),
    "send_sms given-up": ("give up",),
    "send_sms again": ("fail", "fail", "fail"),
    "send_sms untold": ("wait, give up",),
    "send_sms held-again": ("fail", "hold"),
    "billing mended": ("fail", "fail", "fail"),
    "billing hopeless": ("fail", "fail", "fail"),
    "billing hopeless 1": ("fail", "fail", "fail"),
    "billing poison": ("wait, kill", "kill", "kill", "kill"),
    "billing unbilled": ("wait",),
    "billing held": ("hold",),
    "show waits": ("fail",),
    "books waits": ("fail",),
    "make_good lost-once": ("fail",),
}

#: Commits that their worker does not outlive, by subject and step.
LAST_COMMITS: Final = frozenset({("uncarried", "delivery"), ("begun", "pickup")})

#: The publish that its worker does not outlive, by subject and channel.
LAST_PUBLISH: Final = ("carried", parcels.DELIVERED)

#: Seconds that an attempt may be held while others go on.
_LONG: Final = 10 * LIMIT

#: Ages that no orphan gets while a home is made: what one worker leaves behind, the next one leaves alone.
_NEVER_MS: Final = 10**9


class Troubled:
    """A world that makes trouble."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def meet(self, work: str, context: Context, given: Mapping[str, Any]) -> None:
        name = f"{work} {context.subject}" + (f" {context.round}" if context.round else "")
        troubles = TROUBLES.get(name, ())
        trouble = troubles[context.attempt - 1] if context.attempt <= len(troubles) else ""
        if trouble == "hold" or trouble.startswith("wait"):
            marker(self._folder, "held", name).touch()
            if trouble == "hold":
                await asyncio.Event().wait()  # until this process ends
            await until(marker(self._folder, "released", name).exists, f"{name} is released", _LONG)
        if trouble.endswith("kill"):
            die()
        if trouble.endswith("give up"):
            raise NonRetryableError("there is no such number")
        if trouble == "fail":
            raise OSError("the line is dead")


def marker(folder: Path, what: str, name: str) -> Path:
    """The file that says that an attempt is `held`, or `released`."""
    return folder / f"{what} {name}"


def die() -> None:
    """Ends this process as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def be_neutral() -> None:
    """Keeps the names of this machine and of its folders out of what is written down."""
    folders = sorted({f"{folder}/" for folder in sys.path if folder}, key=len, reverse=True)
    told = traceback.format_exception

    def format_exception(*args: Any, **kwargs: Any) -> list[str]:
        lines = told(*args, **kwargs)
        for folder in folders:
            lines = [line.replace(folder, "") for line in lines]
        return lines

    socket.gethostname = lambda: HOST
    traceback.format_exception = format_exception


def _leave_orphans_alone() -> None:
    ours = [module for name, module in sys.modules.items() if name.startswith("runtime.")]
    found = [module for module in ours if hasattr(module, "ORPHAN_MS")]
    for module in found:
        module.ORPHAN_MS = _NEVER_MS
    if not found:
        raise RuntimeError("nothing has an ORPHAN_MS any more: workers would tidy up what the home is to show")


def _arm() -> None:
    """Kills this process behind a change on the server, before it does what follows from that."""
    _die_after(RedisState, "commit", lambda claim, *_: (claim.run.subject, claim.task.step) in LAST_COMMITS)
    _die_after(RedisBus, "ack", lambda delivery, *_: _subject(delivery) == "unbilled" and "billing" in delivery.group)
    _die_after(RedisBus, "bury", lambda delivery, *_: _subject(delivery) == "untold")
    _die_after(RedisBus, "publish", lambda event: (event.subject, event.channel) == LAST_PUBLISH)


def _die_after(owner: type, method: str, applies: Callable[..., bool]) -> None:
    original = getattr(owner, method)

    async def last(self: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await original(self, *args, **kwargs)
        if applies(*args):
            die()
        return answer

    setattr(owner, method, last)


def _subject(delivery: Any) -> str:
    return delivery.envelope.subject if delivery.envelope else ""


if FOLDER in os.environ:
    be_neutral()
    _leave_orphans_alone()
    _arm()
    app = parcels.declared(Troubled(Path(os.environ[FOLDER]))).app
