"""What adapters share: the step that records, and names of calls."""

import re
from typing import Final

from runtime.definitions.calls import current_call
from runtime.definitions.context import Context, current_context

#: Characters that no name has.
_OTHERS: Final = re.compile(r"[^A-Za-z0-9._-]+")
#: Characters of one part of a name, at most: names have 128.
_LONGEST: Final = 60


def find_recording_context() -> Context | None:
    """The step that records what is called now. None outside of any, in a handler, and within a call that is recorded
    as a whole."""
    context = current_context.get()
    if context is None or context.means is None or current_call.get():
        return None
    return context


def call_name(*parts: str) -> str:
    """A name for a call, of parts that others have named as they like."""
    return "/".join(_OTHERS.sub("-", part).strip("._-")[:_LONGEST] or "unnamed" for part in parts)


def missing_package_error(package: str, what: str, error: ImportError) -> ImportError:
    """The error that says what to install.

    Args:
        package: as it is installed.
        what: the framework.
        error: that it is not there, or a part of it.
    """
    return ImportError(f"this needs {what}, of which something is missing ({error}): pip install '{package}'")
