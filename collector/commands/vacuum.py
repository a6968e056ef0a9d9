"""`causeline collector vacuum`."""

from pathlib import Path

from collector.commands.size import format_bytes
from collector.store import vacuum as store


def vacuum(path: Path) -> str:
    """Gives room back; returns what to say.

    Raises:
        StartError: when it can't be done; nothing was changed.
    """
    sizes = store.vacuum(path)
    return f"{path}: {format_bytes(sizes.before)} before, {format_bytes(sizes.after)} now"
