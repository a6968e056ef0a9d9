"""Keys of widgets, and names of files, made of names that may hold anything and be of any length."""

import hashlib
import json


def key(kind: str, *names: str) -> str:
    """Returns a key that no other names have: those of a widget are parts of a page's style sheet, too.

    Args:
        kind: what the widget does; stays readable.
        names: what it is about.
    """
    digest = hashlib.sha256(json.dumps(names).encode()).hexdigest()
    return f"{kind}-{digest[:20]}"
