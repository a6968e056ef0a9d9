"""Programs that tests start as children, each with its own way to end."""

from pathlib import Path

from tests.waiting import until_sync

#: Says when it is up, notes in a file that it was told to end, and ends.
POLITE = """
import signal, pathlib
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
pathlib.Path({up!r}).touch()
signal.sigwait([signal.SIGTERM])
with pathlib.Path({book!r}).open("a") as book:
    book.write({name!r} + "\\n")
"""

#: Says when it is up, and won't listen.
STUBBORN = """
import signal, pathlib
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path({up!r}).touch()
while True:
    signal.pause()
"""


#: Says when it is up; notes whether it was told to end once or more often, for which it waits a moment.
ASKED = """
import signal, pathlib
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
pathlib.Path({up!r}).touch()
signal.sigwait([signal.SIGTERM])
pathlib.Path({book!r}).write_text("asked ")
if signal.sigtimedwait([signal.SIGTERM], 0.5):
    pathlib.Path({book!r}).write_text("hurried")
"""


def polite(folder: Path, name: str) -> str:
    return POLITE.format(book=str(folder / "book"), name=name, up=str(folder / f"{name}.up"))


def stubborn(folder: Path, name: str) -> str:
    return STUBBORN.format(up=str(folder / f"{name}.up"))


def asked(folder: Path, name: str) -> str:
    return ASKED.format(book=str(folder / "book"), up=str(folder / f"{name}.up"))


def wait_up(folder: Path, *names: str) -> None:
    for name in names:
        until_sync((folder / f"{name}.up").exists, f"{name} is up")
