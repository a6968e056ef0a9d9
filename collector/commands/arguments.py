"""The words of a command line, and the times in them."""

import argparse
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_AGO: Final = re.compile(r"(\d{1,6})([smhdw])")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def make_parser() -> argparse.ArgumentParser:
    """Returns what reads the arguments of `python -m collector`; `command` is None where it is to serve."""
    top = argparse.ArgumentParser(prog="causeline collector", description="Serve, or look after what is stored.")
    commands = top.add_subparsers(dest="command")
    commands.add_parser("vacuum", help="give room back that nothing takes any more")
    export = commands.add_parser("export", help="write a time range into a file or a folder")
    export.add_argument("target", type=Path, metavar="FILE.tar|FOLDER")
    export.add_argument(
        "--since", type=parse_moment, metavar="TIME", help="such as 7d (ago), 2026-05-01, 2026-05-01T12:00Z"
    )
    export.add_argument("--until", type=parse_moment, metavar="TIME", help="exclusive; default: now")
    import_ = commands.add_parser("import", help="take an export in; twice is as good as once")
    import_.add_argument("source", type=Path, metavar="FILE.tar|FOLDER")
    for exchanging in (export, import_):
        exchanging.add_argument("--collector", metavar="URL", help="ask this collector instead of the database's file")
    return top


def parse_moment(text: str) -> datetime:
    """Returns a time: so long ago, or a date with or without a time of day, of the reader's zone where it names none.

    Raises:
        argparse.ArgumentTypeError: when it is neither.
    """
    if ago := _AGO.fullmatch(text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a time: say how long ago, such as 7d or 90m, or 2026-05-01, or 2026-05-01T12:00Z"
        ) from None
