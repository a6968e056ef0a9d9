"""What an example knows itself of what it did, to compare with what you see: written where `JOURNAL` says, as JSON."""

import json
import os
import threading
from pathlib import Path
from typing import Any

_entries: list[dict[str, Any]] = []
_lock = threading.Lock()


def note(did: str, name: str, **facts: Any) -> None:
    """Notes one thing that the program did, in order: a `run`, a `step`, a call of a `model` or a `tool`."""
    with _lock:
        _entries.append({"did": did, "name": name, **facts})
        if path := os.environ.get("JOURNAL"):
            Path(path).write_text(json.dumps(_entries, indent=1))
